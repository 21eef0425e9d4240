package exec_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/exec"
)

// spilling is a model whose input and results do not fit into the memory that the tests allow.
const spilling = `time month 2024-01 to 2024-12
dimension Product = P1..P5
dimension Store = S1..S2000
input level[Product, Store, month] = others others others: 1.1, P2 S7 2024-03..: 7.3, P1 S1..S900 2024-02: 3.7
units[Product, Store, month] = level * (1 + hash(1 over Product, Store, time))
total[Product, month] = sum(units over Store)
share[Product, Store, month] = units / total
show share by Product, Store, month
show units by Store, month`

// tiles opens the file without a name to which a run has put values that lie in a folder.
func tiles(t *testing.T, folder string) *os.File {
	t.Helper()
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		if to, err := os.Readlink(l); err == nil && strings.HasPrefix(to, filepath.Join(folder, "napkin-calc-")) {
			f, err := os.OpenFile(l, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
	}
	t.Fatal("no values went to the disk")
	return nil
}

// TestDamagedTiles holds that values which come back from the disk other than they went there, or not at all, are an error that names their variable:
// while a model is computed, and when its result is read.
func TestDamagedTiles(t *testing.T) {
	for name, damage := range map[string]func(f *os.File) error{
		"a flipped bit": func(f *os.File) error {
			info, err := f.Stat()
			if err != nil {
				return err
			}
			for at := int64(5); at < info.Size(); at += 512 {
				b := [1]byte{}
				if _, err := f.ReadAt(b[:], at); err != nil {
					return err
				}
				b[0] ^= 4
				if _, err := f.WriteAt(b[:], at); err != nil {
					return err
				}
			}
			return nil
		},
		"cut off": func(f *os.File) error { return f.Truncate(100) },
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			m := check(t, spilling, model.Options{})
			spoil := func() {
				f := tiles(t, folder)
				defer f.Close()
				if err := damage(f); err != nil {
					t.Fatal(err)
				}
			}
			_, err := exec.Run(t.Context(), m, exec.Options{Sample: -1, Memory: 1, Plain: true, Folder: folder, Loaded: spoil})
			if err == nil || !strings.HasPrefix(err.Error(), "units: ") || !strings.Contains(err.Error(), folder) {
				t.Errorf("before the run: %v", err)
			}
			r, err := exec.Run(t.Context(), m, exec.Options{Sample: -1, Memory: 1, Plain: true, Folder: folder})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			spoil()
			var rd exec.Reader
			if _, err = r.Values(&rd, m.Var("share").ID, 0, 0); err == nil || !strings.HasPrefix(err.Error(), "share: ") || !strings.Contains(err.Error(), folder) {
				t.Errorf("behind it: %v", err)
			}
		})
	}
}

// TestFullDisk holds that a disk without room for what does not fit into memory is an error that names the variable and the folder.
func TestFullDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root mounts a small disk")
	}
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("mounting is not allowed here: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	m := check(t, strings.Replace(spilling, "level *", "1.5 *", 1), model.Options{})
	_, err := exec.Run(t.Context(), m, exec.Options{Sample: -1, Memory: 1, Plain: true, Folder: folder})
	if err == nil || !strings.HasPrefix(err.Error(), "units: ") || !strings.Contains(err.Error(), fmt.Sprintf("a file in %s", folder)) || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("the error is %v", err)
	}
}
