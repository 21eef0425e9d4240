// Package history tells which migrations of a schema's history the rules about migrations may speak of,
// and what each of their changes meets when it runs.
//
// A migration that ran everywhere is history: no change of its file helps anybody, and tools that keep
// checksums refuse one. So single changes are told only of migrations that can still be changed: the
// newest three, those written within a fortnight of the newest, and of these only what no release of
// the change log has shipped. Older migrations of the last year show how a project works: [Past] lists
// them for the one finding that says so.
//
// A change counts as one of a live table only when the table grows with use, was there before the
// migration and was not made days earlier in the same release. Changes of tables and columns that the
// schema no longer has are left out. It reads no files beside the sources and runs nothing; what the
// history does not tell (a table that no migration makes, a version without a date) is taken as old
// and unknown.
package history

import (
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

const (
	newest  = 10                   // migrations that always count as of the last year
	window  = 366 * 24 * time.Hour // before the newest in which migrations count
	release = 2 * 24 * time.Hour   // a table younger than this came with the same release: it is empty or small

	open      = 3                   // newest migrations that can still be changed
	fortnight = 14 * 24 * time.Hour // before the newest in which migrations can still be changed
)

// Step is one recent migration.
type Step struct {
	DB        *project.Database
	File      *project.File
	Migration *schema.Migration
	Changes   []Change

	open bool
}

// Change is one operation of a migration on a table that was there before, or a statement.
type Change struct {
	schema.Op
	// Table is the name by which the table is known when the change runs.
	Table string
	// Live: the table holds rows of production for all that the history tells.
	Live bool
	// Before is the column's type before the change of a column; empty when not known.
	Before *schema.Column
	// Added: the columns of the change were added by the same migration.
	Added bool
	// Held: an earlier statement of the same transaction locked the table against reads and writes, so
	// that nothing that this change does stops anybody for whom it was not stopped already.
	Held bool
}

// Recent lists the migrations that can still be changed, of all schemas of the dialects, oldest first
// within a schema.
func Recent(p *rule.Pass, dialects ...schema.Dialect) []Step {
	return steps(p, true, dialects)
}

// Past lists the migrations of the last year that have shipped.
func Past(p *rule.Pass, dialects ...schema.Dialect) []Step {
	return steps(p, false, dialects)
}

func steps(p *rule.Pass, changeable bool, dialects []schema.Dialect) []Step {
	var out []Step
	for _, db := range p.Schemas {
		if db.Schema == nil || len(db.Migrations) < 2 || aside(db) || !oneOf(db.Schema.Dialect, dialects) {
			continue
		}
		for _, s := range read(p, db) {
			if s.open == changeable {
				out = append(out, s)
			}
		}
	}
	return out
}

func oneOf(d schema.Dialect, list []schema.Dialect) bool {
	for _, x := range list {
		if x == d {
			return true
		}
	}
	return false
}

func aside(db *project.Database) bool {
	for _, dir := range strings.Split(path.Dir(db.Migrations[0].Path), "/") {
		switch dir {
		case "examples", "example", "demo", "demos", "samples", "sample", "references", "playground", "fixtures", "testdata", "tests", "test", "spec":
			return true
		}
	}
	return false
}

// table is what the history knows of one table.
type table struct {
	made    int // index of the migration that made it, -1 when none did
	columns map[string]*schema.Column
	added   map[string]int // index of the migration that added a column
}

func read(p *rule.Pass, db *project.Database) []Step {
	first, dates := recentFrom(p.Project, db)
	changeable := changeable(p.Project, db, dates)
	tables := map[string]*table{}
	get := func(name string) *table {
		k := schema.Key(name)
		if tables[k] == nil {
			tables[k] = &table{made: -1, columns: map[string]*schema.Column{}, added: map[string]int{}}
		}
		return tables[k]
	}
	var out []Step
	for i := range db.Migrations {
		m := &db.Migrations[i]
		step := Step{DB: db, Migration: m, File: p.File(m.Path), open: changeable[i]}
		held := map[string]bool{}
		for _, op := range m.Ops {
			if i >= first && step.File != nil {
				c := change(op, i, get, dates)
				c.Live = c.Live && p.Grows(c.Table)
				c.Held = m.Transactional && held[schema.Key(op.Table)]
				if !gone(db.Schema, &c) {
					step.Changes = append(step.Changes, c)
				}
			}
			if Exclusive(op.Kind) {
				held[schema.Key(op.Table)] = true
			}
			apply(op, i, get, tables)
		}
		if i >= first && step.File != nil && step.File.Role != project.Test && len(step.Changes) > 0 {
			out = append(out, step)
		}
	}
	return out
}

// Exclusive reports whether a change takes ACCESS EXCLUSIVE on PostgreSQL: nobody reads or writes the
// table until the transaction ends.
func Exclusive(kind schema.OpKind) bool {
	switch kind {
	case schema.AddColumn, schema.DropColumn, schema.RenameColumn, schema.ChangeColumn, schema.AddPrimaryKey, schema.DropConstraint, schema.AddUnique:
		return true
	}
	return false
}

// gone reports a change whose table or column the schema no longer has: a later migration dropped or
// renamed it.
func gone(s *schema.Schema, c *Change) bool {
	if c.Table == "" || c.Kind == schema.DropTable || c.Kind == schema.RawSQL || c.Kind == schema.DropColumn || c.Kind == schema.RenameTable || c.Kind == schema.RenameColumn {
		return false
	}
	t := s.Table(c.Table)
	if t == nil {
		return true
	}
	var columns []string
	switch {
	case c.ForeignKey != nil:
		columns = c.ForeignKey.Columns
	case c.Index != nil:
		for _, k := range c.Index.Columns {
			if k.Name != "" {
				columns = append(columns, k.Name)
			}
		}
	case c.Column != nil && c.Column.Name != "":
		columns = []string{c.Column.Name}
	}
	for _, k := range columns {
		if t.Column(k) == nil {
			return true
		}
	}
	return false
}

func change(op schema.Op, i int, get func(string) *table, dates []time.Time) Change {
	c := Change{Op: op, Table: op.Table}
	if op.Table == "" || op.Kind == schema.CreateTable {
		return c
	}
	t := get(op.Table)
	c.Live = t.made < i
	if t.made >= 0 && t.made == i-1 && dates[i].IsZero() {
		c.Live = false // numbered, and made by the migration before: of one release for all that is known
	}
	if c.Live && t.made >= 0 && !dates[i].IsZero() && !dates[t.made].IsZero() && dates[i].Sub(dates[t.made]) < release {
		c.Live = false
	}
	name := op.Name
	if name == "" && op.Column != nil {
		name = op.Column.Name
	}
	c.Before = t.columns[strings.ToLower(name)]
	columns := op.Columns
	switch {
	case op.ForeignKey != nil:
		columns = op.ForeignKey.Columns
	case op.Index != nil:
		for _, k := range op.Index.Columns {
			columns = append(columns[:len(columns):len(columns)], k.Name)
		}
	}
	c.Added = len(columns) > 0
	for _, k := range columns {
		if at, ok := t.added[strings.ToLower(k)]; !ok || at != i {
			c.Added = false
		}
	}
	return c
}

func apply(op schema.Op, i int, get func(string) *table, tables map[string]*table) {
	switch op.Kind {
	case schema.CreateTable:
		t := get(op.Table)
		if t.made >= 0 && op.IfNotExists {
			return
		}
		t.made = i
		if op.Def != nil {
			for _, c := range op.Def.Columns {
				t.columns[strings.ToLower(c.Name)] = c
				t.added[strings.ToLower(c.Name)] = i
			}
		}
	case schema.DropTable:
		delete(tables, schema.Key(op.Table))
	case schema.RenameTable:
		tables[schema.Key(op.NewName)] = get(op.Table)
		delete(tables, schema.Key(op.Table))
	case schema.AddColumn:
		if op.Column != nil {
			t := get(op.Table)
			t.columns[strings.ToLower(op.Column.Name)] = op.Column
			t.added[strings.ToLower(op.Column.Name)] = i
		}
	case schema.RenameColumn:
		t := get(op.Table)
		t.columns[strings.ToLower(op.NewName)] = t.columns[strings.ToLower(op.Name)]
	case schema.ChangeColumn:
		if op.Column != nil && op.Change&schema.ChangeType != 0 {
			t := get(op.Table)
			name := op.Column.Name
			if name == "" {
				name = op.Name
			}
			t.columns[strings.ToLower(name)] = op.Column
		}
	case schema.DropColumn:
		t := get(op.Table)
		delete(t.columns, strings.ToLower(op.Name))
	}
}

// Checked reports a tool that keeps checksums of applied files and refuses changed ones (Flyway, Prisma,
// Liquibase): a file of its history must not be edited.
func Checked(m *schema.Migration) bool {
	base := path.Base(m.Path)
	return base == "migration.sql" || versioned.MatchString(base) || strings.HasSuffix(base, ".xml") || strings.HasSuffix(base, ".yaml")
}

var versioned = regexp.MustCompile(`^[VRB][\d_.]*__.*\.(sql|java|kt)$`)

// At is where a change stands.
func (s *Step) At(c Change, note string) rule.Place {
	return rule.LineAt(s.File, max(c.Place.Line, 1), c.Place.EndLine, "", note)
}

// Name is what people call the migration: the file's name without its version and extension, or the
// folder's where all files bear one name.
func (s *Step) Name() string {
	base := path.Base(s.Migration.Path)
	if base == "migration.sql" {
		base = path.Base(path.Dir(s.Migration.Path))
	}
	base, _, _ = strings.Cut(base, ".")
	return base
}

// Advise makes the summary of a fix: a file that a tool keeps a checksum of may be changed only as long
// as it has run nowhere.
func (s *Step) Advise(summary string) string {
	if Checked(s.Migration) {
		return "As long as it has run nowhere: " + strings.ToLower(summary[:1]) + summary[1:]
	}
	return summary
}

// Cause folds the findings of one kind in one schema.
func (s *Step) Cause(kind string) string { return kind + ":" + s.DB.Source }

// Brief lowers a finding whose lock lasts less than a second at the size that is known or assumed: nobody's
// time-out ends in that.
func Brief(f *rule.Finding) {
	if f.Cost != nil && f.Cost.Now < 1000 {
		f.Severity, f.Cliff = report.Low, "The lock lasts as long as the table is large: under a second at the size above, minutes at a hundred times that."
	}
}

// Hold is how long writes to a table wait: its rows at a rate of the server, against the moment that a
// lock on the catalog takes.
func Hold(p *rule.Pass, name, symbol, rateName string) *report.Cost {
	n := p.Cost.TableRows(name)
	r := p.Cost.Rate(symbol, rateName)
	t := p.Cost.RTT()
	return &report.Cost{
		Now: n.Value/r.Value*1000 + t.Value, Fixed: t.Value, Unit: "ms", Event: "migration",
		Formula: "N / " + symbol + " + T -> T", Inputs: []report.Input{n, r, t},
	}
}
