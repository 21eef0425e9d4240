package progress

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

// guarded lets the race detector see writes from two goroutines at once.
type guarded struct{ bytes.Buffer }

func TestConcurrentStages(t *testing.T) {
	var out guarded
	var seen []Event
	for name, r := range map[string]Reporter{
		"terminal": Terminal(&out, func() int { return 60 }),
		"lines":    Lines(&out),
		"events":   Events(func(e Event) { seen = append(seen, e) }),
		"silent":   Silent(),
	} {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				s := r.Stage("reading files", 1000)
				for range 1000 {
					s.Add(1)
				}
				r.Note("half way")
				s.End()
				s.End()
				s.Add(5) // after the end: ignored
			})
		}
		wg.Wait()
		_ = name
	}
	ends := 0
	for _, e := range seen {
		if e.Ended {
			ends++
			if e.Done != 1000 || e.Total != 1000 {
				t.Errorf("stage ended at %d of %d", e.Done, e.Total)
			}
		}
	}
	if ends != 4 {
		t.Errorf("%d stages ended, want 4", ends)
	}
}

func TestTerminalClearsItsLine(t *testing.T) {
	var out bytes.Buffer
	r := Terminal(&out, func() int { return 50 })
	s := r.Stage("reading files", 10)
	s.(*stage).began = time.Now().Add(-3 * time.Second)
	s.Add(5)
	if !strings.Contains(out.String(), "reading files") || !strings.Contains(out.String(), "50 %") || !strings.Contains(out.String(), "3 s left") {
		t.Errorf("drew %q", out.String())
	}
	out.Reset()
	r.Note("a note")
	if got := out.String(); !strings.HasPrefix(got, "\r\x1b[Ka note\n") || !strings.Contains(got, "reading files") {
		t.Errorf("a note is drawn as %q", got)
	}
	out.Reset()
	s.End()
	if out.String() != "\r\x1b[K" {
		t.Errorf("the end draws %q, want the line cleared", out.String())
	}
}

func TestShortWorkDrawsNothing(t *testing.T) {
	var out bytes.Buffer
	for _, r := range []Reporter{Terminal(&out, func() int { return 80 }), Lines(&out)} {
		s := r.Stage("reading files", 10)
		s.Add(10)
		s.End()
	}
	if out.Len() > 0 {
		t.Errorf("work of no length drew %q", out.String())
	}
}

func TestLineFitsWidth(t *testing.T) {
	for _, total := range []int64{0, 100} {
		s := newStage("folding migrations of a schema with a long name", total, time.Hour, nil)
		s.began = time.Now().Add(-time.Minute)
		s.done.Store(40)
		for width := range 200 {
			if n := utf8.RuneCountInString(line(s, width)); n > width {
				t.Fatalf("width %d: line of %d columns", width, n)
			}
		}
	}
}

func TestLines(t *testing.T) {
	var out bytes.Buffer
	r := Lines(&out)
	s := r.Stage("reading files", 2000)
	s.(*stage).began = time.Now().Add(-12 * time.Second)
	s.Add(1500)
	s.Add(1)
	s.Grow(500)
	s.End()
	want := "reading files: 1.5k of 2k after 12 s\nreading files: done, 1.5k of 2.5k in 12 s\n"
	if out.String() != want {
		t.Errorf("wrote\n%swant\n%s", out.String(), want)
	}
}

func TestRates(t *testing.T) {
	at := func(bytes int64, width int) string {
		s := newStage("comparing rows", 1_000_000, time.Hour, nil)
		s.began = time.Now().Add(-2 * time.Second)
		s.done.Store(500_000)
		s.Bytes(bytes)
		return line(s, width)
	}
	for _, say := range []string{"500k  250k/s  20 MB/s   50 %", "2 s left", "━"} {
		if got := at(40_000_000, 100); !strings.Contains(got, say) {
			t.Errorf("drew %q, which does not say %q", got, say)
		}
	}
	if got := at(0, 100); strings.Contains(got, "/s") {
		t.Errorf("work that moves no bytes drew %q", got)
	}
	for width := range 120 {
		if got := at(40_000_000, width); utf8.RuneCountInString(got) > width {
			t.Errorf("width %d: %q", width, got)
		}
	}
	var out bytes.Buffer
	s := Lines(&out).Stage("comparing rows", 1_000_000)
	s.(*stage).began = time.Now().Add(-20 * time.Second)
	s.Bytes(40_000_000)
	s.Add(500_000)
	if want := "comparing rows: 500k of 1M after 20 s, 25k/s, 2 MB/s, 20 s left\n"; out.String() != want {
		t.Errorf("wrote %q, want %q", out.String(), want)
	}
}

func TestOrSilent(t *testing.T) {
	OrSilent(nil).Stage("x", 1).Add(1)
	r := Lines(&bytes.Buffer{})
	if OrSilent(r) != r {
		t.Error("a given reporter is replaced")
	}
}
