//go:build unix

package datadiff

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lock takes a journal for this process, until it is closed.
func lock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return fmt.Errorf("another run writes the journal %s now; wait for its end, or run in another folder", f.Name())
	}
	if errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOLCK) {
		return nil // a file system without locks
	}
	return err
}
