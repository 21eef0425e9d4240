package cell

import (
	"math"
	"sync"
)

// Box is a value in a column: 8 bytes. A number is itself; the rest are quiet NaNs with the sign bit clear, a tag in
// bits 48 to 50 and the payload below. The NaNs that processors make have tag 0 and are no boxes, so that the result
// of arithmetic is never mistaken for one.
//
//	0x7FF9 0000 0000 0000   empty
//	0x7FFA iiii iiii iiii   text, i its number in [Strings]
//	0x7FFB 0000 0000 000b   boolean
//	0x7FFC 0000 0000 00ee   error, e its [ErrorCode]
type Box = float64

const (
	tagShift = 48
	tagEmpty = 0x7FF9
	tagText  = 0x7FFA
	tagBool  = 0x7FFB
	tagError = 0x7FFC
	payload  = 1<<tagShift - 1
)

// BoxEmpty returns the box of an empty cell.
func BoxEmpty() Box { return math.Float64frombits(tagEmpty << tagShift) }

// BoxBool returns the box of a boolean.
func BoxBool(b bool) Box {
	if b {
		return math.Float64frombits(tagBool<<tagShift | 1)
	}
	return math.Float64frombits(tagBool << tagShift)
}

// BoxError returns the box of an error.
func BoxError(e ErrorCode) Box { return math.Float64frombits(tagError<<tagShift | uint64(e)) }

// BoxText returns the box of the text with this number.
func BoxText(id uint32) Box { return math.Float64frombits(tagText<<tagShift | uint64(id)) }

// BoxKind returns the kind of a box: [Number], [Empty], [Text], [Bool] or [Error].
func BoxKind(b Box) Kind {
	if b == b {
		return Number
	}
	switch math.Float64bits(b) >> tagShift {
	case tagEmpty:
		return Empty
	case tagText:
		return Text
	case tagBool:
		return Bool
	}
	return Error
}

// BoxedText returns the number of a boxed text, which is not checked to be one.
func BoxedText(b Box) uint32 { return uint32(math.Float64bits(b)) }

// BoxedError returns the code of a boxed error, which is not checked to be one.
func BoxedError(b Box) ErrorCode { return ErrorCode(math.Float64bits(b)) }

// BoxedBool returns a boxed boolean, which is not checked to be one.
func BoxedBool(b Box) bool { return math.Float64bits(b)&1 != 0 }

// Strings numbers the texts of a workbook, each once. Texts are kept until the workbook is closed. It may be used by
// several goroutines.
type Strings struct {
	mu   sync.RWMutex
	ids  map[string]uint32
	list []string
	// folds holds what FoldID has found.
	folds []folded
}

// NewStrings returns a table that holds "" as number 0.
func NewStrings() *Strings {
	return &Strings{ids: map[string]uint32{"": 0}, list: []string{""}}
}

// ID returns the number of s, a new one where it is not yet known.
func (t *Strings) ID(s string) uint32 {
	t.mu.RLock()
	id, ok := t.ids[s]
	t.mu.RUnlock()
	if ok {
		return id
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if id, ok := t.ids[s]; ok {
		return id
	}
	id = uint32(len(t.list))
	t.list = append(t.list, s)
	t.ids[s] = id
	return id
}

// Find returns the number of s, and false where no cell holds it.
func (t *Strings) Find(s string) (uint32, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	id, ok := t.ids[s]
	return id, ok
}

// Text returns the text with this number.
func (t *Strings) Text(id uint32) string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.list[id]
}

// Len returns the number of texts.
func (t *Strings) Len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.list)
}

// Box returns v as a column holds it. Arrays are their first value, references and functions are #VALUE! and
// #CALC!: whoever stores a result has resolved them before.
func (t *Strings) Box(v Value) Box {
	switch v.kind {
	case Number:
		return v.num
	case Text:
		return BoxText(t.ID(v.str))
	case Bool:
		return BoxBool(v.num != 0)
	case Error:
		return BoxError(v.Code())
	case Array:
		return t.Box(v.ptr.grid.Cells[0])
	case Ref:
		return BoxError(ErrValue)
	case Lambda:
		return BoxError(ErrCalc)
	}
	return BoxEmpty()
}

// Value returns what a box holds.
func (t *Strings) Value(b Box) Value {
	if b == b {
		return Value{kind: Number, num: b}
	}
	switch bits := math.Float64bits(b); bits >> tagShift {
	case tagEmpty:
		return Value{}
	case tagText:
		return Value{kind: Text, str: t.Text(uint32(bits))}
	case tagBool:
		return Value{kind: Bool, num: float64(bits & 1)}
	case tagError:
		return Value{kind: Error, num: float64(bits & payload)}
	}
	return Err(ErrNum)
}
