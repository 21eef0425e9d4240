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
	for _, l := range wrap(title, t.width) {
		t.line(t.paint(bold, l))
	}
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
// fields, survive inside a line. Code between backticks stays on one line where it fits one. A word longer than a line breaks where paths and calls come apart, see
// [breakWord]; one without such a place stays whole, and its line is longer than width by that word: a
// broken identifier can be neither copied nor searched for.
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
	words := strings.Split(s, " ")
	for i := 0; i < len(words); i++ {
		word := words[i]
		if word == "" {
			gap++
			continue
		}
		if n := codeWords(words[i:], width); n > 1 {
			word = strings.Join(words[i:i+n], " ")
			i += n - 1
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
			if len(head) == len(word) {
				break
			}
			lines = append(lines, head)
			word = word[len(head):]
			w = widthUpTo(word, width)
		}
		current.WriteString(strings.Repeat(" ", space) + word)
		used += space + w
	}
	flush()
	return lines
}

// codeWords is how many of the words are one piece of code that fits width, from the word that opens
// its backticks to the one that closes them; 1 where there is no such piece.
func codeWords(words []string, width int) int {
	const most = 30
	if strings.Count(words[0], "`")%2 == 0 {
		return 1
	}
	columns := displayWidth(start(words[0], width))
	for n := 1; n < min(len(words), most); n++ {
		if columns += 1 + widthUpTo(words[n], width); columns > width {
			return 1
		}
		if strings.Count(words[n], "`")%2 == 1 {
			return n + 1
		}
	}
	return 1
}

// balanced is wrap for headings: as few lines, of about the same length, so that no last line holds a
// single word.
func balanced(s string, width int) []string {
	lines := wrap(s, width)
	if len(lines) < 2 {
		return lines
	}
	low, high := 8, width // the least width that needs no more lines lies in (low, high]
	for high-low > 1 {
		middle := (low + high) / 2
		if len(wrap(s, middle)) <= len(lines) {
			high = middle
		} else {
			low = middle
		}
	}
	return wrap(s, high)
}

// longestWord is how many columns a word may take without a place to break: no identifier is longer,
// and a minified file must not print as one line.
const longestWord = 200

// breakWord is the start of a word longer than width, up to the place where it breaks best: behind the
// last slash that fits, else before the last dot that fits (calls go on behind it, file endings do not),
// or between two wide characters; where none fits, up to the first slash behind width. A word without
// any is returned whole, or its first longestWord columns.
func breakWord(word string, width int) string {
	slash, other := 0, 0 // lengths of the best starts so far
	column := 0
	wideBefore := false
	for at := 0; at < len(word); {
		cluster, w := ansi.FirstGraphemeCluster(word[at:], ansi.GraphemeWidth)
		if cluster == "" {
			break
		}
		if at > 0 && column > width && max(slash, other) > 0 {
			break
		}
		if at > 0 {
			before := word[at-1]
			switch {
			case before == '/' && word[at] != '/':
				if column <= width || slash+other == 0 {
					slash = at
				}
			case column <= width && (wideBefore || w > 1 || word[at] == '.' && before != '.' && goesOn(word[at+1:])):
				other = at
			}
		}
		if column+w > longestWord && at > 0 {
			if slash+other == 0 {
				other = at
			}
			break
		}
		column += w
		wideBefore = w > 1
		at += len(cluster)
	}
	switch {
	case slash > other/3:
		return word[:slash]
	case other > 0:
		return word[:other]
	}
	return word
}

// goesOn holds when what follows a dot is another name, and no ellipsis, fraction or file ending.
func goesOn(rest string) bool {
	n := 0
	for n < len(rest) && (rest[n]|0x20 >= 'a' && rest[n]|0x20 <= 'z' || rest[n] == '_') {
		n++
	}
	ending := n <= 5 && (n == len(rest) || rest[n] == ':')
	return n > 0 && !ending
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
