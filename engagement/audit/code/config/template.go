package config

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Template tags are replaced before a YAML or nginx parser sees them. A tag inside a line becomes a
// run of private-use runes of the same length that carries the tag's number, so that the value can be
// given back its text; a tag alone on its line steers the template or inserts lines, and becomes blanks.
const (
	tagMark  = '\uF8FF'
	tagPad   = '\uF000'
	tagDigit = '\uE000' // digits 0..1023 follow
	tagBase  = 1024
)

// masked is a template's text with its tags hidden.
type masked struct {
	text  string
	tags  []string     // replaced inline tags by number
	holes map[int]bool // lines on which a tag alone may insert content (includes, toYaml, render)
	lines []int        // the keys of holes, ascending
	any   bool         // some tag was found
}

var tagPairs = []struct{ open, shut string }{{"<%", "%>"}, {"{{", "}}"}, {"{%", "%}"}}

func maskTemplate(src string) masked {
	m := masked{text: src}
	if !strings.Contains(src, "<%") && !strings.Contains(src, "{{") && !strings.Contains(src, "{%") {
		return m
	}
	m.holes = map[int]bool{}
	var out strings.Builder
	out.Grow(len(src))
	line := 1
	bare := true                 // the line so far holds only blanks and blanked tags
	noClose := map[string]bool{} // a missing end tag is looked for once, not once per opening
	for i := 0; i < len(src); {
		c := src[i]
		if c == '\n' {
			line, bare = line+1, true
		}
		if c != '<' && c != '{' {
			bare = bare && (c == ' ' || c == '\t' || c == '\n')
			out.WriteByte(c)
			i++
			continue
		}
		end := 0
		for _, p := range tagPairs {
			if strings.HasPrefix(src[i:], p.open) && !noClose[p.open] {
				at := strings.Index(src[i+2:], p.shut)
				if at < 0 {
					noClose[p.open] = true
					continue
				}
				end = i + 2 + at + 2
				// "}}}" closes a map literal inside the tag first.
				for p.shut == "}}" && end < len(src) && src[end] == '}' {
					end++
				}
				break
			}
		}
		if end == 0 || (c == '<' && strings.HasPrefix(src[i:], "<%%")) {
			out.WriteByte(c)
			bare = false
			i++
			continue
		}
		m.any = true
		tag := src[i:end]
		steers := !insertsText(tag)
		switch last := blankToLineEnd(src[end:]); {
		case bare && last, steers && (bare || last), last && opensBlock(src, i, end):
			if !steers {
				m.holes[line] = true
			}
			writeBlanks(&out, tag)
		default:
			bare = false
			writeRun(&out, tag, len(m.tags))
			m.tags = append(m.tags, tag)
		}
		line += strings.Count(tag, "\n")
		i = end
	}
	m.text = out.String()
	for l := range m.holes {
		m.lines = append(m.lines, l)
	}
	slices.Sort(m.lines)
	return m
}

// holesIn reports whether an inserting tag stands alone on one of the lines.
func (m *masked) holesIn(from, to int) bool {
	i, _ := slices.BinarySearch(m.lines, from)
	return i < len(m.lines) && m.lines[i] <= to
}

// blankToLineEnd reports whether only blanks, further tags or a comment follow on the line. It looks
// at a bounded stretch, so that a line of a million tags stays linear.
func blankToLineEnd(rest string) bool {
	rest = rest[:min(len(rest), 400)]
	if at := strings.IndexByte(rest, '\n'); at >= 0 {
		rest = rest[:at]
	}
	for {
		rest = strings.TrimSpace(rest)
		if rest == "" || rest[0] == '#' {
			return true
		}
		shut := -1
		for _, p := range tagPairs {
			if strings.HasPrefix(rest, p.open) {
				shut = strings.Index(rest[2:], p.shut)
				break
			}
		}
		if shut < 0 {
			return false
		}
		rest = rest[shut+4:]
	}
}

