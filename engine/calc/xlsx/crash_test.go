//go:build linux

package xlsx_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/xlsx"
	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
)

// TestKilled kills a process that writes a workbook in place, again and again, and finds a whole workbook each time.
func TestKilled(t *testing.T) {
	if path := os.Getenv("NAPKIN_XLSX_REWRITE"); path != "" {
		rewriteForever(t, path)
	}
	path := filepath.Join(t.TempDir(), "victim.xlsx")
	if err := xlsxtest.Create(path, xlsxtest.Options{Rows: 5000}); err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		child := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		child.Env = append(os.Environ(), "NAPKIN_XLSX_REWRITE="+path)
		out, err := child.StdoutPipe()
		if err == nil {
			err = child.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		line, _ := bufio.NewReader(out).ReadString('\n')
		if !strings.HasPrefix(line, "writing") {
			t.Fatalf("the child says %q", line)
		}
		time.Sleep(time.Duration(i*7) * time.Millisecond)
		_ = child.Process.Kill()
		_ = child.Wait()
		f, err := xlsx.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var c counter
		err = f.Read(context.Background(), func(int) xlsx.Sink { return &c }, nil)
		_ = f.Close()
		if err != nil || c.formulas != 20_000 {
			t.Fatalf("after a kill: %v, %d formulas", err, c.formulas)
		}
	}
}

func rewriteForever(t *testing.T, path string) {
	_, _ = os.Stdout.WriteString("writing\n")
	for {
		f, err := xlsx.Open(path)
		if err == nil {
			err = f.Write(context.Background(), path, &doubled{}, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
	}
}

// TestFullDisk: a copy that does not fit on the disk is an error that says so, and the original is what it was.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a small disk cannot be made: %v", err)
	}
	defer func() { _ = syscall.Unmount(dir, 0) }()
	path := filepath.Join(dir, "full.xlsx")
	if err := xlsxtest.Create(path, xlsxtest.Options{Rows: 10_000}); err != nil {
		t.Fatal(err)
	}
	f, err := xlsx.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	err = f.Write(context.Background(), path, &doubled{}, nil)
	if err == nil || !strings.Contains(err.Error(), "no space left on the disk, the original file is as it was") {
		t.Errorf("got %v", err)
	}
	if names, _ := os.ReadDir(dir); len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
	var c counter
	if err := f.Read(context.Background(), func(int) xlsx.Sink { return &c }, nil); err != nil || c.formulas != 40_000 {
		t.Errorf("the original has %d formulas, %v", c.formulas, err)
	}
}
