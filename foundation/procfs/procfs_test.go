package procfs

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	got, ok := parseStat("42 (post) gres: x) S 7 1 1 0 -1 4194560 1 2 3 4 150 50 20 30 20 0 1 0 99")
	if want := (process{parent: 7, threads: 1, own: 2 * time.Second, ended: 500 * time.Millisecond}); !ok || got != want {
		t.Errorf("read as %+v, %v; want %+v", got, ok, want)
	}
	for _, text := range []string{"", "nonsense", "1 (x) S 0 1", "1 (x) S a 1 1 0 -1 4194560 1 2 3 4 150 50 20 30 20 0 1"} {
		if _, ok := parseStat(text); ok {
			t.Errorf("%q is read", text)
		}
	}
}

// TestTree holds that times of a tree are added up, from a folder in which one process has several threads and
// another stands outside.
func TestTree(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"1/stat":         "1 (init) S 0 1 1 0 -1 0 0 0 0 0 900 0 0 0 20 0 1 0",
		"7/stat":         "7 (server) S 1 1 1 0 -1 0 0 0 0 0 100 100 50 50 20 0 3 0",
		"7/schedstat":    "5 1 1",
		"8/stat":         "8 (session) S 7 1 1 0 -1 0 0 0 0 0 100 0 0 0 20 0 1 0",
		"8/schedstat":    "1234567890 1 1",
		"9/stat":         "9 (below) S 8 1 1 0 -1 0 0 0 0 0 50 0 0 0 20 0 1 0",
		"self/stat":      "not a number",
		"meminfo":        "MemTotal:       2048 kB\nMemAvailable:   1024 kB\n",
		"pressure/cpu":   "some avg10=1.50 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=9.00 avg60=0.00 avg300=0.00 total=9\n",
		"pressure/empty": "",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p := FS(root)
	if got, ok := p.TreeCPU(7); !ok || got != 3*time.Second+1234567890+500*time.Millisecond {
		t.Errorf("the tree took %v, %v", got, ok)
	}
	if got, ok := p.TreeCPU(2); ok {
		t.Errorf("a process that is not there took %v", got)
	}
	if got, ok := p.Memory("MemAvailable"); !ok || got != 1<<20 {
		t.Errorf("memory %v, %v", got, ok)
	}
	if _, ok := p.Memory("Mem"); ok {
		t.Error("a field that is not there is known")
	}
	if total, avg10, ok := p.Pressure("cpu"); !ok || total != 2500*time.Millisecond || avg10 != 1.5 {
		t.Errorf("pressure %v, %v, %v", total, avg10, ok)
	}
	if _, _, ok := p.Pressure("empty"); ok {
		t.Error("pressure that nobody counts is known")
	}
}
