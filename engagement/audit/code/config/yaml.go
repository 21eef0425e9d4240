package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

func (d *Document) parseYAML(src string) error {
	m := maskTemplate(src)
	var firstErr error
	for _, c := range splitYAML(m.text) {
		root, err := decodeYAML(c.text)
		if err != nil {
			if firstErr == nil {
				firstErr = err
			}
			d.problem(c.line, c.line+countLines(c.text)-1, "%s", yamlMessage(err, c.line))
			continue
		}
		if root == nil {
			continue
		}
		b := yamlBuilder{offset: c.line - 1, mask: &m, lines: strings.Split(c.text, "\n")}
		n := b.build(root, 0)
		if b.truncated != nil {
			d.problem(n.Span.Start, n.Span.End, "%s", b.truncated)
		}
		d.yaml = append(d.yaml, n)
	}
	if len(d.yaml) == 0 && firstErr != nil {
		return firstErr
	}
	d.compose = composeOf(d.yaml)
	d.kube = kubeObjectsOf(d.yaml)
	d.settings = settingsOfNodes(d.yaml)
	return nil
}

type yamlChunk struct {
	text string
	line int // of the chunk's first line in the file
}

// splitYAML cuts a stream at its document separators, so that one unreadable document does not take
// its neighbours with it.
func splitYAML(src string) []yamlChunk {
	var out []yamlChunk
	line, start, startLine := 1, 0, 1
	flush := func(end int) {
		if t := src[start:end]; meaningful(t) {
			out = append(out, yamlChunk{t, startLine})
		}
	}
	for i := 0; i < len(src); {
		next := strings.IndexByte(src[i:], '\n')
		end := len(src)
		if next >= 0 {
			end = i + next
		}
		text := src[i:end]
		if text == "---" || text == "..." || strings.HasPrefix(text, "--- ") {
			flush(i)
			start, startLine = i, line
			if text == "..." {
				start, startLine = min(end+1, len(src)), line+1
			}
		}
		i = end + 1
		line++
	}
	flush(len(src))
	return out
}

func meaningful(text string) bool {
	for text != "" {
		l, rest, _ := strings.Cut(text, "\n")
		text = rest
		l = strings.TrimSpace(l)
		if l != "" && l != "---" && l[0] != '#' && l[0] != '%' {
			return true
		}
	}
	return false
}

// decodeYAML returns the root of one document, nil for an empty one. The library bounds its own
// recursion (10,000 levels) and is known to panic on a few malformed inputs; such a document is
// reported as unreadable.
func decodeYAML(text string) (root *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			root, err = nil, errors.New("not valid YAML")
		}
	}()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) == 0 {
		return nil, nil
	}
	return doc.Content[0], nil
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

func yamlMessage(err error, first int) string {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	return yamlLine.ReplaceAllStringFunc(msg, func(s string) string {
		var n int
		if _, e := fmt.Sscanf(s, "line %d", &n); e != nil {
			return s
		}
		return fmt.Sprintf("line %d", n+first-1)
	})
}

// yamlBuilder turns library nodes into ours: aliases expanded within a budget, merge keys folded,
// tags of templates restored, spans computed.
type yamlBuilder struct {
	offset    int
	mask      *masked
	lines     []string
	made      int
	active    map[*yaml.Node]bool // anchors being expanded; an anchor inside itself is a cycle
	truncated error
}

func (b *yamlBuilder) build(y *yaml.Node, depth int) *Node {
	b.made++
	line := y.Line + b.offset
	n := &Node{Span: Span{line, line}}
	if b.made > maxNodes {
		b.truncated = fmt.Errorf("aliases expand to more than %d values: %w", maxNodes, ErrTooLarge)
		return n
	}
	if depth > MaxDepth {
		b.truncated = ErrTooDeep
		return n
	}
	switch y.Kind {
	case yaml.AliasNode:
		return b.alias(y, depth)
	case yaml.ScalarNode:
		b.scalar(y, n)
	case yaml.SequenceNode:
		n.Kind = Sequence
		for _, it := range y.Content {
			c := b.build(it, depth+1)
			n.Items = append(n.Items, c)
			if !c.Aliased {
				n.Span.End = max(n.Span.End, c.Span.End)
			}
		}
	case yaml.MappingNode:
		b.mapping(y, n, depth)
	}
	if n.Kind == Mapping || n.Kind == Sequence {
		n.Templated = n.Templated || b.holeIn(n.Span, y.Column)
	}
	return n
}

