package cell

import "strings"

// folded is what is known of a text whose FoldID was asked for.
type folded struct {
	id uint32 // 1 + the FoldID; 0 where it was not asked for
	is TextIs
}

// TextIs is what a text stands for where it is searched for.
type TextIs uint8

const (
	// Literal is a text that is no pattern and not too long to be searched for: it has at most 255 bytes, none of them * ? or ~.
	Literal TextIs = 1 << iota
	// Plain is a literal that is no condition for anything but itself: it is not empty, does not begin with one of the operators = < and >,
	// and reads as no number, date, boolean or error.
	Plain
)

func textIs(s string) TextIs {
	if len(s) > 255 || strings.ContainsAny(s, "*?~") {
		return 0
	}
	_, failure := ParseError(s)
	_, number := ParseNumber(s, Dates1900)
	if !number {
		_, number = ParseNumber(s, Dates1904)
	}
	if s == "" || strings.IndexByte("=<>", s[0]) >= 0 || failure || number || strings.EqualFold(s, "TRUE") || strings.EqualFold(s, "FALSE") {
		return Literal
	}
	return Literal | Plain
}

// FoldID returns the number of the text that all cases of this text have in common (see [Fold]), which is put into the
// table where it is not there yet. Two texts are equal for Excel exactly if their FoldIDs are. Texts are folded once.
func (t *Strings) FoldID(id uint32) uint32 {
	t.mu.RLock()
	if int(id) < len(t.folds) && t.folds[id].id != 0 {
		f := t.folds[id].id - 1
		t.mu.RUnlock()
		return f
	}
	s := t.list[id]
	t.mu.RUnlock()
	f, is := id, textIs(s)
	if folded := Fold(s); folded != s {
		f = t.ID(folded)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.folds) < len(t.list) {
		t.folds = append(t.folds, folded{})
	}
	t.folds[id] = folded{f + 1, is}
	return f
}

// FoldKeys replaces in the bits of boxes each text by that of its FoldID, many times faster than one call for each. It calls other with the
// places of the texts that are not all of what is wanted.
func (t *Strings) FoldKeys(keys []uint64, want TextIs, other func(i int)) {
	for i := 0; i < len(keys); i++ {
		i += t.foldKnown(keys[i:], i, want, other)
		if i < len(keys) { // a text that was not asked for; it is now, and found in the next round
			t.FoldID(uint32(keys[i]))
			i--
		}
	}
}

// foldKnown folds keys up to the first whose FoldID was not asked for, and returns how many these are.
func (t *Strings) foldKnown(keys []uint64, from int, want TextIs, other func(i int)) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	folds := t.folds
	for i, key := range keys {
		if key>>tagShift != tagText {
			continue
		}
		id := uint32(key)
		if int(id) >= len(folds) || folds[id].id == 0 {
			return i
		}
		keys[i] = tagText<<tagShift | uint64(folds[id].id-1)
		if folds[id].is&want != want {
			other(from + i)
		}
	}
	return len(keys)
}

// FindFold returns the FoldID of s, and false where no text whose FoldID was asked for is equal to s.
func (t *Strings) FindFold(s string) (uint32, bool) { return t.Find(Fold(s)) }
