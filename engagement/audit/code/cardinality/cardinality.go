// Package cardinality guesses how many rows a table holds from the shape of its schema, for want of
// live statistics.
//
// A guess is an order of magnitude with its reason, and every figure that is computed with one calls
// it an assumption. It serves to tell the tables of a code base apart: a finding on the list of plans
// must not weigh as much as one on the lines of its invoices. What the user says with --rows wins.
//
// The rules, first match first:
//
//   - a table of a migration tool or framework: a hundred rows
//   - codes and tokens for one use, pins, drafts, by the end of its name: ten thousand, whatever they belong to
//   - a list that people keep by hand (types, roles, settings), by the last word of its name: 200; ten for
//     each owner where it belongs to a table that grows
//   - a table whose foreign key is unique, or to which a unique key points: as many rows as the other table
//   - a table of pairs of two lists: some hundreds
//   - a table of events (logs, messages, deliveries), by the last word of its name: ten million
//   - a table of people (users, customers): a hundred thousand
//   - a table of owners (at least three others belong to it, and it belongs to nothing that grows), or
//     one whose name says so (organisations, projects, shops): ten thousand
//     unless it is a part of a table that grows
//   - everything else: a million
package cardinality

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Orders of magnitude of the classes above. They are assumptions, and printed as such.
const (
	toolRows   = 100
	handRows   = 200
	pairRows   = 4 * handRows
	ownerRows  = 10_000
	personRows = 100_000
	otherRows  = 1_000_000
	eventRows  = 10_000_000
)

// Handful is the number of rows below which an index changes little and a lock is short.
const Handful = 1000

// Guess is the likely size of a table.
type Guess struct {
	Rows float64
	Why  string // half a sentence that follows "assumed: "
}

// Few reports a table that stays small.
func (g Guess) Few() bool { return g.Rows < Handful }

// Guesses are the likely sizes of a project's tables.
type Guesses struct {
	byName map[string]Guess
}

type key struct{}

// Of reads the schemas of a project, once. It is safe for concurrent use.
func Of(p *project.Project) *Guesses {
	return p.Derive(key{}, func() any {
		g := &Guesses{byName: map[string]Guess{}}
		for _, db := range p.Schemas {
			if db.Schema != nil {
				g.read(db.Schema)
			}
		}
		return g
	}).(*Guesses)
}

// Table returns the guess for a table by its name, with or without its schema; a table that no schema
// of the project states is judged by its name.
func (g *Guesses) Table(name string) Guess {
	k := schema.Key(name)
	if found, ok := g.byName[k]; ok {
		return found
	}
	return byName(k)
}

// read adds the tables of one schema. Where two schemas hold a table of one name, the larger guess
// stands.
func (g *Guesses) read(s *schema.Schema) {
	r := reader{schema: s, children: map[string]map[string]bool{}, owners: map[string]*schema.Table{}, done: map[string]Guess{}}
	for _, name := range s.Names() {
		t := s.Table(name)
		for _, fk := range t.ForeignKeys {
			if fk.RefTable == "" || schema.Key(fk.RefTable) == schema.Key(t.Name) {
				continue
			}
			parent := schema.Key(fk.RefTable)
			if r.children[parent] == nil {
				r.children[parent] = map[string]bool{}
			}
			r.children[parent][schema.Key(t.Name)] = true
			if other := s.Table(fk.RefTable); other != nil && single(t, fk) && r.owners[parent] == nil {
				r.owners[parent] = t
			}
		}
	}
	for _, name := range s.Names() {
		t := s.Table(name)
		guess := r.guess(t, 0)
		if old, ok := g.byName[schema.Key(t.Name)]; !ok || guess.Rows > old.Rows {
			g.byName[schema.Key(t.Name)] = guess
		}
	}
}

type reader struct {
	schema   *schema.Schema
	children map[string]map[string]bool // tables that refer to a table
	owners   map[string]*schema.Table   // table whose rows each hold a key of their own to a table
	done     map[string]Guess
}

// maxDepth bounds how far a chain of one-to-one keys is followed; schemas may hold cycles.
const maxDepth = 4

func (r *reader) guess(t *schema.Table, depth int) Guess {
	k := schema.Key(t.Name)
	if g, ok := r.done[k]; ok {
		return g
	}
	g := r.judge(t, depth)
	if depth == 0 {
		r.done[k] = g
	}
	return g
}

