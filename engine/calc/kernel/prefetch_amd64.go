package kernel

import "unsafe"

// prefetch asks for the cache lines of n bytes from p on. The language has no other way to.
//
//go:noescape
func prefetch(p unsafe.Pointer, n int)
