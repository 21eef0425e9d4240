package datadiff

import (
	"bytes"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// Kind says how a row differs.
type Kind byte

// Kinds of differences.
const (
	OnlyA   Kind = 'a'
	OnlyB   Kind = 'b'
	Changed Kind = 'c'
)

// String is the word for a kind.
func (k Kind) String() string {
	switch k {
	case OnlyA:
		return "only in A"
	case OnlyB:
		return "only in B"
	}
	return "changed"
}

// State says how sure a difference is, on tables that may be written to.
type State byte

// States.
const (
	// Seen: it was read once; no recheck was asked for, or the row has no key to find it by.
	Seen State = iota
	// Confirmed: both sides kept their values for the time of the recheck.
	Confirmed
	// Moving: the row still differed at the end, but a side kept changing.
	Moving
)

// String is the word for a state.
func (s State) String() string {
	switch s {
	case Confirmed:
		return "confirmed"
	case Moving:
		return "moving"
	}
	return "seen once"
}

// Difference is one row that differs.
type Difference struct {
	Kind  Kind
	State State
	// Key is the cells of the key, A and B the cells of the whole row, the key first; nil on the side
	// that has no such row. Cells longer than 64 KiB are [canon.Digest] cells. The bytes are valid until
	// the function that receives them returns.
	Key, A, B []byte
}

// Cells splits a row into its cells.
func Cells(row []byte) ([][]byte, error) {
	var cells [][]byte
	for len(row) > 0 {
		cell, rest, err := canon.Next(row)
		if err != nil {
			return nil, err
		}
		cells = append(cells, cell)
		row = rest
	}
	return cells, nil
}

// differing calls f for each column in which two rows differ, with the number of the column and both
// cells.
func differing(a, b []byte, f func(column int, a, b []byte)) error {
	for i := 0; len(a) > 0 && len(b) > 0; i++ {
		ca, ra, err := canon.Next(a)
		if err != nil {
			return err
		}
		cb, rb, err := canon.Next(b)
		if err != nil {
			return err
		}
		if !bytes.Equal(ca, cb) {
			f(i, ca, cb)
		}
		a, b = ra, rb
	}
	return nil
}
