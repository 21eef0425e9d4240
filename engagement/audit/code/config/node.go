package config

import (
	"strconv"
	"strings"
)

// NodeKind is the shape of a [Node].
type NodeKind uint8

// Shapes of a value.
const (
	Null NodeKind = iota
	Scalar
	Mapping
	Sequence
)

// Node is one value of a YAML or JSON document. A nil *Node answers every method as an absent value,
// so that paths can be followed without checks.
type Node struct {
	Kind   NodeKind
	Value  string // of a scalar, as text
	Quoted bool   // scalar written in quotes: "true" is then a string
	Fields []Field
	Items  []*Node
	Span   Span // from the first to the last line of the value, nested values included
	// Templated means that a template tag writes some of this value, or that a tag inside this
	// mapping or sequence may add entries which are not visible here.
	Templated bool
	// Aliased means that the value stands at another place of the file (an anchor) and is used here.
	Aliased bool
}

// Field is one entry of a mapping. Entries keep their order and may repeat a key (template branches).
type Field struct {
	Key   string
	Span  Span // from the key's line to the last line of the value, without trailing blanks and comments
	Value *Node
}

// Get follows keys from mapping to mapping and returns the value, nil where the path ends early. The
// first entry with a key wins.
func (n *Node) Get(keys ...string) *Node {
	for _, k := range keys {
		f := n.Field(k)
		if f == nil {
			return nil
		}
		n = f.Value
	}
	return n
}

// Field returns the first entry with the key, nil when there is none.
func (n *Node) Field(key string) *Field {
	if n == nil || n.Kind != Mapping {
		return nil
	}
	for i := range n.Fields {
		if n.Fields[i].Key == key {
			return &n.Fields[i]
		}
	}
	return nil
}

// Has reports whether the mapping has the key, be its value null.
func (n *Node) Has(key string) bool { return n.Field(key) != nil }

// Text returns a scalar's text, "" for anything else.
func (n *Node) Text() string {
	if n == nil || n.Kind != Scalar {
		return ""
	}
	return n.Value
}

// Int returns a scalar as an integer. ok is false for anything else, a templated value included.
func (n *Node) Int() (v int, ok bool) {
	if n == nil || n.Kind != Scalar {
		return 0, false
	}
	v, err := strconv.Atoi(strings.ReplaceAll(strings.TrimSpace(n.Value), "_", ""))
	return v, err == nil
}

// Bool returns a YAML boolean. ok is false for anything else.
func (n *Node) Bool() (v, ok bool) {
	if n == nil || n.Kind != Scalar || n.Quoted {
		return false, false
	}
	switch strings.ToLower(n.Value) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off":
		return false, true
	}
	return false, false
}

// List returns the items of a sequence; a scalar counts as a sequence of one, null as none.
func (n *Node) List() []*Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == Sequence:
		return n.Items
	case n.Kind == Scalar:
		return []*Node{n}
	}
	return nil
}

// Texts returns the scalar items of List as text.
func (n *Node) Texts() []string {
	var out []string
	for _, it := range n.List() {
		if it != nil && it.Kind == Scalar {
			out = append(out, it.Value)
		}
	}
	return out
}

// Entries returns the fields of a mapping, nil for anything else.
func (n *Node) Entries() []Field {
	if n == nil || n.Kind != Mapping {
		return nil
	}
	return n.Fields
}

// IsNull reports an absent or null value.
func (n *Node) IsNull() bool { return n == nil || n.Kind == Null }

// place returns the node's span, the zero Span for nil.
func (n *Node) place() Span {
	if n == nil {
		return Span{}
	}
	return n.Span
}

func (n *Node) templated() bool { return n != nil && n.Templated }
