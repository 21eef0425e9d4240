package formula

import "fmt"

// Error is a formula that cannot be read: where, and why.
type Error struct {
	At  int // byte of the text
	Why string
}

// Error says what is wrong and where, counting characters from 1.
func (e *Error) Error() string { return fmt.Sprintf("%s (at character %d)", e.Why, e.At+1) }

func errorAt(at int, why string) *Error { return &Error{at, why} }
