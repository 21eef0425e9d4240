package lang

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
)

// Source is a text to parse.
type Source struct {
	Name string // of the file, for errors; may be empty
	Text string
	Line int // number of the text's first line in that file; 0 is taken for 1
}

func (s Source) firstLine() int { return max(s.Line, 1) }

// LineOf returns the line of a byte offset.
func (s Source) LineOf(offset int) int {
	return s.firstLine() + strings.Count(s.Text[:min(offset, len(s.Text))], "\n")
}

// Kind says what a node of an expression is.
type Kind uint8

// Kinds of node.
const (
	Literal   Kind = iota // Value, in base units, as written in Unit
	Name                  // a definition: Name is its full name
	Rate                  // a base rate of that Name
	Negate                // -Args[0]
	Binary                // Args[0] Op Args[1]; Op is one of + - * / ^
	Range                 // Args[0] to Args[1]
	PlusMinus             // Args[0] ± Args[1]; Relative when the second is a share of the first
	Call                  // the function Name of Args
	Convert               // Args[0] in Unit
)

// Node is one node of an expression. After [Parse] its dimension is known.
type Node struct {
	Kind     Kind
	Span     Span
	Op       string
	OpSpan   Span
	Name     string
	Value    float64
	Unit     quantity.Unit
	Args     []*Node
	Relative bool
	Paren    bool // stands in parentheses

	Dim  quantity.Dim
	Near quantity.Unit // the unit in which its parts were written, for printing; may be zero
	// Dropped are the counted things that a conversion left out: requests, in `req/s * kB in MB/s`.
	Dropped quantity.Dim

	number float64 // of a literal: without its unit
	suffix string  // of a literal: the multiplier behind the number
}

// Statement is one statement of a file.
type Statement struct {
	Kind   StatementKind
	Name   string // of a definition: "cost", or "redis.cost" inside option redis; else empty
	Option string // the option it stands in, or empty
	Left   *Node  // the expression
	Op     string // of a constraint or claim: < <= > >=
	Right  *Node
	Text   string // as written, without its keyword
	Span   Span
	Line   int
	// Conditions are the words behind `at` in a claim: "sync=full".
	Conditions string
	// Options are, of a constraint outside the options that names their outcomes, the options which it
	// is a demand on.
	Options []string
}

// StatementKind says what a statement is for.
type StatementKind uint8

// Kinds of statement.
const (
	Define StatementKind = iota
	Evaluate
	Constraint
	Claim
)

// Option is one alternative of a decision: a named block of definitions.
type Option struct {
	Name     string
	Outcomes []string // full names of its definitions, in order
	Line     int
}

// File is a parsed text.
type File struct {
	Source     Source
	Statements []*Statement
	Options    []Option
	// Definitions by full name.
	Definitions map[string]*Statement
	// Rates are the names of the base rates that the text uses, in order of first use.
	Rates []string
}

// Definition returns the definition that a name means inside an option ("" outside), as its full name.
func (f *File) Definition(name, option string) (string, bool) {
	if option != "" {
		if _, ok := f.Definitions[option+"."+name]; ok {
			return option + "." + name, true
		}
	}
	_, ok := f.Definitions[name]
	return name, ok
}

// Walk calls visit for n and every node below it.
func (n *Node) Walk(visit func(*Node)) {
	if n == nil {
		return
	}
	visit(n)
	for _, arg := range n.Args {
		arg.Walk(visit)
	}
}
