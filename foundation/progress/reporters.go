package progress

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/foundation/unit"
)

// Terminal draws one line on w and redraws it ten times a second at most; a note scrolls away above
// it. Width is asked before each drawing, so that the line follows a resized window; it returns the
// columns, or 0 when unknown. The line is cleared when the last stage ends.
func Terminal(w io.Writer, width func() int) Reporter {
	return &terminal{w: w, width: width}
}

type terminal struct {
	mu     sync.Mutex
	w      io.Writer
	width  func() int
	active []*stage
	drawn  bool
}

const (
	redraw = 100 * time.Millisecond
	// quietStart keeps work that is over at once from flashing a bar.
	quietStart = 150 * time.Millisecond
)

func (t *terminal) Stage(name string, total int64) Stage {
	s := newStage(name, total, redraw, t.observe)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.active = append(t.active, s)
	return s
}

func (t *terminal) observe(s *stage, ended bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if ended {
		for i, other := range t.active {
			if other == s {
				t.active = append(t.active[:i], t.active[i+1:]...)
				break
			}
		}
	}
	if len(t.active) == 0 {
		t.clear()
		return
	}
	if front := t.active[len(t.active)-1]; time.Since(front.began) >= quietStart || t.drawn {
		t.draw(front)
	}
}

func (t *terminal) Note(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
	fmt.Fprintln(t.w, line)
	if len(t.active) > 0 && time.Since(t.active[len(t.active)-1].began) >= quietStart {
		t.draw(t.active[len(t.active)-1])
	}
}

func (t *terminal) clear() {
	if t.drawn {
		fmt.Fprint(t.w, "\r\x1b[K")
		t.drawn = false
	}
}

func (t *terminal) draw(s *stage) {
	width := t.width()
	if width <= 0 {
		width = 80
	}
	// One column stays free: a full line would wrap on some terminals.
	fmt.Fprint(t.w, "\r\x1b[K", line(s, width-1))
	t.drawn = true
}

// line renders a stage in at most width columns: name, bar, share, time left.
func line(s *stage, width int) string {
	share, known := s.share()
	tail := fmt.Sprintf("%s  %s", unit.Count(s.done.Load()), unit.Duration(time.Since(s.began).Round(time.Second)))
	if known {
		tail = fmt.Sprintf("%3.0f %%", share*100)
		if left, ok := s.left(share); ok {
			tail += "  " + unit.Duration(left) + " left"
		}
	}
	if rates := s.rates(); rates != "" {
		tail = rates + "  " + tail
		if count := fmt.Sprintf("%s  ", unit.Count(s.done.Load())); known && utf8.RuneCountInString(s.name+count+tail) < width-12 {
			tail = count + tail
		}
	}
	bar := ""
	if room := width - utf8.RuneCountInString(s.name) - utf8.RuneCountInString(tail) - 4; known && room >= 8 {
		cells := min(room, 40)
		full := int(share * float64(cells))
		bar = strings.Repeat("━", full) + strings.Repeat("─", cells-full) + "  "
	}
	text := []rune(s.name + "  " + bar + tail)
	if len(text) > width {
		text = text[:max(width, 0)]
	}
	return string(text)
}

// left estimates the time that the rest takes at the mean speed so far, once that means something.
func (s *stage) left(share float64) (time.Duration, bool) {
	took := time.Since(s.began)
	if share < 0.05 || took < time.Second {
		return 0, false
	}
	return time.Duration(float64(took) * (1 - share) / share).Round(time.Second), true
}

// Lines writes plain lines to w, for logs and pipes: one when a stage has run for a while, again
// every ten seconds, and one when such a stage ends. Short stages say nothing.
func Lines(w io.Writer) Reporter { return &lines{w: w, every: 10 * time.Second} }

type lines struct {
	mu    sync.Mutex
	w     io.Writer
	every time.Duration
}

func (l *lines) Stage(name string, total int64) Stage {
	return newStage(name, total, l.every, l.observe)
}

func (l *lines) observe(s *stage, ended bool) {
	took := time.Since(s.began)
	if ended && took < l.every {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	done := unit.Count(s.done.Load()).String()
	if total := s.total.Load(); total > 0 {
		done += " of " + unit.Count(total).String()
	}
	rates := s.rates()
	if rates != "" {
		rates = ", " + strings.Replace(rates, "  ", ", ", 1)
	}
	if ended {
		fmt.Fprintf(l.w, "%s: done, %s in %s%s\n", s.name, done, unit.Duration(took), rates)
		return
	}
	share, known := s.share()
	if left, ok := s.left(share); known && ok && rates != "" {
		rates += ", " + unit.Duration(left) + " left"
	}
	fmt.Fprintf(l.w, "%s: %s after %s%s\n", s.name, done, unit.Duration(took.Round(time.Second)), rates)
}

func (l *lines) Note(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(l.w, line)
}

// Event is one report of a stage or a note, for a listener that draws its own picture.
type Event struct {
	Stage string // empty for a note
	Done  int64
	Total int64 // 0 when not known
	Bytes int64 // 0 for work that moves none
	Ended bool
	Note  string
}

// Events calls send for every note and for every stage when it begins, at most ten times a second
// while it runs, and when it ends. Calls come from the goroutines that do the work, one at a time.
func Events(send func(Event)) Reporter { return &events{send: send} }

type events struct {
	mu   sync.Mutex
	send func(Event)
}

func (e *events) Stage(name string, total int64) Stage {
	s := newStage(name, total, redraw, e.observe)
	e.observe(s, false)
	return s
}

func (e *events) observe(s *stage, ended bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.send(Event{Stage: s.name, Done: s.done.Load(), Total: s.total.Load(), Bytes: s.bytes.Load(), Ended: ended})
}

func (e *events) Note(line string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.send(Event{Note: line})
}
