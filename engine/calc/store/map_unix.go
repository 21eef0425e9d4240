//go:build unix

package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapped reserves a part of a file on the disk and maps it. Writing to what is not reserved would end the process where the disk is full.
func mapped(f *os.File, at int64, bytes int) ([]byte, error) {
	if err := reserve(f, at, bytes); err != nil {
		return nil, err
	}
	return unix.Mmap(int(f.Fd()), at, bytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
}

func unmap(b []byte) error { return unix.Munmap(b) }

// release gives memory of a mapped file back to the system, which keeps the content. That it cannot is no fault.
func release(b []byte) { _ = unix.Madvise(b, unix.MADV_DONTNEED) }

// reserve writes a part of a file.
func reserve(f *os.File, at int64, bytes int) error {
	zeros := make([]byte, 1<<20)
	for bytes > 0 {
		n, err := f.WriteAt(zeros[:min(bytes, len(zeros))], at)
		if err != nil {
			return err
		}
		at, bytes = at+int64(n), bytes-n
	}
	return nil
}
