//go:build linux || openbsd || dragonfly || solaris

package inventory

import (
	"io/fs"
	"syscall"
)

// change returns what a file system keeps of a file besides size and modification time, and no program
// can set back: the time of the last change of any of them (ns) and the number of the file.
func change(info fs.FileInfo) (changed int64, inode uint64) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ctim.Nano(), uint64(st.Ino) //nolint:unconvert // its size differs between systems
	}
	return 0, 0
}
