// Package hugepage asks for large pages under memory that is read at the speed of memory.
package hugepage

import (
	"syscall"
	"unsafe"
)

// Advise asks for pages of 2 MiB under what is not used yet: reading memory with ordinary ones, a processor waits for the address of each 4 KiB. Where the
// system has none the memory stays as it is.
func Advise(b []float64) {
	const page = 2 << 20
	if len(b) < page/8 {
		return
	}
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(&b[0])), len(b)*8)
	skip := int(-uintptr(unsafe.Pointer(&b[0])) & (page - 1))
	if whole := (len(bytes) - skip) &^ (page - 1); whole > 0 {
		_ = syscall.Madvise(bytes[skip:skip+whole], syscall.MADV_HUGEPAGE)
	}
}
