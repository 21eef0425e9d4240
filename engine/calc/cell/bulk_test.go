package cell_test

import (
	"strconv"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

func TestStringsInBulk(t *testing.T) {
	s := cell.NewStrings()
	first := s.ID("b")
	texts := []string{"a", "b", "", "a", "c"}
	ids := make([]uint32, len(texts))
	s.IDs(texts, ids)
	for i, text := range texts {
		if s.Text(ids[i]) != text {
			t.Errorf("text %d is %q, want %q", i, s.Text(ids[i]), text)
		}
		if id, ok := s.Find(text); !ok || id != ids[i] {
			t.Errorf("%q is number %d, want %d", text, id, ids[i])
		}
	}
	if ids[1] != first || ids[0] != ids[3] || ids[2] != 0 || s.Len() != 4 {
		t.Errorf("numbers %v of %d texts: equal texts must have one number", ids, s.Len())
	}
	many := make([]string, 5000)
	for i := range many {
		many[i] = strconv.Itoa(i / 2)
	}
	ids = make([]uint32, len(many))
	s.IDs(many, ids)
	if s.Len() != 4+2500 || s.Text(ids[4999]) != "2499" || s.ID("b") != first {
		t.Errorf("%d texts, the last is %q", s.Len(), s.Text(ids[4999]))
	}
	buf := []byte("fresh")
	id := s.IDBytes(buf)
	buf[0] = 'x'
	if s.Text(id) != "fresh" || s.IDBytes([]byte("fresh")) != id {
		t.Error("a text from a buffer changed with it")
	}
}
