//go:build !linux

// Package hugepage asks for large pages under memory that is read at the speed of memory.
package hugepage

// Advise does nothing: systems other than Linux choose the size of pages themselves.
func Advise([]float64) {}