func (b *yamlBuilder) scalar(y *yaml.Node, n *Node) {
	n.Kind = Scalar
	n.Quoted = y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0
	n.Value, n.Templated = b.mask.restore(y.Value)
	switch {
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		n.Span.End = b.blockEnd(y.Line, y.Column)
	case strings.Contains(y.Value, "\n"):
		n.Span.End += strings.Count(y.Value, "\n")
	}
	if !n.Quoted && y.Tag == "!!null" {
		n.Kind, n.Value = Null, ""
		n.Templated = b.mask.holes[n.Span.Start] || b.mask.holes[n.Span.Start+1]
	}
}

// blockEnd returns the file line on which a block scalar that starts on the chunk's line ends: the
// last line before one that is indented no deeper than the line of the indicator.
func (b *yamlBuilder) blockEnd(line, _ int) int {
	indent := func(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }
	if line < 1 || line > len(b.lines) {
		return line + b.offset
	}
	own := indent(b.lines[line-1])
	end := line
	for i := line; i < len(b.lines); i++ {
		if strings.TrimSpace(b.lines[i]) == "" {
			continue
		}
		if indent(b.lines[i]) <= own {
			break
		}
		end = i + 1
	}
	return end + b.offset
}

func (b *yamlBuilder) mapping(y *yaml.Node, n *Node, depth int) {
	n.Kind = Mapping
	var merges []*Node
	for i := 0; i+1 < len(y.Content); i += 2 {
		k, v := y.Content[i], y.Content[i+1]
		c := b.build(v, depth+1)
		end := k.Line + b.offset
		if !c.Aliased {
			end = max(end, c.Span.End)
		}
		n.Span.End = max(n.Span.End, end)
		if k.Tag == "!!merge" {
			merges = append(merges, c)
			continue
		}
		key, dynamic := b.mask.restore(k.Value)
		n.Templated = n.Templated || dynamic
		n.Fields = append(n.Fields, Field{Key: key, Span: Span{k.Line + b.offset, end}, Value: c})
	}
	own := map[string]bool{}
	if len(merges) > 0 {
		for _, f := range n.Fields {
			own[f.Key] = true
		}
	}
	for _, m := range merges {
		sources := []*Node{m}
		if m.Kind == Sequence {
			sources = m.Items
		}
		for _, s := range sources {
			n.Templated = n.Templated || s.Templated
			for _, f := range s.Entries() {
				if b.made++; b.made > maxNodes {
					b.truncated = fmt.Errorf("aliases expand to more than %d values: %w", maxNodes, ErrTooLarge)
					return
				}
				if !own[f.Key] {
					own[f.Key] = true
					n.Fields = append(n.Fields, f)
				}
			}
		}
	}
}

func (b *yamlBuilder) alias(y *yaml.Node, depth int) *Node {
	line := y.Line + b.offset
	if y.Alias == nil || b.active[y.Alias] {
		return &Node{Span: Span{line, line}}
	}
	if b.active == nil {
		b.active = map[*yaml.Node]bool{}
	}
	b.active[y.Alias] = true
	n := b.build(y.Alias, depth+1)
	delete(b.active, y.Alias)
	n.Aliased = true
	return n
}

// holeIn reports whether an inserting tag stands on a line of the span or directly behind it, where
// its content would join a mapping that begins in the given column.
func (b *yamlBuilder) holeIn(s Span, column int) bool {
	if len(b.mask.holes) == 0 {
		return false
	}
	if b.mask.holesIn(s.Start, s.End) {
		return true
	}
	for l := s.End + 1; l-b.offset <= len(b.lines); l++ {
		if b.mask.holes[l] {
			return column > 1
		}
		if strings.TrimSpace(b.lines[l-1-b.offset]) != "" {
			break
		}
	}
	return false
}
