package decision

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/foundation/estimate/lang"
)

// definitions is what the text of a model says about its names.
type definitions struct {
	file *lang.File
	// step holds for definitions of an option that another definition uses: they are on the way to an
	// outcome. A constraint that uses one makes it none.
	step map[string]bool
	// demanded are the outcomes, without their options, that constraints name, and wanted on which end.
	demanded map[string]bool
	wanted   map[string]Better
	uses     map[string][]string // full names that a definition uses
	direct   map[string][]string // base rates that stand in a definition itself
}

func newDefinitions(file *lang.File) definitions {
	d := definitions{file: file, step: map[string]bool{}, demanded: map[string]bool{}, wanted: map[string]Better{}, uses: map[string][]string{}, direct: map[string][]string{}}
	for _, s := range file.Statements {
		switch s.Kind {
		case lang.Define:
			s.Left.Walk(func(n *lang.Node) {
				if n.Kind == lang.Rate {
					d.direct[s.Name] = append(d.direct[s.Name], n.Name)
				}
				if n.Kind == lang.Name {
					full, _ := file.Definition(n.Name, s.Option)
					d.uses[s.Name] = append(d.uses[s.Name], full)
					d.step[full] = true
				}
			})
		case lang.Constraint:
			lower := s.Op == "<" || s.Op == "<="
			for _, side := range []struct {
				node  *lang.Node
				lower bool
			}{{s.Left, lower}, {s.Right, !lower}} {
				n := side.node
				for n.Kind == lang.Convert {
					n = n.Args[0]
				}
				if n.Kind == lang.Name {
					name := n.Name[strings.LastIndexByte(n.Name, '.')+1:]
					d.demanded[name] = true
					d.wanted[name] = Higher
					if side.lower {
						d.wanted[name] = Lower
					}
				}
			}
		}
	}
	for full := range d.step {
		if d.demanded[full[strings.LastIndexByte(full, '.')+1:]] {
			delete(d.step, full)
		}
	}
	return d
}

// each calls f once for each definition that the given ones rest on, themselves included, in the order in which they are met.
func (d definitions) each(f func(full string), from ...string) {
	seen := map[string]bool{}
	var visit func(full string)
	visit = func(full string) {
		if seen[full] {
			return
		}
		seen[full] = true
		f(full)
		for _, below := range d.uses[full] {
			visit(below)
		}
	}
	for _, full := range from {
		visit(full)
	}
}

// leaves are the definitions that two outcomes rest on and that rest on no other: what a reader can turn.
func (d definitions) leaves(outcomes ...string) []string {
	var found []string
	d.each(func(full string) {
		if d.file.Definitions[full] != nil && len(d.uses[full]) == 0 && !slices.Contains(outcomes, full) {
			found = append(found, full)
		}
	}, outcomes...)
	slices.SortStableFunc(found, func(a, b string) int { return d.file.Definitions[a].Line - d.file.Definitions[b].Line })
	return found
}

// rates are the base rates that a definition rests on, by way of others too, in the order in which they are met.
func (d definitions) rates(full string) []string {
	var found []string
	d.each(func(name string) {
		for _, r := range d.direct[name] {
			if !slices.Contains(found, r) {
				found = append(found, r)
			}
		}
	}, full)
	return found
}

// named are the options whose outcomes a constraint names in full, as in `redis.cost < $5/month`.
func (d definitions) named(line int, text string) []string {
	var options []string
	for _, s := range d.file.Statements {
		if s.Kind != lang.Constraint || s.Line != line || s.Text != text || s.Option != "" {
			continue
		}
		for _, side := range []*lang.Node{s.Left, s.Right} {
			side.Walk(func(n *lang.Node) {
				if n.Kind != lang.Name {
					return
				}
				full, _ := d.file.Definition(n.Name, "")
				if of := d.file.Definitions[full]; of != nil && of.Option != "" && !slices.Contains(options, of.Option) {
					options = append(options, of.Option)
				}
			})
		}
	}
	return options
}
