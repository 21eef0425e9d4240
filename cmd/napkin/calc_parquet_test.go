package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCalcParquet writes and reads Parquet, or says what is missing for it.
func TestCalcParquet(t *testing.T) {
	s := newSession(t)
	out := filepath.Join(s.project, "out.parquet")
	path := filepath.Join(s.project, "m.nap")
	s.write(t, path, "dimension A = x, y\ninput v[A] = x: 2, y: 0.5\nshow v by A\n")
	code, stdout, stderr := s.run(t, "calc", "run", path, "-o", out)
	if parquetMissing() != nil {
		if code != exitError || !strings.Contains(stderr, "built without Parquet") {
			t.Errorf("exit %d\n%s%s", code, stdout, stderr)
		}
		if _, err := os.Stat(out); err == nil {
			t.Error("a file was written")
		}
		s.write(t, path, "dimension A = x, y\ninput v[A] from parquet \"out.parquet\"\nshow v by A\n")
		if code, _, stderr := s.run(t, "calc", "run", path); code != exitError || !strings.Contains(stderr, "built without Parquet") {
			t.Errorf("reading: exit %d, %s", code, stderr)
		}
		return
	}
	if code != exitOK || stdout != "" {
		t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
	}
	s.write(t, path, "dimension A = y, x\ninput v[A] from parquet \"out.parquet\"\nshow v by A\n")
	if code, stdout, stderr := s.run(t, "calc", "run", path); code != exitOK || stdout != "v by A\nA    v\ny  0.5\nx  2.0\n" {
		t.Errorf("reading: exit %d\n%s%s", code, stdout, stderr)
	}
}
