package cell

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestMayBeNumber holds that no text is passed over that reads as a number, a date or a time, whatever it is put together from.
func TestMayBeNumber(t *testing.T) {
	pieces := []string{"1", "2", "12", "30", "99", "2024", "1999", "0", ".", ",", ":", "/", "-", "+", " ", "$", "%", "(", ")", "e", "E", "AM", "pm", "a", "P", "Jan", "feb", "MARCH",
		"apri", "May", "june", "JULY", "aug", "september", "Oct", "nov", "dec", "x", "item", "mars", "janet", "é", "\u00a0", "T", "am", "1:30", "1/2/2024", "2-Jan-2024", "#", "\t"}
	r := rand.New(rand.NewPCG(11, 12))
	read, passed := 0, 0
	for range 60_000 {
		var b strings.Builder
		for range 1 + r.IntN(6) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		s := b.String()
		number := TrimSpace(s)
		if number == "" {
			continue
		}
		if may := mayBeNumber(number); !may {
			passed++
		}
		for _, year := range []int{0, 2024} {
			want, ok := readNumber(s, Dates1900, year)
			if ok {
				read++
			}
			if got, same := ParseNumberIn(s, Dates1900, year); same != ok || ok && got != want {
				t.Fatalf("%q is %v, %v; want %v, %v", s, got, same, want, ok)
			}
		}
	}
	if read < 500 || passed < 500 {
		t.Errorf("%d texts are numbers and %d are passed over: the test says little", read, passed)
	}
}
