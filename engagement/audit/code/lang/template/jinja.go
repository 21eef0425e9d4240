package template

import (
	"bytes"
	"context"
	"math"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Jinja lowers a template of Jinja 2 or of Django.
//
//   - {{ a.b|f:x }} is the expression with FlagOutput; a filter is a method call on its value.
//   - for, if, with, set, macro and import are For, If, With, Assign, Func and Import. else and
//     empty of a loop are its Else.
//   - include is Call "include" with the template as String Arg and passed variables as Pair Args;
//     extends likewise.
//   - Every other tag is a Call of its name with its arguments, also when it is unknown. "as name"
//     makes an Assign of it. A tag that has an end tag (block, cache, call, custom ones) has its
//     content as a BlockArg Lambda; block has its name as String Arg.
//   - load is one Import a library.
//   - The text between the tags, raw and comment blocks are dropped.
//
// Unknown tags and misplaced end tags never stop the scan; expressions that are not understood and
// tags that are never closed are counted as errors. The error is that of the context.
func Jinja(ctx context.Context, src []byte) (*syntax.Tree, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	j := &jinja{src: src}
	if uint64(len(src)) <= math.MaxUint32 {
		j.scan()
		j.match()
		for i := range j.tags {
			if i%4096 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			j.tag(&j.tags[i])
		}
	}
	b := syntax.NewBuilder("jinja", src)
	j.write(b, uint32(len(src)), nil)
	return b.Finish(), nil
}

type jinja struct {
	outline
	src  []byte
	tags []jinjaTag
}

// jinjaTag is one {{ }}, {% %} or {# #}.
type jinjaTag struct {
	name       string // of a {% %}; "{{" of an output, "{#" of a comment
	start, end uint32 // with the delimiters
	from, to   uint32 // the content behind the name
	closed     bool   // an end tag for it follows
}

// scan finds the tags. A delimiter without its end hides nothing: the search for that end is not
// repeated, so that a file of openings takes linear time.
func (j *jinja) scan() {
	hopeless := map[string]bool{}
	raw := "" // the end tag of the raw block at hand
	for i := 0; i+1 < len(j.src); {
		n := bytes.IndexByte(j.src[i:], '{')
		if n < 0 || i+n+1 >= len(j.src) {
			return
		}
		i += n
		closing := ""
		switch j.src[i+1] {
		case '{':
			closing = "}}"
		case '%':
			closing = "%}"
		case '#':
			closing = "#}"
		default:
			i++
			continue
		}
		end := -1
		if !hopeless[closing] {
			if end = bytes.Index(j.src[i+2:], []byte(closing)); end < 0 {
				hopeless[closing] = true
			}
		}
		if end < 0 {
			if raw == "" && closing != "#}" { // "{#" is common in text
				j.failed(0)
			}
			i += 2
			continue
		}
		t := jinjaTag{name: string(j.src[i : i+2]), start: uint32(i), end: uint32(i + 2 + end + 2), from: uint32(i + 2), to: uint32(i + 2 + end)}
		if t.from < t.to && (j.src[t.from] == '-' || j.src[t.from] == '+') && closing != "#}" {
			t.from++
		}
		if t.to > t.from && (j.src[t.to-1] == '-' || j.src[t.to-1] == '+') {
			t.to--
		}
		if closing == "%}" {
			t.name = j.tagName(&t)
		}
		i = int(t.end)
		if raw != "" {
			if t.name == raw {
				raw = ""
			}
			continue
		}
		switch t.name {
		case "raw", "verbatim", "comment":
			raw = "end" + t.name
			continue
		}
		j.tags = append(j.tags, t)
	}
}

// tagName reads the name of a tag and moves its content behind it.
func (j *jinja) tagName(t *jinjaTag) string {
	for t.from < t.to && isSpace(j.src[t.from]) {
		t.from++
	}
	start := t.from
	for t.from < t.to && (isWord(j.src[t.from]) || strings.IndexByte(".:-", j.src[t.from]) >= 0) {
		t.from++
	}
	return string(j.src[start:t.from])
}

// match finds the tags that an end tag closes: custom tags are blocks only then.
func (j *jinja) match() {
	open := map[string][]int{}
	for i := range j.tags {
		name := j.tags[i].name
		if of, ok := strings.CutPrefix(name, "end"); ok && of != "" {
			if stack := open[of]; len(stack) > 0 {
				j.tags[stack[len(stack)-1]].closed = true
				open[of] = stack[:len(stack)-1]
			}
			continue
		}
		if name != "{{" && name != "{#" {
			open[name] = append(open[name], i)
		}
	}
}
