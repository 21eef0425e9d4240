package database

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/napkin-infra/napkin/foundation/scratch"
)

// TestSQLiteInAFolderThatCannotBeWritten runs on a thread without root's rights, which ends with the test.
func TestSQLiteInAFolderThatCannotBeWritten(t *testing.T) {
	account, err := scratch.Unprivileged()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "napkin-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = os.Chmod(dir, 0o700)
		os.RemoveAll(dir)
	})
	makeSQLite(t, filepath.Join(dir, "plain.db"), "delete")
	makeSQLite(t, filepath.Join(dir, "wal.db"), "wal")
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		if account != nil {
			if err := syscall.Setfsuid(int(account.Uid)); err != nil {
				t.Error(err)
				return
			}
		}
		if _, err := os.Create(filepath.Join(dir, "new")); !errors.Is(err, os.ErrPermission) {
			t.Errorf("the folder can be written: %v", err)
			return
		}
		if db, err := OpenSQLite(t.Context(), URL{Kind: SQLite, Path: filepath.Join(dir, "plain.db")}, Options{}); err != nil {
			t.Error(err)
		} else {
			db.Close()
		}
		if db, err := OpenSQLite(t.Context(), URL{Kind: SQLite, Path: filepath.Join(dir, "wal.db")}, Options{}); err == nil {
			db.Close()
			t.Error("a database in WAL mode was opened without its WAL")
		} else if !strings.Contains(err.Error(), "copy it and its -wal") {
			t.Error(err)
		}
	}()
	<-done
}