// opensBlock reports a tag at the end of a line whose text goes on below, deeper: a tag that writes the
// first entry of a list item, or the first entries of a mapping, before entries that stand in the file.
func opensBlock(src string, from, end int) bool {
	near := src[max(0, from-200):from] // bounded: a line may hold a million tags
	at := strings.LastIndexByte(near, '\n')
	if at < 0 {
		return false
	}
	head := near[at+1:]
	column := len(head) - len(strings.TrimLeft(head, " -"))
	rest := src[end:min(len(src), end+1000)]
	for first := true; rest != ""; first = false {
		line, more, _ := strings.Cut(rest, "\n")
		rest = more
		text := strings.TrimSpace(line)
		if first || text == "" || text[0] == '#' || strings.HasPrefix(text, "{{") || strings.HasPrefix(text, "<%") {
			continue
		}
		indent := len(line) - len(strings.TrimLeft(line, " "))
		key, _, isKey := strings.Cut(text, ":")
		isKey = isKey && !strings.ContainsAny(key, " {")
		if column == len(head) {
			return isKey && indent >= column && strings.Contains(head, "-")
		}
		return isKey && indent > column && strings.HasSuffix(strings.TrimSpace(head), ":")
	}
	return false
}

// insertsText tells tags that write something from tags that only steer.
func insertsText(tag string) bool {
	if strings.HasPrefix(tag, "<%") {
		return strings.HasPrefix(tag, "<%=")
	}
	if strings.HasPrefix(tag, "{%") {
		return strings.Contains(tag, "include")
	}
	body := strings.TrimSpace(strings.Trim(strings.TrimSuffix(strings.TrimPrefix(tag, "{{"), "}}"), "- "))
	word, rest, _ := strings.Cut(body, " ")
	switch word {
	case "if", "else", "end", "with", "range", "define", "block", "break", "continue":
		return false
	}
	if strings.HasPrefix(body, "/*") || strings.HasPrefix(body, "#") {
		return false
	}
	rest = strings.TrimSpace(rest)
	return !strings.HasPrefix(rest, ":=") && !strings.HasPrefix(rest, "=")
}

func writeBlanks(out *strings.Builder, tag string) {
	for _, r := range tag {
		if r == '\n' {
			out.WriteByte('\n')
		} else {
			out.WriteByte(' ')
		}
	}
}

func writeRun(out *strings.Builder, tag string, number int) {
	out.WriteRune(tagMark)
	out.WriteRune(tagDigit + rune(number/tagBase%tagBase))
	out.WriteRune(tagDigit + rune(number%tagBase))
	first, rest := tag, ""
	if at := strings.IndexByte(tag, '\n'); at >= 0 {
		first, rest = tag[:at], tag[at:]
	}
	for n := utf8.RuneCountInString(first); n > 3; n-- {
		out.WriteRune(tagPad)
	}
	writeBlanks(out, rest)
}

// restore gives a value its tags back and reports whether it held any.
func (m *masked) restore(s string) (string, bool) {
	if len(m.tags) == 0 || !strings.ContainsRune(s, tagMark) {
		return s, false
	}
	var out strings.Builder
	found := false
	for len(s) > 0 {
		at := strings.IndexRune(s, tagMark)
		if at < 0 {
			break
		}
		out.WriteString(s[:at])
		rest := []rune(s[at:min(len(s), at+9)])
		if len(rest) < 3 {
			s = s[at:]
			break
		}
		number := int(rest[1]-tagDigit)*tagBase + int(rest[2]-tagDigit)
		if number < 0 || number >= len(m.tags) || rest[1] < tagDigit || rest[2] < tagDigit {
			out.WriteRune(tagMark)
			s = s[at+utf8.RuneLen(tagMark):]
			continue
		}
		found = true
		out.WriteString(m.tags[number])
		s = strings.TrimLeft(s[at+9:], string(tagPad))
	}
	out.WriteString(s)
	return out.String(), found
}
