package kernel

import "unsafe"

// Prefetch says that codes are soon to be read, and does not wait for them.
func Prefetch(codes []int8) {
	if len(codes) > 0 {
		prefetch(unsafe.Pointer(&codes[0]), len(codes))
	}
}