func (r *reader) judge(t *schema.Table, depth int) Guess {
	named := byName(t.Name)
	if named.Rows == toolRows || passing(Words(t.Name)) {
		return named
	}
	if depth < maxDepth {
		says := named.Rows == ownerRows || named.Rows == personRows // then the other side is the extension
		if parent := r.oneToOne(t); parent != nil && (!says || byName(parent.Name).Rows != otherRows) {
			g := r.guess(parent, depth+1)
			return Guess{g.Rows, "one row for each row of " + parent.Name + ", whose key is unique here"}
		}
		if holder := r.owners[schema.Key(t.Name)]; holder != nil && named.Rows != eventRows && len(t.ForeignKeys) == 0 && len(r.children[schema.Key(t.Name)]) == 1 {
			g := r.guess(holder, depth+1)
			return Guess{g.Rows, "one row for each row of " + holder.Name + ", which holds its key"}
		}
		if r.pairs(t) {
			return Guess{pairRows, "pairs of lists that people keep by hand"}
		}
	}
	if named.Few() && depth < maxDepth {
		// user_roles and account_settings are no lists: each owner has some.
		if parent := r.owner(t); parent != nil {
			g := r.guess(parent, depth+1)
			return Guess{min(10*g.Rows, otherRows), "about ten for each row of " + parent.Name}
		}
	}
	if parent := r.owner(t); named.Rows == ownerRows && parent != nil && byName(parent.Name).Rows == otherRows && parent != r.oneToOne(t) {
		return Guess{otherRows, "part of a row of " + parent.Name} // the groups of a rollout own less than the groups of users
	}
	if named.Rows != otherRows {
		return named
	}
	if n := len(r.children[schema.Key(t.Name)]); n >= 3 && r.owner(t) == nil && !r.polymorphic(t) {
		return Guess{ownerRows, plural(n) + " belong to it and it belongs to none that grows"}
	}
	return named
}

// pairs reports a table that holds little more than keys of two lists.
func (r *reader) pairs(t *schema.Table) bool {
	lists := 0
	for _, fk := range t.ForeignKeys {
		parent := r.schema.Table(fk.RefTable)
		if fk.Polymorphic || len(fk.Columns) != 1 || parent == nil || !byName(parent.Name).Few() {
			return false
		}
		lists++
	}
	return lists == 2 && len(t.Columns) <= 6
}

// single reports a foreign key of one column that is unique.
func single(t *schema.Table, fk *schema.ForeignKey) bool {
	if fk.Polymorphic || len(fk.Columns) != 1 {
		return false
	}
	for _, ix := range t.Indexes {
		if ix.Unique && !ix.Primary && ix.Where == "" && len(ix.Columns) == 1 && strings.EqualFold(ix.Columns[0].Name, fk.Columns[0]) {
			return true
		}
	}
	return false
}

// oneToOne returns the table to which a unique foreign key makes t an extension.
func (r *reader) oneToOne(t *schema.Table) *schema.Table {
	for _, fk := range t.ForeignKeys {
		if fk.Polymorphic || len(fk.Columns) != 1 || schema.Key(fk.RefTable) == schema.Key(t.Name) {
			continue
		}
		parent := r.schema.Table(fk.RefTable)
		if parent == nil {
			continue
		}
		if len(t.PrimaryKey) == 1 && strings.EqualFold(t.PrimaryKey[0], fk.Columns[0]) {
			return parent
		}
		if single(t, fk) {
			return parent
		}
	}
	return nil
}

// owner returns the table that grows and that t belongs to, the one with the fewest rows by its name
// where there are several; nil when there is none.
func (r *reader) owner(t *schema.Table) *schema.Table {
	var best *schema.Table
	for _, fk := range t.ForeignKeys {
		if fk.Polymorphic || schema.Key(fk.RefTable) == schema.Key(t.Name) {
			continue
		}
		if parent := r.schema.Table(fk.RefTable); parent != nil && !byName(parent.Name).Few() && (best == nil || byName(parent.Name).Rows < byName(best.Name).Rows) {
			best = parent
		}
	}
	return best
}

// polymorphic reports a key that may lead to any table.
func (r *reader) polymorphic(t *schema.Table) bool {
	for _, fk := range t.ForeignKeys {
		if fk.Polymorphic {
			return true
		}
	}
	return false
}

func plural(n int) string {
	words := []string{"", "one table", "two tables", "three tables", "four tables", "five tables", "six tables", "seven tables", "eight tables", "nine tables"}
	if n < len(words) {
		return words[n]
	}
	return "many tables"
}
