//go:build !amd64

package kernel

import "unsafe"

// prefetch does nothing: the processor finds out itself.
func prefetch(unsafe.Pointer, int) {}
