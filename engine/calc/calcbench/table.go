package calcbench

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/foundation/unit"
)

// Print writes the report as tables of Markdown with the columns set under each other.
func (r *Report) Print(w io.Writer) {
	rows := [][]string{{"bar", "measured", "result", "wall", "limit", "ratio", "target", ""}}
	for i := range r.Rows {
		row := &r.Rows[i]
		rows = append(rows, []string{row.Bar, row.What + noted(row.Note), row.result(), seconds(row.Wall), seconds(row.Limit), digits(row.Ratio()), row.Target, verdict(row.Holds)})
	}
	table(w, rows)
	if len(r.Comparisons) > 0 {
		fmt.Fprintln(w)
		rows = [][]string{{"bar", "beside", "engine", "its CPU", "ours", "times faster", "target", "", "compared"}}
		for i := range r.Comparisons {
			rows = append(rows, r.Comparisons[i].cells())
		}
		table(w, rows)
	}
	if len(r.Missing) > 0 {
		fmt.Fprintln(w)
		for _, m := range r.Missing {
			fmt.Fprintln(w, m)
		}
	}
	if r.LoadBefore > 0 {
		fmt.Fprintf(w, "\nTimes are CPU seconds, the least of several runs. Load of the machine: %.1f before, %.1f after.\n", r.LoadBefore, r.LoadAfter)
	}
}

func (r *Row) result() string {
	switch r.Of {
	case "":
		return seconds(r.CPU)
	case "B":
		return unit.Bytes(r.Amount).String()
	}
	return unit.Digits(r.Amount) + " " + r.Of
}

func (c *Comparison) cells() []string {
	engine := strings.TrimSpace(c.Engine + " " + c.Version)
	if c.Ratio == 0 {
		return []string{c.Bar, c.What, engine, "", "", "", "", "", c.Note}
	}
	more := ""
	if c.AtLeast {
		more = "over "
	}
	return []string{c.Bar, c.What, engine, more + seconds(c.CPU), seconds(c.Ours), more + unit.Digits(c.Ratio), "at least " + unit.Digits(c.Target), verdict(c.Holds), c.Phase + noted(c.Note)}
}

func noted(note string) string {
	if note == "" {
		return ""
	}
	return " (" + note + ")"
}

func seconds(s float64) string {
	if s <= 0 {
		return ""
	}
	return unit.Seconds(s)
}

func digits(x float64) string {
	if x <= 0 {
		return ""
	}
	return unit.Digits(x)
}

func verdict(holds *bool) string {
	switch {
	case holds == nil:
		return ""
	case *holds:
		return "holds"
	}
	return "missed"
}

// table prints rows, the first of which is the head.
func table(w io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, s := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(s), 3)
		}
	}
	line := func(row []string) {
		var b strings.Builder
		for i, s := range row {
			b.WriteString("| " + s + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(s)) + " ")
		}
		fmt.Fprintln(w, b.String()+"|")
	}
	line(rows[0])
	rule := make([]string, len(widths))
	for i, n := range widths {
		rule[i] = strings.Repeat("-", n)
	}
	line(rule)
	for _, row := range rows[1:] {
		line(row)
	}
}
