//go:build !linux

package exec

// hugePages does nothing: systems other than Linux choose the size of pages themselves.
func hugePages([]float64) {}
