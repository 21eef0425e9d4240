package explain

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// isDocument says whether a cell may be a JSON document. Numbers and strings of one are told from those
// of other columns only by what stands beside them.
func isDocument(t canon.Tag) bool {
	switch t {
	case canon.JSONNull, canon.JSONFalse, canon.JSONTrue, canon.JSONArray, canon.JSONObject:
		return true
	}
	return false
}

func (c *Column) addDocuments(a, b []byte) {
	if len(a) > examinedMax || len(b) > examinedMax {
		return
	}
	if equalLoosely(a, b) {
		c.hit(numbersAsText, a, b)
	}
	if canon.Tag(a[0]) == canon.JSONObject && canon.Tag(b[0]) == canon.JSONObject && equalCommon(a, b, nil, nil) {
		c.hit(keySubset, a, b)
		equalCommon(a, b, &c.keysA, &c.keysB)
	}
}

// members returns the count of elements or pairs and the cells behind it.
func members(cell []byte) (n uint64, rest []byte) {
	n, k := binary.Uvarint(cell[1:])
	return n, cell[1+k:]
}

func split(cells []byte) (cell, rest []byte) {
	cell, rest, err := canon.Next(cells)
	if err != nil {
		return nil, nil // not for a document that was checked
	}
	return cell, rest
}

// equalCommon says whether two objects have equal values for the keys that both have, of which there is
// at least one. The keys of only one of them are noted.
func equalCommon(a, b []byte, onlyA, onlyB *names) bool {
	na, ra := members(a)
	nb, rb := members(b)
	common := 0
	var ka, kb []byte
	for na > 0 || nb > 0 {
		if na > 0 && ka == nil {
			ka, ra = split(ra)
		}
		if nb > 0 && kb == nil {
			kb, rb = split(rb)
		}
		order := 0
		switch {
		case nb == 0:
			order = -1
		case na == 0:
			order = 1
		default:
			order = bytes.Compare(canon.Content(ka), canon.Content(kb))
		}
		var va, vb []byte
		if order <= 0 {
			va, ra = split(ra)
			na--
		}
		if order >= 0 {
			vb, rb = split(rb)
			nb--
		}
		switch {
		case order < 0:
			onlyA.add(ka)
			ka = nil
		case order > 0:
			onlyB.add(kb)
			kb = nil
		case !bytes.Equal(va, vb):
			return false
		default:
			common++
			ka, kb = nil, nil
		}
	}
	return common > 0
}

// equalLoosely says whether two documents are equal when "1" counts as 1 and "true" as true.
func equalLoosely(a, b []byte) bool {
	ta, tb := canon.Tag(a[0]), canon.Tag(b[0])
	if ta != tb {
		return scalarAsText(a, b) || scalarAsText(b, a)
	}
	if ta != canon.JSONArray && ta != canon.JSONObject {
		return bytes.Equal(a, b)
	}
	na, ra := members(a)
	nb, rb := members(b)
	if na != nb {
		return false
	}
	if ta == canon.JSONObject {
		na *= 2 // keys are texts and compare as such
	}
	for ; na > 0; na-- {
		var va, vb []byte
		va, ra = split(ra)
		vb, rb = split(rb)
		if !equalLoosely(va, vb) {
			return false
		}
	}
	return true
}

func scalarAsText(text, value []byte) bool {
	if canon.Tag(text[0]) != canon.Text {
		return false
	}
	switch canon.Tag(value[0]) {
	case canon.Decimal:
		cell, err := canon.AppendDecimal(nil, canon.Content(text))
		return err == nil && bytes.Equal(cell, value)
	case canon.JSONTrue:
		return string(canon.Content(text)) == "true"
	case canon.JSONFalse:
		return string(canon.Content(text)) == "false"
	}
	return false
}

// names is a set of at most namesMax short keys.
type names struct {
	set  map[string]struct{}
	more bool // there were others
}

const (
	namesMax = 8
	nameMax  = 40 // bytes
)

func (n *names) add(key []byte) {
	if n == nil {
		return
	}
	s := canon.Content(key)
	if _, ok := n.set[string(s)]; ok {
		return
	}
	if len(n.set) == namesMax || len(s) > nameMax {
		n.more = true
		return
	}
	if n.set == nil {
		n.set = map[string]struct{}{}
	}
	n.set[string(s)] = struct{}{}
}

func (n *names) merge(other *names) {
	n.more = n.more || other.more
	for _, s := range slices.Sorted(maps.Keys(other.set)) {
		n.add(canon.AppendText(nil, s))
	}
}

func (n *names) sorted() []string { return slices.Sorted(maps.Keys(n.set)) }
