//go:build !cgo

package treesitter

// Language is empty without cgo.
type Language struct{}

func (*Language) kind(uint16) string  { return "" }
func (*Language) field(uint16) string { return "" }
