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

// hanging prints a text whose first line starts with lead and whose others align behind it.
func (t *terminal) hanging(lead, text string) {
	n := displayWidth(lead)
	lines := wrap(clean(text), max(min(t.width, proseMeasure+n)-n, 20))
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
	return strings.Split(ansi.Wrap(s, width, ""), "\n")
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
