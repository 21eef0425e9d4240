package patch

import (
	"fmt"
	"strings"
)

// margin is the number of unchanged lines around a change, git's default.
const margin = 3

// change replaces the lines [from, to) of the old file with lines [newFrom, newTo) of the new one.
type change struct{ from, to, newFrom, newTo int }

// writeFile writes the diff of one file.
func writeFile(sb *strings.Builder, path string, before, after []byte, created bool) error {
	a, b := lines(before), lines(after)
	changes := compare(a, b)
	if len(changes) == 0 && !created {
		return nil
	}
	from, to := quote("a/"+path), quote("b/"+path)
	fmt.Fprintf(sb, "diff --git %s %s\n", from, to)
	if created {
		sb.WriteString("new file mode 100644\n")
		if len(after) == 0 {
			return nil
		}
		from = "/dev/null"
	}
	fmt.Fprintf(sb, "--- %s\n+++ %s\n", tabbed(from), tabbed(to))
	for i := 0; i < len(changes); {
		j := i + 1
		for j < len(changes) && changes[j].from-changes[j-1].to <= 2*margin {
			j++
		}
		if err := writeHunk(sb, path, a, b, changes[i:j]); err != nil {
			return err
		}
		i = j
	}
	return nil
}

func writeHunk(sb *strings.Builder, path string, a, b []string, changes []change) error {
	first, last := changes[0], changes[len(changes)-1]
	start, end := max(0, first.from-margin), min(len(a), last.to+margin)
	newStart := first.newFrom - (first.from - start)
	newEnd := last.newTo + (end - last.to)
	if !validText(a[start:end]) || !validText(b[newStart:newEnd]) {
		return fmt.Errorf("%s: %w", path, ErrText)
	}
	fmt.Fprintf(sb, "@@ -%s +%s @@\n", lineRange(start, end), lineRange(newStart, newEnd))
	at := start
	for _, c := range changes {
		writeLines(sb, ' ', a[at:c.from])
		writeLines(sb, '-', a[c.from:c.to])
		writeLines(sb, '+', b[c.newFrom:c.newTo])
		at = c.to
	}
	writeLines(sb, ' ', a[at:end])
	return nil
}

// lineRange writes a range of lines as the format wants it: an empty range names the line before it.
func lineRange(start, end int) string {
	switch end - start {
	case 0:
		return fmt.Sprintf("%d,0", start)
	case 1:
		return fmt.Sprint(start + 1)
	}
	return fmt.Sprintf("%d,%d", start+1, end-start)
}

func writeLines(sb *strings.Builder, mark byte, ls []string) {
	for _, l := range ls {
		sb.WriteByte(mark)
		sb.WriteString(l)
		if !strings.HasSuffix(l, "\n") {
			sb.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// lines splits a file after each line feed, which stays on its line.
func lines(b []byte) []string {
	if len(b) == 0 {
		return nil
	}
	out := strings.SplitAfter(string(b), "\n")
	if out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// tabbed ends a name that holds a space with a tab, so that readers do not cut it there.
func tabbed(name string) string {
	if strings.Contains(name, " ") {
		return name + "\t"
	}
	return name
}

// quote writes a name as git does: in C quotes when it holds a control character, a quote or a
// backslash.
func quote(name string) string {
	plain := true
	for i := 0; i < len(name); i++ {
		if c := name[i]; c < 0x20 || c == 0x7f || c == '"' || c == '\\' {
			plain = false
		}
	}
	if plain {
		return name
	}
	var sb strings.Builder
	sb.WriteByte('"')
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			sb.WriteByte('\\')
			sb.WriteByte(c)
		case c == '\n':
			sb.WriteString(`\n`)
		case c == '\t':
			sb.WriteString(`\t`)
		case c < 0x20 || c == 0x7f:
			fmt.Fprintf(&sb, `\%03o`, c)
		default:
			sb.WriteByte(c)
		}
	}
	sb.WriteByte('"')
	return sb.String()
}
