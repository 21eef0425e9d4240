//go:build cgo

package template

import (
	"bytes"
	"strings"
)

// scanner state that keeps the scan linear: a delimiter that was searched to the end of the file
// without success is not searched again, and parentheses that never close may cost eight times the
// file together.
type bladeSearch struct {
	src      []byte
	hopeless map[string]bool
	budget   int
}

// find returns where a delimiter begins from an offset on, or -1.
func (s *bladeSearch) find(from int, what string) int {
	if s.hopeless[what] {
		return -1
	}
	if n := bytes.Index(s.src[from:], []byte(what)); n >= 0 {
		return from + n
	}
	s.hopeless[what] = true
	return -1
}

// closing returns the offset of the parenthesis that closes the one at open, or -1. Parentheses in
// strings do not count.
func (s *bladeSearch) closing(open int) int {
	depth := 0
	for i := open; i < len(s.src) && i-open < s.budget; i++ {
		switch s.src[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		case '"', '\'':
			if end := quoted(s.src, i, min(len(s.src), open+s.budget)); end > 0 {
				i = end - 1
			} else {
				s.budget -= len(s.src) - open
				return -1
			}
		}
	}
	s.budget -= len(s.src) - open
	return -1
}

// quoted returns the offset behind the string literal at i, or 0 when it does not end.
func quoted(src []byte, i, limit int) int {
	q := src[i]
	for i++; i < limit; i++ {
		switch src[i] {
		case '\\':
			i++
		case q:
			return i + 1
		}
	}
	return 0
}

// cssRules are at-rules of style sheets, which stand in templates too.
var cssRules = map[string]bool{
	"media": true, "supports": true, "import": true, "keyframes": true, "font": true, "charset": true, "page": true,
	"layer": true, "container": true, "property": true, "namespace": true, "counter": true, "apply": true,
	"tailwind": true, "screen": true, "config": true, "theme": true, "variants": true, "scope": true,
	"starting": true, "document": true, "viewport": true, "utility": true, "plugin": true, "source": true, "mixin": true,
}

func (t *blade) scan() {
	s := &bladeSearch{src: t.src, hopeless: map[string]bool{}, budget: 8*len(t.src) + 1<<16}
	src := t.src
	for i := 0; i < len(src); {
		n := bytes.IndexAny(src[i:], "{@<")
		if n < 0 {
			return
		}
		i += n
		rest := src[i:]
		switch {
		case bytes.HasPrefix(rest, []byte("{{--")):
			i = t.delimited(s, "{{--", i, i+4, "--}}")
		case bytes.HasPrefix(rest, []byte("{!!")):
			i = t.delimited(s, "{{", i, i+3, "!!}")
		case bytes.HasPrefix(rest, []byte("{{{")):
			i = t.delimited(s, "{{", i, i+3, "}}}")
		case bytes.HasPrefix(rest, []byte("{{")):
			i = t.delimited(s, "{{", i, i+2, "}}")
		case bytes.HasPrefix(rest, []byte("<?php")):
			i = t.phpTag("<?php", i, i+5)
		case bytes.HasPrefix(rest, []byte("<?=")):
			i = t.phpTag("<?=", i, i+3)
		case bytes.HasPrefix(rest, []byte("<x-")) || bytes.HasPrefix(rest, []byte("<x:")):
			i = t.componentTag(s, i, i+1)
		case bytes.HasPrefix(rest, []byte("<livewire:")):
			i = t.componentTag(s, i, i+1)
		case src[i] == '@':
			i = t.directive(s, i)
		default:
			i++
		}
	}
}

// delimited adds a tag up to its closing delimiter and returns the offset behind it.
func (t *blade) delimited(s *bladeSearch, name string, start, from int, closing string) int {
	end := s.find(from, closing)
	if end < 0 {
		t.failed(0)
		return from
	}
	t.tags = append(t.tags, bladeTag{name: name, start: uint32(start), end: uint32(end + len(closing)), from: uint32(from), to: uint32(end)})
	return end + len(closing)
}

