// Package history tells which migrations of a schema's history the rules about migrations may speak of,
// and what each of their changes meets when it runs.
//
// Only recent migrations count: the newest ten, and those whose versions say that they were written
// within twelve months of the newest. A change counts as one of a live table only when the table was
// there before the migration and was not made days earlier in the same release. It reads no
// files and runs nothing; what the history does not tell (a table that no migration makes, a version
// without a date) is taken as old and unknown.
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
	newest  = 10                   // migrations that always count
	window  = 366 * 24 * time.Hour // before the newest in which migrations count
	release = 2 * 24 * time.Hour   // a table younger than this came with the same release: it is empty or small

)

// Step is one recent migration.
type Step struct {
	DB        *project.Database
	File      *project.File
	Migration *schema.Migration
	Changes   []Change
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
}

// Recent lists the recent migrations of all schemas of the dialects, oldest first within a schema.
func Recent(p *rule.Pass, dialects ...schema.Dialect) []Step {
	var out []Step
	for _, db := range p.Schemas {
		if db.Schema == nil || len(db.Migrations) < 2 || aside(db) || !oneOf(db.Schema.Dialect, dialects) {
			continue
		}
		out = append(out, read(p, db)...)
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
	first, dates := recentFrom(db)
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
		step := Step{DB: db, Migration: m, File: p.File(m.Path)}
		for _, op := range m.Ops {
			if i >= first && step.File != nil {
				step.Changes = append(step.Changes, change(op, i, get, dates))
			}
			apply(op, i, get, tables)
		}
		if i >= first && step.File != nil && step.File.Role != project.Test && len(step.Changes) > 0 {
			out = append(out, step)
		}
	}
	return out
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

// recentFrom is the index of the first recent migration, and the dates of all.
func recentFrom(db *project.Database) (int, []time.Time) {
	n := len(db.Migrations)
	dates := make([]time.Time, n)
	for i := range db.Migrations {
		dates[i] = dateOf(db.Migrations[i].Path)
	}
	first := max(0, n-newest)
	last := time.Time{}
	for _, d := range dates {
		if d.After(last) {
			last = d
		}
	}
	for first > 0 && !dates[first-1].IsZero() && last.Sub(dates[first-1]) <= window {
		first--
	}
	return first, dates
}

var (
	stamp = regexp.MustCompile(`(?:^|/|V)((?:19|20)\d{2})[-_.]?(\d{2})[-_.]?(\d{2})(?:[-_.T]?\d{2,})?[-_]`)
	epoch = regexp.MustCompile(`(?:^|/)(1[0-9]{9})(\d{3})?[-_]`)
	tail  = regexp.MustCompile(`-?(1[0-9]{9})(\d{3})\.`) // TypeORM's class names end in milliseconds
)

// dateOf reads the date in a migration's path; zero when there is none.
func dateOf(name string) time.Time {
	if m := stamp.FindStringSubmatch(name); m != nil {
		if t, err := time.Parse("20060102", m[1]+m[2]+m[3]); err == nil {
			return t
		}
	}
	for _, re := range []*regexp.Regexp{epoch, tail} {
		if m := re.FindStringSubmatch(path.Base(name)); m != nil {
			seconds := int64(0)
			for _, c := range m[1] {
				seconds = seconds*10 + int64(c-'0')
			}
			return time.Unix(seconds, 0).UTC()
		}
	}
	return time.Time{}
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

// Cause folds the findings of one kind in one schema.
func (s *Step) Cause(kind string) string { return kind + ":" + s.DB.Source }

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
