// Package offer finds the recipe for a statement of a migration: it maps what the lint knows of the statement
// and of the schema before it onto the typed changes and facts of package rewrite, and builds the recipe for the
// server in question.
//
// A statement has one [Offer], however many findings it has: a recipe of all its parts in order, or a sentence that
// says why there is none. Facts come from a catalog where there is one, brought up to date by the schema that the
// lint has folded; else from that schema alone, and what migrations do not tell (privileges, collations, the form in
// which the server prints a type) then refuses the recipes that need it.
//
// Nothing here runs a statement. A recipe is offered only when the whole statement can be carried by it: a clause that
// the changes of package rewrite do not hold is a refusal and is never left out.
package offer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/statement"
)

// Offer is what is offered in place of a statement: a recipe, or a refusal.
type Offer struct {
	Step *lint.Step
	Path string // of the migration
	Line int    // of the statement
	// Waits: others wait for work of the statement that grows with a table; else it breaks code that runs, or writes
	// many rows.
	Waits   bool
	Changes []rewrite.Change
	Recipe  rewrite.Recipe
	// Refusal says why there is no recipe; empty when there is one.
	Refusal string
}

// Place is "path:line".
func (o *Offer) Place() string { return fmt.Sprintf("%s:%d", o.Path, o.Line) }

// Maker makes offers. It is not safe for concurrent use.
type Maker struct {
	World *lint.World
	// Catalog holds the facts of a live database; nil for none.
	Catalog *rewrite.Facts
	Options rewrite.Options
}

// Server returns the server of a lint as recipes know it. Of a MySQL 8.0 whose patch nobody said, 8.0.16 is taken, from which
// on recipes are alike; of any other the first release.
func Server(s predict.Server) rewrite.Server {
	out := rewrite.Server{Product: rewrite.PostgreSQL, Version: [3]int{s.Major, s.Minor, max(s.Patch, 0)}}
	switch s.Product {
	case predict.MySQL:
		out.Product = rewrite.MySQL
		if s.Major == 8 && s.Minor == 0 && s.Patch < 0 {
			out.Version[2] = 16
		}
	case predict.MariaDB:
		out.Product = rewrite.MariaDB
	}
	return out
}

// Dangerous returns whether an action of a statement is one for which a recipe is looked for: others wait for its
// work, or it breaks code that runs, on a table that is in use.
func Dangerous(st *lint.Step, k int) bool {
	a, im := &st.Actions[k], &st.Impacts[k]
	if a.Kind == statement.AlterEnum {
		return a.Option == "rename value"
	}
	if st.Status[k] != lint.Live && st.Status[k] != lint.Small || im.Refused {
		return false
	}
	switch a.Kind {
	case statement.DropColumn, statement.DropTable, statement.RenameColumn, statement.RenameTable:
		return true
	}
	if st.Status[k] == lint.Small {
		return false // its work is short
	}
	if im.Harm() {
		return true
	}
	switch a.Kind {
	case statement.DetachPartition, statement.DropIndex:
		return !a.Concurrently && a.Option != "finalize"
	}
	switch im.Kind {
	case predict.UpdateAll, predict.DeleteAll, predict.InsertSelect, predict.AttachScan, predict.AttachDefault, predict.AddColumnNotNull:
		return true
	}
	return false
}

// Of returns the offer for a statement with the schema as it stands before it, or nil when nothing of it is
// [Dangerous].
func (m *Maker) Of(st *lint.Step) *Offer {
	dangerous, waits := false, false
	for k := range st.Actions {
		dangerous = dangerous || Dangerous(st, k)
		waits = waits || st.Status[k] == lint.Live && st.Impacts[k].Harm()
	}
	if !dangerous {
		return nil
	}
	o := &Offer{Step: st, Path: st.File.Migration.Path, Line: st.Statement.Start.Line, Waits: waits}
	x := &mapping{Maker: m, st: st, taken: map[string]bool{}}
	x.facts = x.gather()
	recipes, err := x.recipes(o)
	var refusal *rewrite.Refusal
	switch {
	case errors.As(err, &refusal):
		o.Refusal = refusal.Reason
	case err != nil:
		o.Refusal = err.Error()
	default:
		o.Recipe = join(recipes)
		if m.Catalog == nil {
			o.Recipe.Notes = append(o.Recipe.Notes, x.unknown(o.Changes)...)
		}
	}
	return o
}

// recipes builds the recipe of each part in order. A column that an earlier part adds is a fact for a later one.
func (x *mapping) recipes(o *Offer) ([]rewrite.Recipe, error) {
	for k := range x.st.Actions {
		changes, err := x.changes(k)
		if err != nil {
			return nil, err
		}
		o.Changes = append(o.Changes, changes...)
	}
	if len(o.Changes) == 0 {
		return nil, refuse("There is no recipe for this statement.")
	}
	if x.unresolved != "" {
		return nil, refuse("%s", x.unresolved)
	}
	if why := x.elsewhere(o.Changes); why != "" {
		return nil, refuse("%s", why)
	}
	var out []rewrite.Recipe
	var added []string
	for _, c := range o.Changes {
		if err := x.allowed(c); err != nil {
			return nil, err
		}
		r, err := rewrite.Build(c, x.facts, x.Options)
		if err != nil {
			return nil, err
		}
		r.Preflight = about(r.Preflight, added)
		if a, ok := c.(rewrite.AddColumn); ok {
			added = append(added, a.Column)
			x.learn(a)
		}
		out = append(out, r)
	}
	return out, nil
}

// about leaves out questions about columns that are not there before the first step.
func about(questions []rewrite.Question, added []string) []rewrite.Question {
	var out []rewrite.Question
	for _, q := range questions {
		asks := false
		for _, column := range added {
			asks = asks || strings.Contains(q.SQL, column)
		}
		if !asks {
			out = append(out, q)
		}
	}
	return out
}

// join makes one recipe of several. A later part counts as done only when the last step of the one before it is.
func join(parts []rewrite.Recipe) rewrite.Recipe {
	if len(parts) == 1 {
		return parts[0]
	}
	all := rewrite.Recipe{Title: fmt.Sprintf("%s, and %d more", parts[0].Title, len(parts)-1), Server: parts[0].Server}
	before := ""
	for i, p := range parts {
		all.Plain = append(all.Plain, p.Plain...)
		all.Preflight = append(all.Preflight, p.Preflight...)
		all.Differs = append(all.Differs, p.Differs...)
		all.Notes = append(all.Notes, without(p.Notes, all.Notes)...)
		for _, s := range p.Steps {
			s.ID = fmt.Sprintf("%d-%s", i+1, s.ID)
			if s.Done != "" && before != "" {
				s.Done = "SELECT (" + before + ") AND (" + s.Done + ")"
			}
			all.Steps = append(all.Steps, s)
		}
		if done := all.Steps[len(all.Steps)-1].Done; done != "" {
			before = done
		}
	}
	return all
}

// without returns the lines that others does not hold.
func without(lines, others []string) []string {
	have := map[string]bool{}
	for _, l := range others {
		have[l] = true
	}
	var out []string
	for _, l := range lines {
		if !have[l] {
			out = append(out, l)
		}
	}
	return out
}

func refuse(format string, args ...any) error {
	return &rewrite.Refusal{Reason: fmt.Sprintf(format, args...)}
}
