package workspace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/rate"
)

func TestWriteReplacesWhole(t *testing.T) {
	root := t.TempDir()
	w := At(root)
	if _, err := os.Stat(w.Dir()); err == nil {
		t.Fatal("At made the folder")
	}
	for _, text := range []string{"a longer first text", "second"} {
		if err := w.Write("patches/01-a.patch", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := os.ReadFile(filepath.Join(root, ".napkin/patches/01-a.patch")); string(got) != "second" {
		t.Errorf("the file holds %q", got)
	}
	if got, _ := os.ReadFile(filepath.Join(root, ".napkin/.gitignore")); string(got) != "*\n" {
		t.Errorf(".gitignore holds %q", got)
	}
	if err := w.Write("patches/notes.txt", nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Clear("patches", ".patch"); err != nil {
		t.Fatal(err)
	}
	left, _ := os.ReadDir(filepath.Join(root, ".napkin/patches"))
	if len(left) != 1 || left[0].Name() != "notes.txt" {
		t.Errorf("Clear left %v", left)
	}
	if err := w.Clear("none", ".patch"); err != nil {
		t.Errorf("clear a folder that is not there: %v", err)
	}
}

func TestWritesStayInside(t *testing.T) {
	root, elsewhere := t.TempDir(), t.TempDir()
	for _, name := range []string{"../x", "/etc/x", ".", "", "a/../../x"} {
		if err := At(root).Write(name, nil); err == nil {
			t.Errorf("Write(%q) was done", name)
		}
	}
	// A link in the audited tree must not lead writes out of it.
	if err := os.Symlink(elsewhere, filepath.Join(root, ".napkin")); err != nil {
		t.Fatal(err)
	}
	if err := At(root).Write("audit.md", []byte("x")); err == nil {
		t.Error("a linked workspace was written")
	}
	if _, err := At(root).SaveRun(context.Background(), Run{Kind: "audit"}); err == nil {
		t.Error("a run was saved through a link")
	}
	if entries, _ := os.ReadDir(elsewhere); len(entries) != 0 {
		t.Errorf("%d files were written outside", len(entries))
	}
	root = t.TempDir()
	if err := At(root).Write("x", nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(root, ".napkin/patches")); err != nil {
		t.Fatal(err)
	}
	if err := At(root).Write("patches/1.patch", nil); err == nil {
		t.Error("a linked subfolder was written")
	}
}

func TestRemove(t *testing.T) {
	w := At(t.TempDir())
	for _, name := range []string{"a.json", "empty/x", "full/x"} {
		if err := w.Write(name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a.json", "empty/x", "empty", "full", "nowhere", "nowhere/x"} {
		if err := w.Remove(name); err != nil {
			t.Errorf("remove %s: %v", name, err)
		}
	}
	for name, there := range map[string]bool{"a.json": false, "empty": false, "full/x": true, ".gitignore": true} {
		if _, err := os.Lstat(filepath.Join(w.Dir(), name)); (err == nil) != there {
			t.Errorf("%s: there %v, want %v", name, err == nil, there)
		}
	}
	if err := w.Remove("../a"); err == nil {
		t.Error("a file outside was removed")
	}
}

func TestRuns(t *testing.T) {
	ctx := context.Background()
	w := At(t.TempDir())
	defer w.Close()
	if r, err := w.LastRun(ctx, "audit"); r != nil || err != nil {
		t.Fatalf("a project without runs has %v, %v", r, err)
	}
	if _, err := os.Stat(w.Dir()); err == nil {
		t.Error("looking for a run made the folder")
	}
	started := time.Date(2026, 11, 22, 10, 0, 0, 5, time.UTC)
	for i := range kept + 5 {
		if _, err := w.SaveRun(ctx, Run{Kind: "audit", Started: started, Took: time.Duration(i), Limit: 7, Report: fmt.Appendf(nil, `{"n":%d}`, i)}); err != nil {
			t.Fatal(err)
		}
	}
	save := func(r Run) {
		t.Helper()
		r.Started = started
		if _, err := w.SaveRun(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	save(Run{Kind: "audit", Partial: true, Report: []byte("partial")})
	save(Run{Kind: "audit", Scope: "db.*", Report: []byte("narrow")})
	save(Run{Kind: "review", Report: []byte("other")})
	r, err := w.LastRun(ctx, "audit")
	if err != nil || string(r.Report) != fmt.Sprintf(`{"n":%d}`, kept+4) || !r.Started.Equal(started) || r.Took != kept+4 || r.Limit != 7 {
		t.Errorf("last full run: %+v, %v", r, err)
	}
	if r, err := w.LastRun(ctx, "audit", "db.*", ""); err != nil || string(r.Report) != "narrow" {
		t.Errorf("last run of a scope: %+v, %v", r, err)
	}
	var n int
	if err := w.db.QueryRow("select count(*) from runs where kind = 'audit' and scope = ''").Scan(&n); err != nil || n != kept {
		t.Errorf("%d runs kept, %v; want %d", n, err, kept)
	}
}

// TestTwoProcesses saves runs from two processes and from goroutines of each at once.
func TestTwoProcesses(t *testing.T) {
	const each = 8
	save := func(root string) error {
		var wg sync.WaitGroup
		failed := make(chan error, each)
		for range each {
			wg.Go(func() {
				w := At(root)
				defer w.Close()
				if _, err := w.SaveRun(context.Background(), Run{Kind: "audit", Report: []byte("{}")}); err != nil {
					failed <- err
				}
				if err := w.Write("audit.md", []byte(strings.Repeat("x", 10_000))); err != nil {
					failed <- err
				}
			})
		}
		wg.Wait()
		close(failed)
		return <-failed
	}
	if root := os.Getenv("NAPKIN_WORKSPACE_TEST_ROOT"); root != "" {
		if err := save(root); err != nil {
			t.Fatal(err)
		}
		return
	}
	root := t.TempDir()
	other := exec.Command(os.Args[0], "-test.run=^TestTwoProcesses$")
	other.Env = append(os.Environ(), "NAPKIN_WORKSPACE_TEST_ROOT="+root)
	var said strings.Builder
	other.Stdout, other.Stderr = &said, &said
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	err := save(root)
	if waited := other.Wait(); waited != nil {
		t.Fatalf("the other process: %v\n%s", waited, said.String())
	}
	if err != nil {
		t.Fatal(err)
	}
	w := At(root)
	defer w.Close()
	if _, err := w.LastRun(context.Background(), "audit"); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := w.db.QueryRow("select count(*) from runs").Scan(&n); err != nil || n != 2*each {
		t.Errorf("%d runs, %v; want %d", n, err, 2*each)
	}
	entries, _ := os.ReadDir(w.Dir())
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".writing-") {
			t.Errorf("%s was left behind", entry.Name())
		}
	}
}

func TestDamagedAndForeignDatabase(t *testing.T) {
	ctx := context.Background()
	for name, content := range map[string]string{"damaged": strings.Repeat("not a database ", 100), "cut": "SQLite format 3\x00"} {
		root := t.TempDir()
		if err := At(root).Write("runs.db", []byte(content)); err != nil {
			t.Fatal(err)
		}
		if _, err := At(root).LastRun(ctx, "audit"); err == nil || !strings.Contains(err.Error(), "runs.db") {
			t.Errorf("%s: %v", name, err)
		}
	}
	w := At(t.TempDir())
	if _, err := w.SaveRun(ctx, Run{Kind: "audit"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.Exec("pragma user_version = 9"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if _, err := w.LastRun(ctx, "audit"); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("a newer database: %v", err)
	}
}

// TestReadOnly runs the writes as a user who may not write the folder.
func TestReadOnly(t *testing.T) {
	if root := os.Getenv("NAPKIN_WORKSPACE_TEST_READONLY"); root != "" {
		w := At(root)
		defer w.Close()
		if err := w.Write("audit.md", nil); !errors.Is(err, ErrReadOnly) {
			t.Errorf("Write: %v", err)
		}
		if _, err := w.SaveRun(context.Background(), Run{Kind: "audit"}); !errors.Is(err, ErrReadOnly) {
			t.Errorf("SaveRun: %v", err)
		}
		if r, err := w.LastRun(context.Background(), "audit"); err != nil || (r != nil) != (os.Getenv("NAPKIN_WORKSPACE_TEST_HAS_RUN") == "1") {
			t.Errorf("LastRun: %v, %v", r, err)
		}
		return
	}
	for _, hasRun := range []string{"0", "1"} {
		root, err := os.MkdirTemp("", "napkin-readonly-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(root)
		if hasRun == "1" {
			w := At(root)
			if _, err := w.SaveRun(context.Background(), Run{Kind: "audit"}); err != nil {
				t.Fatal(err)
			}
			w.Close()
		}
		for _, dir := range []string{root, filepath.Join(root, DirName)} {
			if _, err := os.Stat(dir); err == nil {
				if err := os.Chmod(dir, 0o555); err != nil {
					t.Fatal(err)
				}
				defer os.Chmod(dir, 0o755)
			}
		}
		// The test binary of a package may lie in a folder that another user cannot enter.
		binary := filepath.Join(filepath.Dir(root), filepath.Base(root)+".test")
		data, err := os.ReadFile(os.Args[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(binary, data, 0o755); err != nil {
			t.Fatal(err)
		}
		defer os.Remove(binary)
		child := exec.Command(binary, "-test.run=^TestReadOnly$")
		child.Env = append(os.Environ(), "NAPKIN_WORKSPACE_TEST_READONLY="+root, "NAPKIN_WORKSPACE_TEST_HAS_RUN="+hasRun)
		child.Dir = os.TempDir()
		if os.Getuid() == 0 {
			// Root writes everywhere, so the child becomes nobody.
			child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		if out, err := child.CombinedOutput(); err != nil {
			t.Errorf("has run %s: %v\n%s", hasRun, err, out)
		}
	}
}

func TestMachine(t *testing.T) {
	env := map[string]string{"HOME": t.TempDir()}
	m := ThisMachine(func(name string) string { return env[name] })
	if m.Config != filepath.Join(env["HOME"], ".config/napkin") || m.State != filepath.Join(env["HOME"], ".local/state/napkin") {
		t.Errorf("folders without XDG variables: %+v", m)
	}
	env["XDG_STATE_HOME"], env["XDG_CACHE_HOME"] = t.TempDir(), "relative"
	m = ThisMachine(func(name string) string { return env[name] })
	if m.State != filepath.Join(env["XDG_STATE_HOME"], "napkin") || m.Cache != filepath.Join(env["HOME"], ".cache/napkin") {
		t.Errorf("folders with XDG variables: %+v", m)
	}
	p, err := m.Profile()
	if r, _ := p.Get(rate.Fsync); err != nil || r.Origin != rate.Published {
		t.Errorf("never measured: %+v, %v", r, err)
	}
	path, err := m.SaveRates([]rate.Rate{{Name: rate.Fsync, Kind: rate.Latency, Value: 1e-4, Origin: rate.Measured}})
	if err != nil {
		t.Fatal(err)
	}
	p, err = m.Profile()
	if r, _ := p.Get(rate.Fsync); err != nil || r.Origin != rate.Measured {
		t.Errorf("measured: %+v, %v", r, err)
	}
	// More rates stand beside these; one that is invalid is kept and not used.
	if _, err := m.AddRates([]rate.Rate{{Name: rate.Syscall, Kind: rate.Latency, Value: 1e-7, Origin: rate.Measured, Verdict: rate.Invalid}}); err != nil {
		t.Fatal(err)
	}
	kept, err := m.Rates()
	if err != nil || len(kept) != 2 || kept[1].Verdict != rate.Invalid {
		t.Errorf("kept %+v, %v", kept, err)
	}
	p, err = m.Profile()
	if r, _ := p.Get(rate.Syscall); err != nil || r.Origin != rate.Published {
		t.Errorf("an invalid measurement is used: %+v, %v", r, err)
	}
	for _, bad := range []string{"{", `[{"name":"fsync","value":0,"origin":"measured"}]`, `[{"name":"fsync","value":1,"origin":"published"}]`} {
		if err := os.WriteFile(path, []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		p, err := m.Profile()
		if err == nil {
			t.Errorf("a file holding %s is taken", bad)
		}
		if r, _ := p.Get(rate.Fsync); r.Origin != rate.Published {
			t.Errorf("a file holding %s gives %+v", bad, r)
		}
	}
	if m := ThisMachine(func(string) string { return "" }); m != (Machine{}) {
		t.Errorf("without a home: %+v", m)
	}
}
