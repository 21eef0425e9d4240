// Command functionsdoc writes docs/functions.md from the function table of engine/calc.
//
//	go run ./internal/functionsdoc -o docs/functions.md
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/fn"
)

//go:generate go run . -o ../../docs/functions.md

func main() {
	out := flag.String("o", "docs/functions.md", "file to write")
	flag.Parse()
	if err := os.WriteFile(*out, Page(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "functionsdoc:", err)
		os.Exit(1) //nolint:forbidigo // a generator is a command of its own
	}
}

// intro says how to read the tables; %d is the number of functions.
const intro = `# Functions of calc

Generated from the function table by ` + "`make docs`" + `; do not edit. There are %d functions. A formula that calls another one is
` + "`#NAME?`" + `, as in Excel; one that a file holds a value for keeps that until what it reads is edited ([calc.md](calc.md)).

Arguments are named by what they take: *number*, *text*, *condition* and *value* are single values, over which the function is
applied one by one where an array is given; *values* is a reference, an array or a single value; *reference* is a reference to
cells; *function* is a LAMBDA. What stands in brackets may be left out, and ... means that what stands before it, or the group in
parentheses, may be repeated. The names are without the prefixes (_xlfn., _xlws.) under which files have them.

Functions marked with ↻ are computed anew each time, because they depend on the moment or on random numbers; ` + "`--now`" + ` and ` + "`--seed`" + `
hold them still. Those marked with → read cells that only the values of their arguments tell.
`

// Page renders the tables.
func Page() []byte {
	var b bytes.Buffer
	all := slices.Clone(fn.All())
	fmt.Fprintf(&b, intro, len(all))
	byCategory := map[string][]*fn.Func{}
	var categories []string
	for _, f := range all {
		if byCategory[f.Category] == nil {
			categories = append(categories, f.Category)
		}
		byCategory[f.Category] = append(byCategory[f.Category], f)
	}
	slices.Sort(categories)
	for _, c := range categories {
		list := byCategory[c]
		slices.SortFunc(list, func(a, b *fn.Func) int { return strings.Compare(a.Name, b.Name) })
		fmt.Fprintf(&b, "\n## %s (%d)\n\n| function | what it returns |\n| --- | --- |\n", c, len(list))
		for _, f := range list {
			mark := ""
			if f.Volatile {
				mark += " ↻"
			}
			if f.Dynamic {
				mark += " →"
			}
			fmt.Fprintf(&b, "| `%s(%s)`%s | %s |\n", f.Name, arguments(f.Takes), mark, cell(sentence(f.Doc)))
		}
	}
	b.WriteString("\n## What is not there\n\n| functions | why |\n| --- | --- |\n")
	for _, m := range missing {
		fmt.Fprintf(&b, "| %s | %s |\n", "`"+strings.ReplaceAll(m.names, " ", "`, `")+"`", cell(m.why))
	}
	b.WriteString("\nThe operators `#` and `@`, which files have as ANCHORARRAY and SINGLE, are read as operators.\n")
	return b.Bytes()
}

var kinds = map[byte]string{'n': "number", 't': "text", 'b': "condition", 'v': "value", 'a': "values", 'A': "values", 'r': "reference", 'f': "function"}

// arguments puts the kinds of a function's parameters (see [fn.Func].Takes) into words.
func arguments(takes string) string {
	words := strings.Fields(takes)
	var out strings.Builder
	for i, w := range words {
		if w == "..." {
			out.WriteString(" ...")
			continue
		}
		if i > 0 {
			out.WriteString(", ")
		}
		name := func(kind string) string { return kinds[kind[0]] }
		switch {
		case strings.HasPrefix(w, "("):
			out.WriteString("(" + name(w[1:]))
		case strings.HasSuffix(w, ")"), strings.HasSuffix(w, ")?"):
			out.WriteString(name(w) + ")")
		case strings.HasSuffix(w, "?"):
			out.WriteString("[" + name(w) + "]")
		default:
			out.WriteString(name(w))
		}
	}
	return out.String()
}

// sentence begins with a small letter and ends without a full stop, whatever the table has.
func sentence(s string) string {
	s = strings.TrimSuffix(strings.TrimSpace(s), ".")
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' && s[1] <= 'z' {
		for _, proper := range []string{"Fisher", "Excel", "Roman", "Student", "Bessel", "Arabic", "Euler", "Pearson", "Newton", "Gauss"} {
			if strings.HasPrefix(s, proper) {
				return s
			}
		}
		s = strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

func cell(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "|", "\\|"), "\n", " ") }
