package offer

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// part is what is found for one action of a statement.
type part struct {
	changes []rewrite.Change
	recipes []rewrite.Recipe
	err     error // a [rewrite.Refusal]: there is no recipe
}

// apart makes recipes of a statement of which some parts have none: those parts run as they stand, each by itself. It
// returns nil unless a part that others wait for has a recipe, and the order of the parts is sure not to matter.
//
// A setting comes first: when the server refuses it, nothing else has been done. A constraint is added last, because one
// that is NOT VALID is checked for each row that a backfill writes, and dropped last, because it may serve the steps
// before. Work under lock comes last as well: what stands before it can still be taken back.
func (x *mapping) apart(o *Offer, parts []part) []rewrite.Recipe {
	if !x.postgres() || !x.independent(parts) {
		return nil
	}
	serves := false
	var first, recipes, last []rewrite.Recipe
	var says []string
	for k, p := range parts {
		if p.err == nil {
			serves = serves || Dangerous(x.st, k)
			recipes = append(recipes, p.recipes...)
			continue
		}
		alone, ok := x.alone(k)
		if !ok {
			return nil
		}
		r := rewrite.AloneRecipe(alone, x.facts.Server, x.Options)
		if x.st.Impacts[k].Effect.Work == 0 && alone.Adds == "" && alone.Drops == "" {
			first = append(first, r)
		} else {
			last = append(last, r)
		}
	}
	if !serves {
		return nil
	}
	for i := range first {
		says = append(says, aloneText(i+1, first[i]))
	}
	steps := len(first)
	for _, r := range recipes {
		steps += len(r.Steps)
	}
	for i := range last {
		says = append(says, aloneText(steps+i+1, last[i]))
	}
	o.Alone = strings.Join(says, " ")
	return slices.Concat(first, recipes, last)
}

func aloneText(number int, r rewrite.Recipe) string {
	s := &r.Steps[0]
	text := fmt.Sprintf("One part has no recipe and is step %d by itself, with a lock timeout: %s.", number, strings.TrimPrefix(s.Title, "By itself: "))
	if s.Locks[0].Held != rewrite.ForMoment {
		text += fmt.Sprintf(" It holds %s on %s for %s.", s.Locks[0].Mode, s.Locks[0].Table, s.Locks[0].Held)
	}
	return text + " The parts touch no column or constraint of each other, so that their order does not matter."
}

// alone is how a part without recipe stands by itself; false for one of which it is not known when it is done, or that changes
// how the other parts run: owner, triggers, row security, what rewrites the table.
func (x *mapping) alone(k int) (rewrite.Alone, bool) {
	a, im := &x.st.Actions[k], &x.st.Impacts[k]
	out := rewrite.Alone{Table: x.name(a.Table), Only: a.Only, Part: statement.Text(a.Tokens)}
	switch a.Kind {
	case statement.DropNotNull, statement.SetOptions:
	case statement.ColumnOption:
		if a.Option == "identity" {
			return out, false
		}
	case statement.DropConstraint:
		if a.Cascade || a.Name == "" {
			return out, false
		}
		out.Drops = x.World.Identifier(a.Name)
	case statement.Validate:
		out.Validates = x.World.Identifier(a.Name)
	case statement.AddConstraint:
		// Which name the server gives depends on those that are there when the part runs.
		if a.Constraint.Name == "" || a.Constraint.UsingIndex != "" || a.Constraint.Type == statement.NotNull {
			return out, false
		}
		out.Adds = x.World.Identifier(a.Constraint.Name)
	default:
		return out, false
	}
	held := rewrite.ForMoment
	switch {
	case im.Effect.Work.Has(effect.Rewrite), im.Effect.Work.Has(effect.IndexBuild):
		held = rewrite.ForBuild
	case im.Effect.Work != 0:
		held = rewrite.ForScan
	}
	lock := func(table rewrite.Name, l effect.Lock) {
		if l != effect.NoLock {
			out.Locks = append(out.Locks, rewrite.Lock{Table: table, Mode: rewrite.Mode(l.String()), Held: held})
		}
	}
	lock(out.Table, im.Effect.Target)
	for _, parent := range im.Parents {
		lock(x.name(parent), im.Effect.Parent)
	}
	return out, len(out.Locks) > 0
}

