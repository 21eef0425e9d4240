package report

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// style is an SGR parameter list.
type style string

const (
	plain   style = ""
	bold    style = "1"
	dim     style = "2"
	red     style = "31"
	boldRed style = "1;31"
	yellow  style = "33"
	cyan    style = "36"
)

func severityStyle(s Severity) style {
	switch s {
	case Critical:
		return boldRed
	case High:
		return red
	case Medium:
		return yellow
	}
	return dim
}

func (t *terminal) paint(s style, text string) string {
	if !t.color || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

func (t *terminal) line(s string) {
	t.w.WriteString(strings.TrimRight(s, " "))
	t.w.WriteByte('\n')
}

func (t *terminal) blank() { t.w.WriteByte('\n') }

func (t *terminal) section(title string) {
	t.blank()
	t.line(t.paint(bold, title))
}

// muted prints secondary text, wrapped.
func (t *terminal) muted(s string) {
	for _, l := range wrap(s, t.width) {
		t.line(t.paint(dim, l))
	}
}

// text prints a paragraph behind an indentation.
func (t *terminal) text(indent, s string, width int) {
	for _, l := range wrap(s, width-displayWidth(indent)) {
		t.line(indent + l)
	}
}

// hanging prints a paragraph whose first line starts with lead and whose others align behind it.
func (t *terminal) hanging(lead, s string, width int) {
	n := displayWidth(lead)
	for i, l := range wrap(s, width-n) {
		if i == 0 {
			t.line(t.paint(dim, lead) + l)
		} else {
			t.line(strings.Repeat(" ", n) + l)
		}
	}
}

// labelled prints "label  text" with the label padded to labelWidth columns.
func (t *terminal) labelled(label string, wide int, text string, width int) {
	for i, l := range wrap(text, width-wide-2) {
		if i == 0 {
			t.line(t.paint(dim, label) + strings.Repeat(" ", wide-displayWidth(label)+2) + l)
		} else {
			t.line(strings.Repeat(" ", wide+2) + l)
		}
	}
}

// prose cleans foreign prose for one paragraph; code spans lose their backticks only when they hold
// no space, where the quotes are still needed to see where the code ends.
func prose(s string) string {
	var b strings.Builder
	for _, part := range spans(line(s)) {
		switch {
		case part.code && strings.Contains(part.text, " "):
			b.WriteString("`" + part.text + "`")
		default:
			b.WriteString(part.text)
		}
	}
	return b.String()
}

// displayWidth is the number of terminal columns that s takes.
func displayWidth(s string) int { return ansi.StringWidth(s) }

// cut shortens s to width columns with an ellipsis.
func cut(s string, width int) string {
	if displayWidth(s) <= width {
		return s
	}
	return ansi.Truncate(s, width, "…")
}

// wrap breaks s at spaces into lines of at most width columns; runs of two spaces, which separate
// fields, survive inside a line. A word longer than a line breaks after punctuation that paths and
// identifiers have, else anywhere.
func wrap(s string, width int) []string {
	width = max(width, 8)
	var lines []string
	var current strings.Builder
	used := 0
	flush := func() {
		if current.Len() > 0 {
			lines = append(lines, strings.TrimRight(current.String(), " "))
			current.Reset()
			used = 0
		}
	}
	gap := 0
	for _, word := range strings.Split(s, " ") {
		if word == "" {
			gap++
			continue
		}
		w := widthUpTo(word, width)
		space := gap + 1
		gap = 0
		if used == 0 {
			space = 0
		}
		if used > 0 && used+space+w > width {
			flush()
			space = 0
		}
		for w > width {
			head := breakWord(word, width)
			lines = append(lines, head)
			word = word[len(head):]
			w = widthUpTo(word, width)
		}
		if word == "" {
			continue
		}
		current.WriteString(strings.Repeat(" ", space) + word)
		used += space + w
	}
	flush()
	return lines
}

// breakWord is the longest start of word that fits width, ending at a slash in its second half or other
// punctuation in its last third where there is some. It takes at least one grapheme.
func breakWord(word string, width int) string {
	head := ansi.Truncate(start(word, width), width, "")
	if head == "" {
		head = word
		for i := range word {
			if i > 0 {
				head = word[:i]
				break
			}
		}
		return head
	}
	if i := strings.LastIndexByte(head, '/'); i > len(head)/2 {
		return head[:i+1]
	}
	if i := strings.LastIndexAny(head, "._-,:;=&?)]}"); i > len(head)*2/3 {
		return head[:i+1]
	}
	return head
}

// start is a piece of s, cut between runes, that is all of a line of width columns in any sane text.
// It keeps the work on a word of a megabyte linear.
func start(s string, width int) string {
	n := width * 16
	if len(s) <= n {
		return s
	}
	for n < len(s) && !utf8.RuneStart(s[n]) {
		n++
	}
	return s[:n]
}

// widthUpTo is the width of s where that is at most limit, else some width above limit.
func widthUpTo(s string, limit int) int {
	if head := start(s, limit); len(head) < len(s) {
		if w := displayWidth(head); w > limit {
			return w
		}
	}
	return displayWidth(s)
}
