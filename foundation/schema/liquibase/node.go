package liquibase

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// Bounds of one file.
const (
	maxDepth = 64
	maxNodes = 1 << 18
	maxText  = 1 << 20 // bytes of the text of one element
)

// node is an element of a changelog in any of its forms: a scalar is an attribute, a mapping an element.
type node struct {
	name     string
	attrs    map[string]string
	children []*node
	text     string
	at       schema.Place
	textLine int // line on which the text begins
}

func (n *node) attr(name string) string { return n.attrs[name] }

// context is the expression of contexts, which newer releases call a filter.
func (n *node) context() string {
	if c := n.attrs["contextFilter"]; c != "" {
		return c
	}
	return n.attrs["context"]
}

// child is the first child of a name, or nil.
func (n *node) child(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

var errTooLarge = errors.New("it holds too many elements or nests them too deeply")

// parse reads one changelog; the root is never nil.
func parse(name string, text []byte) (*node, []Problem) {
	root := &node{name: "databaseChangeLog", at: schema.Place{Path: name, Line: 1, EndLine: 1}}
	var err error
	if strings.EqualFold(path.Ext(name), ".xml") {
		err = parseXML(root, text)
	} else {
		err = parseYAML(root, text)
	}
	if err != nil {
		return root, []Problem{problem(root.at, true, "%s is a changelog of Liquibase that was not read to its end: %s.", name, err)}
	}
	return root, nil
}

var version11 = regexp.MustCompile(`^\s*<\?xml\s+version=["']1\.1["']`)

// parseXML fills the root. What was read before an error stays.
func parseXML(root *node, text []byte) error {
	if m := version11.FindIndex(text); m != nil { // the decoder refuses it; what differs is in control characters
		text = bytes.Clone(text)
		text[m[1]-2] = '0'
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // names are ASCII in practice
	var (
		stack []*node
		nodes int
		at    int64
		line  = 1
	)
	for {
		start := d.InputOffset()
		line += bytes.Count(text[at:start], []byte{'\n'})
		at = start
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if len(stack) > 0 {
				return io.ErrUnexpectedEOF
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			nodes++
			if len(stack) >= maxDepth || nodes > maxNodes {
				return errTooLarge
			}
			n := &node{name: t.Name.Local, at: schema.Place{Path: root.at.Path, Line: line, EndLine: line}, attrs: make(map[string]string, len(t.Attr))}
			for _, a := range t.Attr {
				if a.Name.Space == "" {
					n.attrs[a.Name.Local] = a.Value
				}
			}
			switch {
			case len(stack) > 0:
				up := stack[len(stack)-1]
				up.children = append(up.children, n)
			case n.name == "databaseChangeLog":
				root.attrs, n = n.attrs, root
			}
			stack = append(stack, n)
		case xml.EndElement:
			if len(stack) == 0 || stack[len(stack)-1].name != t.Name.Local {
				return errors.New("an element is closed that is not open")
			}
			end := line + bytes.Count(text[at:d.InputOffset()], []byte{'\n'})
			stack[len(stack)-1].at.EndLine = end
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) == 0 || len(bytes.TrimSpace(t)) == 0 {
				continue
			}
			n := stack[len(stack)-1]
			if n.text == "" {
				n.textLine = line
			}
			if len(n.text)+len(t) <= maxText {
				n.text += string(t)
			}
		}
	}
}

func parseYAML(root *node, text []byte) error {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return err
	}
	y := &yamlReader{path: root.at.Path}
	for _, d := range doc.Content {
		y.fill(root, d, 0)
	}
	// The document is a mapping with the changelog as its only key.
	if log := root.child("databaseChangeLog"); log != nil {
		root.children = log.children
	}
	if y.over {
		return errTooLarge
	}
	return nil
}

type yamlReader struct {
	path  string
	nodes int
	over  bool
}

// containers are keys that hold a list of elements of which XML writes no parent.
var containers = map[string]bool{"changes": true, "columns": true}

// fill adds a mapping, or a list of mappings, to an element. Aliases are not followed.
func (y *yamlReader) fill(n *node, v *yaml.Node, depth int) {
	y.nodes++
	if depth > maxDepth || y.nodes > maxNodes {
		y.over = true
		return
	}
	switch v.Kind {
	case yaml.SequenceNode:
		for _, item := range v.Content {
			y.fill(n, item, depth+1)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(v.Content); i += 2 {
			key, value := v.Content[i], v.Content[i+1]
			if containers[key.Value] {
				y.fill(n, value, depth+1)
				continue
			}
			if value.Kind == yaml.ScalarNode {
				if n.attrs == nil {
					n.attrs = map[string]string{}
				}
				if value.Tag != "!!null" {
					n.attrs[key.Value] = value.Value
				}
				if key.Value == "sql" {
					n.text, n.textLine = value.Value, value.Line
					if value.Style == yaml.LiteralStyle || value.Style == yaml.FoldedStyle {
						n.textLine++
					}
				}
				continue
			}
			c := &node{name: key.Value, at: schema.Place{Path: y.path, Line: key.Line, EndLine: last(value, 0)}}
			n.children = append(n.children, c)
			y.fill(c, value, depth+1)
		}
	}
}

// last is the line of the last value below a node.
func last(v *yaml.Node, depth int) int {
	if n := len(v.Content); n > 0 && depth < maxDepth {
		return max(v.Line, last(v.Content[n-1], depth+1))
	}
	return v.Line
}