// independent returns whether no part without recipe touches a column, constraint or index that another part touches. What
// a part touches are all names in its text that are of the table, or that a part makes, and what the server changes
// with them; it is rather too much than too little.
func (x *mapping) independent(parts []part) bool {
	t, known := x.facts.Table(x.name(x.st.Actions[0].Table))
	if !known || t.Partitioning != nil || t.PartitionOf != nil || t.Inherits {
		return false
	}
	touched := make([]map[string]bool, len(parts))
	for k := range parts {
		if touched[k] = x.touches(k, t, parts); touched[k] == nil {
			return false
		}
	}
	for f := range parts {
		for k := range parts {
			if parts[f].err == nil || k == f {
				continue
			}
			for name := range touched[f] {
				if touched[k][name] {
					return false
				}
			}
		}
	}
	return true
}

// touches are the names that a part touches; nil where that is not known: the row as a whole is one.
func (x *mapping) touches(k int, t rewrite.Table, parts []part) map[string]bool {
	of := members(t)
	out := map[string]bool{}
	for _, tok := range x.st.Actions[k].Tokens {
		if tok.Kind != sqltoken.Word && tok.Kind != sqltoken.Quoted {
			continue
		}
		name := x.World.Identifier(tok.Value())
		if name == t.Name.Name {
			return nil
		}
		if _, has := of[name]; has || x.makes(name, parts) {
			out[name] = true
		}
	}
	for _, c := range parts[k].changes {
		if name := made(c); name != "" {
			out[name] = true
		}
	}
	// With a column go the constraints and indexes that hold it, and with a constraint its columns.
	for _, name := range slices.Collect(maps.Keys(out)) {
		for _, other := range of[name] {
			out[other] = true
		}
		for other, columns := range of {
			if slices.Contains(columns, name) {
				out[other] = true
			}
		}
	}
	return out
}

// makes says whether a part makes something of that name.
func (x *mapping) makes(name string, parts []part) bool {
	for k := range parts {
		a := &x.st.Actions[k]
		if a.Constraint != nil && x.World.Identifier(a.Constraint.Name) == name {
			return true
		}
		for _, c := range parts[k].changes {
			if made(c) == name {
				return true
			}
		}
	}
	return false
}

// made is the name of what a change adds to a table.
func made(c rewrite.Change) string {
	switch c := c.(type) {
	case rewrite.AddColumn:
		return c.Column
	case rewrite.AddGenerated:
		return c.Column
	case rewrite.AddCheck:
		return c.Name
	case rewrite.AddForeignKey:
		return c.Name
	case rewrite.AddUnique:
		return c.Name
	case rewrite.AddPrimaryKey:
		return c.Name
	}
	return ""
}

// members are the columns, constraints and indexes of a table by name, the latter two with their columns. An index on an
// expression holds all columns, because which it reads is not known.
func members(t rewrite.Table) map[string][]string {
	out := map[string][]string{}
	var all []string
	for _, c := range t.Columns {
		out[c.Name] = nil
		all = append(all, c.Name)
	}
	for _, ix := range t.Indexes {
		columns := append(ix.Columns(), ix.Include...)
		if slices.Contains(columns, "") || ix.Where != "" {
			columns = all
		}
		out[ix.Name] = columns
		if ix.Constraint != "" {
			out[ix.Constraint] = columns
		}
	}
	for _, c := range t.Checks {
		out[c.Name] = c.Columns
	}
	for _, fk := range t.ForeignKeys {
		out[fk.Name] = fk.Columns
	}
	for _, fk := range t.Referenced {
		out[fk.Name] = append(out[fk.Name], fk.ToColumns...)
	}
	return out
}