// phpTag adds <?php ... ?>, which may run to the end of the file. "?>" in a string or a comment with
// an end does not end it.
func (t *blade) phpTag(name string, start, from int) int {
	src := t.src
	end, behind := len(src), len(src)
scan:
	for i := from; i < len(src); i++ {
		switch src[i] {
		case '"', '\'':
			if i = quoted(src, i, len(src)) - 1; i < 0 {
				break scan
			}
		case '/':
			if i+1 < len(src) && src[i+1] == '*' {
				n := bytes.Index(src[i+2:], []byte("*/"))
				if n < 0 {
					break scan
				}
				i += n + 3
			} else if i+1 < len(src) && src[i+1] == '/' {
				i = lineComment(src, i)
			}
		case '#':
			if i+1 < len(src) && src[i+1] != '[' {
				i = lineComment(src, i)
			}
		case '?':
			if i+1 < len(src) && src[i+1] == '>' {
				end, behind = i, i+2
				break scan
			}
		}
	}
	t.tags = append(t.tags, bladeTag{name: name, start: uint32(start), end: uint32(behind), from: uint32(from), to: uint32(end)})
	return behind
}

// lineComment returns the offset of the last byte of a comment that ends with its line or the tag.
func lineComment(src []byte, i int) int {
	for i+1 < len(src) && src[i+1] != '\n' && !(src[i+1] == '?' && i+2 < len(src) && src[i+2] == '>') {
		i++
	}
	return i
}

// directive adds the directive at an "@", if it is one, and returns where the scan goes on.
func (t *blade) directive(s *bladeSearch, start int) int {
	src := t.src
	i := start + 1
	if start > 0 && isWord(src[start-1]) { // an address
		return i
	}
	if i < len(src) && src[i] == '@' { // @@if is text
		for i++; i < len(src) && isWord(src[i]); i++ {
		}
		return i
	}
	if rest := src[i:]; bytes.HasPrefix(rest, []byte("{{")) || bytes.HasPrefix(rest, []byte("{!!")) {
		closing := "}}"
		if rest[1] == '!' {
			closing = "!!}"
		}
		if end := s.find(i, closing); end >= 0 {
			return end + len(closing)
		}
		return i + 2
	}
	for i < len(src) && (isWord(src[i]) || (src[i] == ':' && i+2 < len(src) && src[i+1] == ':' && isWord(src[i+2]))) {
		if src[i] == ':' {
			i++
		}
		i++
	}
	name := string(src[start+1 : i])
	if name == "" || cssRules[name] || (i < len(src) && (src[i] == '=' || src[i] == '.' || src[i] == ':' || src[i] == '-')) && !knownDirective(name) {
		return i // @click="..." belongs to a script library
	}
	tag := bladeTag{name: name, start: uint32(start), end: uint32(i)}
	open := i
	for open < len(src) && (src[open] == ' ' || src[open] == '\t') {
		open++
	}
	if open < len(src) && src[open] == '(' && (open == i || knownDirective(name)) {
		if end := s.closing(open); end >= 0 {
			tag.args = true
			tag.from, tag.to, tag.end = uint32(open+1), uint32(end), uint32(end+1)
			i = end + 1
		}
	}
	switch {
	case name == "verbatim":
		if end := s.find(i, "@endverbatim"); end >= 0 {
			return end + len("@endverbatim")
		}
		return i
	case name == "php" && !tag.args:
		end := s.find(i, "@endphp")
		if end < 0 {
			t.failed(0)
			return i
		}
		tag.name, tag.from, tag.to, tag.end = "<?php", uint32(i), uint32(end), uint32(end+len("@endphp"))
		i = int(tag.end)
	}
	t.tags = append(t.tags, tag)
	return i
}

