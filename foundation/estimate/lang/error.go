package lang

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Error is one error in a text, with its place.
type Error struct {
	Source  string // name of the file, or empty
	Line    int    // counted from the first line that [Source] gives
	Column  int    // in characters, from one
	Message string // a sentence without its final stop
	Hint    string // what to try, or empty
	line    string // the line of the text
	width   int    // of the place, in characters; at least one
}

// Error gives the place and the sentence in one line.
func (e *Error) Error() string {
	text := fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
	if e.Source != "" {
		text = fmt.Sprintf("%s:%d:%d: %s", e.Source, e.Line, e.Column, e.Message)
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// excerptWidth is how many characters of a long line are shown around the place.
const excerptWidth = 72

// Excerpt shows the line with a caret under the place, in two lines without a final newline.
func (e *Error) Excerpt() string {
	runes := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError || r == 0x7f {
			return ' '
		}
		return r
	}, e.line))
	column := min(e.Column-1, len(runes))
	from, more := 0, ""
	if len(runes) > excerptWidth {
		from = max(0, min(column-excerptWidth/2, len(runes)-excerptWidth))
		runes = runes[from:min(len(runes), from+excerptWidth)]
		if from > 0 {
			more = "..."
		}
	}
	margin := fmt.Sprintf("%4d | ", e.Line)
	place := max(0, column-from)
	marked := max(1, min(e.width, len(runes)-place))
	if place < len(runes) {
		marked = max(1, cells(runes[place:min(len(runes), place+marked)]))
	}
	return margin + more + string(runes) + "\n" +
		strings.Repeat(" ", len(margin)-2) + "| " + strings.Repeat(" ", len(more)+cells(runes[:min(place, len(runes))])) + strings.Repeat("^", marked)
}

// cells is how many columns of a terminal characters take: two for those of East Asian scripts that are wide.
func cells(runes []rune) int {
	n := 0
	for _, r := range runes {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

// Errors are the errors of one text in the order of their places. There is at least one.
type Errors []*Error

// maxErrors bounds how many errors of one text are told.
const maxErrors = 20

// Error gives each error with its excerpt.
func (e Errors) Error() string {
	var b strings.Builder
	for i, one := range e {
		if i > 0 {
			b.WriteString("\n")
		}
		text := one.Message
		if one.Source != "" || len(e) > 1 || one.Line > 1 {
			text = fmt.Sprintf("line %d: %s", one.Line, one.Message)
			if one.Source != "" {
				text = fmt.Sprintf("%s:%d:%d: %s", one.Source, one.Line, one.Column, one.Message)
			}
		}
		b.WriteString(text + "\n" + one.Excerpt())
		if one.Hint != "" {
			b.WriteString("\n       " + one.Hint)
		}
	}
	return b.String()
}

// fault is an error before its place in the text is worked out.
type fault struct {
	Span
	message, hint string
}

func faultf(at Span, format string, args ...any) *fault {
	return &fault{Span: at, message: fmt.Sprintf(format, args...)}
}

func (f *fault) with(hint string) *fault { f.hint = hint; return f }

// locate makes a fault an error of the text.
func (s Source) locate(f *fault) *Error {
	text := s.Text
	start := min(max(f.Start, 0), len(text))
	begin := strings.LastIndexByte(text[:start], '\n') + 1
	line, _, _ := strings.Cut(text[begin:], "\n")
	end := min(max(f.End, start), begin+len(line))
	return &Error{
		Source: s.Name, Line: s.firstLine() + strings.Count(text[:begin], "\n"), Column: utf8.RuneCountInString(text[begin:start]) + 1,
		Message: f.message, Hint: f.hint, line: strings.TrimRight(line, "\r"), width: max(1, utf8.RuneCountInString(text[start:max(start, end)])),
	}
}

// ErrorAt returns an error of the text at a place that [Parse] gave, for what is found out only when the
// text is computed.
func (s Source) ErrorAt(at Span, message, hint string) *Error {
	return s.locate(&fault{Span: at, message: message, hint: hint})
}
