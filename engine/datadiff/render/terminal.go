package render

import (
	"bufio"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/napkin-infra/napkin/engine/datadiff"
)

// style is an SGR parameter list.
type style string

const (
	plain  style = ""
	bold   style = "1"
	dim    style = "2"
	red    style = "1;31"
	green  style = "1;32"
	yellow style = "1;33"
)

func paintOf(v datadiff.Verdict) style {
	switch v {
	case datadiff.Equal:
		return green
	case datadiff.Different:
		return red
	}
	return yellow
}

func severityStyle(severity string) style {
	if severity == "breaks writes" {
		return red
	}
	return dim
}

type terminal struct {
	w       *bufio.Writer
	width   int
	color   bool
	verbose bool
	single  bool // one table is all there is
}

// proseMeasure bounds running text: longer lines are hard to read however wide the terminal is.
const proseMeasure = 120

func (t *terminal) paint(s style, text string) string {
	if !t.color || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// line writes a line. Errors stay in the buffered writer until it is flushed.
func (t *terminal) line(s string) {
	_, _ = t.w.WriteString(strings.TrimRight(s, " "))
	_ = t.w.WriteByte('\n')
}

func (t *terminal) blank() { t.line("") }

func (t *terminal) paragraph(s style, text string) {
	for _, l := range wrap(clean(text), min(t.width, proseMeasure)) {
		t.line(t.paint(s, l))
	}
}

// leastText is how many columns a text beside its lead needs to be read.
const leastText = 24

// hanging prints a text whose first line starts with lead and whose others align behind it. A lead that
// leaves too little room stands on a line of its own.
func (t *terminal) hanging(lead, text string) {
	n := displayWidth(lead)
	if text != "" && t.width-n < leastText {
		t.line(lead)
		lead, n = "    ", 4
	}
	lines := wrap(clean(text), min(t.width-n, proseMeasure))
	if len(lines) == 0 {
		lines = []string{""}
	}
	for i, l := range lines {
		if i > 0 {
			lead = strings.Repeat(" ", n)
		}
		t.line(lead + l)
	}
}

func wrap(s string, width int) []string {
	if s == "" {
		return nil
	}
	// A line ends behind a hyphen, but not within the two of a flag.
	const flag, kept = "--", "\u2011\u2011"
	s = ansi.Wrap(strings.ReplaceAll(s, flag, kept), width, "")
	return strings.Split(strings.ReplaceAll(s, kept, flag), "\n")
}

func displayWidth(s string) int { return ansi.StringWidth(s) }

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-displayWidth(s), 0))
}

func cut(s string, width int) string {
	if displayWidth(s) <= width {
		return s
	}
	return ansi.Truncate(s, max(width, 1), "…")
}

// cutMiddle cuts a text so that its end can be seen too, in which long keys differ.
func cutMiddle(s string, width int) string {
	over := displayWidth(s) - width
	if over <= 0 {
		return s
	}
	tail := width / 3
	return ansi.Truncate(s, max(width-tail-1, 1), "") + "…" + ansi.TruncateLeft(s, displayWidth(s)-tail, "")
}