// componentTag adds <x-name ...> or <livewire:name ...>. The name begins at from.
func (t *blade) componentTag(s *bladeSearch, start, from int) int {
	src := t.src
	i := from
	for i < len(src) && (isWord(src[i]) || strings.IndexByte("-.:", src[i]) >= 0) {
		i++
	}
	tag := bladeTag{name: "<x-", start: uint32(start), component: string(src[from:i])}
	limit := min(len(src), i+s.budget)
	for i < limit {
		c := src[i]
		switch {
		case c == '>':
			tag.end = uint32(i + 1)
			if name := tag.component; name != "x-slot" && !strings.HasPrefix(name, "x-slot:") && !strings.HasPrefix(name, "x-slot[") {
				t.tags = append(t.tags, tag)
			}
			return i + 1
		case isSpace(c) || c == '/':
			i++
		case bytes.HasPrefix(src[i:limit], []byte("{{")):
			end := s.find(i, "}}")
			if end < 0 || end >= limit {
				return from
			}
			code := i + 2
			if !bytes.HasPrefix(src[code:], []byte("--")) {
				tag.attributes = append(tag.attributes, bladeAttribute{start: uint32(i), end: uint32(end + 2), from: uint32(code), to: uint32(end), bound: true})
			}
			i = end + 2
		case c == '@' && i+1 < limit && isWord(src[i+1]):
			i = t.attributeDirective(s, &tag, i)
		default:
			a := bladeAttribute{start: uint32(i)}
			for i < limit && !isSpace(src[i]) && strings.IndexByte("=>/\"'", src[i]) < 0 {
				i++
			}
			a.name, a.end = string(src[a.start:i]), uint32(i)
			a.from, a.to = a.end, a.end
			if i < limit && src[i] == '=' {
				i++
				if i < limit && (src[i] == '"' || src[i] == '\'') {
					n := bytes.IndexByte(src[i+1:limit], src[i])
					if n < 0 {
						s.budget -= limit - start
						return from
					}
					a.from, a.to = uint32(i+1), uint32(i+1+n)
					i += n + 2
				} else {
					a.from = uint32(i)
					for i < limit && !isSpace(src[i]) && src[i] != '>' {
						i++
					}
					a.to = uint32(i)
				}
				a.end = uint32(i)
			} else if uint32(i) == a.start {
				i++
				continue
			}
			tag.attributes = append(tag.attributes, a)
		}
	}
	s.budget -= limit - start
	return from
}

// attributeDirective reads @class([...]) in the tag of a component. @click="..." is an attribute of
// a script library.
func (t *blade) attributeDirective(s *bladeSearch, tag *bladeTag, start int) int {
	i := start + 1
	for i < len(t.src) && (isWord(t.src[i]) || strings.IndexByte("-.:", t.src[i]) >= 0) {
		i++
	}
	if i < len(t.src) && t.src[i] == '(' {
		if end := s.closing(i); end >= 0 {
			tag.attributes = append(tag.attributes, bladeAttribute{start: uint32(start), end: uint32(end + 1), from: uint32(i + 1), to: uint32(end), bound: true})
			return end + 1
		}
	}
	if i+1 < len(t.src) && t.src[i] == '=' && (t.src[i+1] == '"' || t.src[i+1] == '\'') {
		if n := bytes.IndexByte(t.src[i+2:], t.src[i+1]); n >= 0 {
			return i + 2 + n + 1
		}
		s.budget -= len(t.src) - i
	}
	return i
}

// ending returns the directive that a directive closes.
func ending(name string) (string, bool) {
	switch name {
	case "show", "stop", "append", "overwrite":
		return "section", true
	}
	of, ok := strings.CutPrefix(name, "end")
	return lowerFirst(of), ok && of != ""
}

// lowerFirst undoes @endPushOnce.
func lowerFirst(s string) string {
	if s != "" && s[0] >= 'A' && s[0] <= 'Z' {
		return string(s[0]+'a'-'A') + s[1:]
	}
	return s
}

// match finds the directives that an end directive closes: section and custom directives are blocks
// only then.
func (t *blade) match() {
	open := map[string][]int{}
	for i := range t.tags {
		tag := &t.tags[i]
		if of, ok := ending(tag.name); ok {
			if of == "empty" || of == "forelse" {
				// @empty of a forelse has no arguments and no end of its own.
				stack := open[of]
				for of == "empty" && len(stack) > 0 && !t.tags[stack[len(stack)-1]].args {
					stack = stack[:len(stack)-1]
				}
				open[of] = stack
			}
			if stack := open[of]; len(stack) > 0 {
				t.tags[stack[len(stack)-1]].closed = true
				open[of] = stack[:len(stack)-1]
			}
			continue
		}
		if isWord(tag.name[0]) {
			open[tag.name] = append(open[tag.name], i)
		}
	}
}
