package lint

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Size is what is known of how much a table holds.
type Size struct {
	Rows  int64
	Bytes unit.Bytes // with indexes and long values
}

// SmallRows and SmallBytes bound a small table. Under the published rates an index over 10,000 rows is
// built, and 8 MB are read, in some ten milliseconds; that is no longer than the pauses that every busy
// database has anyway, so that no lock on such a table is worth a page.
const (
	SmallRows  = 10_000
	SmallBytes = unit.Bytes(8_000_000)
)

// World is the database as the walk sees it before a statement.
type World struct {
	Server   predict.Server
	TimeZone string
	Sizes    map[string]Size // by schema.Key
	Rates    *rate.Profile
	// Whole says that the schema is all of the database's, from a dump or a catalog, so that what is not in it does
	// not exist. Migrations may leave out what code or hands have made.
	Whole bool

	builder   *schema.Builder
	created   map[string]*Step   // tables that the change under review creates
	made      []map[string]*Step // of changes before, when each file is one
	emptied   map[string]bool
	temporary map[string]bool
	domains   map[string]domain
	functions map[string]string
	triggers  map[string][]string // table -> names
	enums     map[string]*Step    // types created by the change
	invalid   map[string]bool     // indexes that a catalog calls invalid
	views     map[string]view     // what a view reads
	// readCommitted: the session asked for READ COMMITTED or less.
	readCommitted bool
	noKeys        bool            // foreign_key_checks = 0
	instants      map[string]int  // MySQL: instant changes of a table's columns
	quoted        map[string]bool // names with capitals that a statement writes in quotes
	others        map[string]bool // relations that are no tables, by schema.Key
	session       session
}

// view is a view or materialized view.
type view struct {
	sources []string
	text    string // its definition; empty when not known
}

// domain is a domain of PostgreSQL.
type domain struct {
	base        schema.Type
	constrained bool
}

type session struct{ lockTimeout, statementTimeout, searchPath string }

// NewWorld starts from an empty schema.
func NewWorld(server predict.Server, zone string) *World {
	dialect := schema.Postgres
	if server.Product != predict.PostgreSQL {
		dialect = schema.MySQL
	}
	return &World{
		Server: server, TimeZone: zone, Sizes: map[string]Size{}, Rates: rate.Embedded(),
		builder: schema.NewBuilder(nil, dialect), created: map[string]*Step{}, emptied: map[string]bool{}, temporary: map[string]bool{}, domains: map[string]domain{},
		functions: map[string]string{}, triggers: map[string][]string{}, enums: map[string]*Step{}, invalid: map[string]bool{}, views: map[string]view{}, instants: map[string]int{}, quoted: map[string]bool{}, others: map[string]bool{},
	}
}

// Schema is the schema before the statement.
func (w *World) Schema() *schema.Schema { return w.builder.Schema() }

// Table finds a table, or returns nil.
func (w *World) Table(name string) *schema.Table {
	if name == "" {
		return nil
	}
	return w.builder.Schema().Table(name)
}

// Identifier is an identifier as the catalog holds it: PostgreSQL turns letters of one that is written without
// quotes into small ones.
func (w *World) Identifier(name string) string {
	if !w.Postgres() || w.quoted[name] {
		return name
	}
	return strings.ToLower(name)
}

// IndexTable finds the table of an index by name, or returns nil.
func (w *World) IndexTable(name string) *schema.Table { return w.builder.IndexTable(name) }

// Postgres says whether the server is PostgreSQL.
func (w *World) Postgres() bool { return w.Server.Product == predict.PostgreSQL }

// Relation says whether a name is that of a view or of another relation that is no table, a foreign table or a
// sequence.
func (w *World) Relation(name string) bool {
	if w.others[w.key(name)] {
		return true
	}
	for v := range w.views {
		if w.key(v) == w.key(name) {
			return true
		}
	}
	return false
}

// Partitioned says whether a table is known to be partitioned.
func (w *World) Partitioned(table string) bool {
	t := w.Table(table)
	return t != nil && t.Partitioned
}

// DefaultPartition is the partition of a table that takes the rows which no other does; empty when none is known.
func (w *World) DefaultPartition(table string) string {
	parent := w.Table(table)
	if parent == nil {
		return ""
	}
	for _, t := range w.Schema().Tables {
		if t.DefaultPartition && w.Table(t.PartitionOf) == parent {
			return t.Name
		}
	}
	return ""
}

// Volatility is that of a function of the user's, in lower case; empty when the function is not known.
func (w *World) Volatility(function string) string { return w.functions[schema.Key(function)] }

// Triggers are the triggers of a table that are known.
func (w *World) Triggers(table string) []string { return w.triggers[schema.Key(table)] }

// Invalid says whether a catalog calls an index invalid.
func (w *World) Invalid(index string) bool { return w.invalid[strings.ToLower(schema.Unquote(index))] }

// Created is the step of the change that creates a table, or nil.
func (w *World) Created(table string) *Step {
	key := w.key(table)
	if st := w.created[key]; st != nil {
		return st
	}
	for i := len(w.made) - 1; i >= 0; i-- {
		if st := w.made[i][key]; st != nil {
			return st
		}
	}
	return nil
}

// NewEnum is the step of the change that creates a type, or nil.
func (w *World) NewEnum(name string) *Step { return w.enums[schema.Key(name)] }

// Readers are the views that read a table, as far as they are known.
func (w *World) Readers(table string) []string {
	key := w.key(table)
	var out []string
	for name, v := range w.views {
		if slices.ContainsFunc(v.sources, func(s string) bool { return w.key(s) == key }) {
			out = append(out, name)
		}
	}
	return sorted(out)
}

// ColumnReaders are the views that read a column of a table. One whose definition says * is taken to read all
// columns, and one that names the column may mean that of another table: sure is false then.
func (w *World) ColumnReaders(table, column string) (views []string, sure bool) {
	sure = true
	for _, name := range w.Readers(table) {
		v := w.views[name]
		named := slices.ContainsFunc(strings.FieldsFunc(v.text, func(r rune) bool {
			return r != '_' && r != '$' && r < 128 && !unicode.IsLetter(r) && !unicode.IsDigit(r)
		}), func(word string) bool { return strings.EqualFold(word, column) })
		if v.text == "" || named || strings.Contains(v.text, "*") {
			views = append(views, name)
			sure = sure && named && len(v.sources) == 1
		}
	}
	return views, sure
}

// Instants is the number of instant changes of a table's columns so far (MySQL).
func (w *World) Instants(table string) int { return w.instants[w.key(table)] }

// key is the key of the table that a name finds in the schema.
func (w *World) key(name string) string {
	if t := w.Table(name); t != nil {
		return schema.Key(t.Name)
	}
	return schema.Key(name)
}

// Size is what is known of a table's size.
func (w *World) Size(table string) (Size, bool) {
	s, ok := w.Sizes[w.key(table)]
	return s, ok
}

// Small says whether a table of that size is silent.
func (s Size) Small() bool { return s.Rows <= SmallRows && s.Bytes <= SmallBytes }

// SmallText says why a table counts as small.
func (w *World) SmallText(table string) string {
	s, _ := w.Size(table)
	return fmt.Sprintf("%s holds about %d rows in %s", table, s.Rows, s.Bytes)
}

// status says how much a table concerns others.
func (w *World) status(table string) Status {
	key := w.key(table)
	switch {
	case table == "":
		return None
	case w.temporary[key]:
		return None
	case w.created[key] != nil:
		return New
	case w.emptied[key]:
		return Empty
	}
	if s, ok := w.Sizes[key]; ok && s.Small() {
		return Small
	}
	return Live
}

// statusOf is the status of the table of an impact. When only other tables are locked (the parents of a
// new table's foreign keys) their status counts.
func (w *World) statusOf(im *predict.Impact, a *statement.Action) Status {
	own := w.status(im.Table)
	if own == Live {
		return Live
	}
	if im.Effect.Other == 0 && im.Effect.Work == 0 {
		return own
	}
	// Work on another table than the one that is named: a partition that is attached, a default partition.
	if a.Kind == statement.AttachPartition || im.Kind == predict.PartitionDefault || im.Kind == predict.DomainConstraint {
		for _, other := range im.Others {
			if w.status(other) == Live {
				return Live
			}
		}
	}
	return own
}

func (w *World) context(actions []statement.Action) *predict.Context {
	return &predict.Context{
		Server: w.Server, Schema: w.Schema(), IndexTable: w.builder.IndexTable, TimeZone: w.TimeZone, NoForeignKeyChecks: w.noKeys, ReadCommitted: w.readCommitted, Statement: actions,
		Domain: func(name string) (schema.Type, bool, bool) {
			d, ok := w.domains[schema.Key(name)]
			return d.base, d.constrained, ok
		},
		Volatility: func(name string) string { return w.functions[schema.Key(name)] },
	}
}

// apply folds a statement into the world. With judged, what it creates counts as new.
func (w *World) apply(st *Step, judged bool) {
	for i := range st.Actions {
		w.note(st, &st.Actions[i], judged)
	}
	dialect := schema.Postgres
	if !w.Postgres() {
		dialect = schema.MySQL
	}
	ops, _ := sqlddl.ParseAt(st.File.Migration.Path, st.Statement.Start.Line, st.Statement.Text, dialect)
	w.builder.Apply(st.File.Migration.Path, ops...)
}

// note keeps what the schema model does not hold.
func (w *World) note(st *Step, a *statement.Action, judged bool) {
	switch a.Kind {
	case statement.CreateTable, statement.CreateTableAs, statement.CreateMatView:
		key := schema.Key(a.Table)
		switch {
		case a.Temporary:
			w.temporary[key] = true
		case judged && (!a.IfNotExists || w.Table(a.Table) == nil):
			w.created[key] = st
			delete(w.Sizes, key)
		}
		if a.Kind == statement.CreateMatView {
			w.views[a.Table] = view{a.Sources, a.Body}
		}
	case statement.CreateView:
		w.views[a.Table] = view{a.Sources, a.Body}
		if judged && w.Table(a.Table) == nil {
			w.created[schema.Key(a.Table)] = st
		}
	case statement.DropTable, statement.DropView:
		for _, n := range a.Names {
			key := w.key(n)
			delete(w.created, key)
			delete(w.emptied, key)
			delete(w.Sizes, key)
			delete(w.views, n)
			delete(w.triggers, key)
		}
	case statement.RenameTable:
		w.rename(a.Table, a.NewName)
	case statement.Truncate:
		if judged {
			for _, n := range a.Names {
				w.emptied[w.key(n)] = true
			}
		}
	case statement.Insert, statement.Copy:
		if a.Write != nil && a.Write.Values && a.Kind == statement.Insert {
			return
		}
		delete(w.emptied, w.key(a.Table))
	case statement.CreateDomain:
		constrained := a.Column != nil && (a.Column.NotNull || len(a.Column.Constraints) > 0)
		d := domain{constrained: constrained}
		if a.Column != nil {
			d.base = a.Column.Type
		}
		w.domains[schema.Key(a.Name)] = d
	case statement.AlterDomain:
		if a.Constraint != nil || a.Option == "set not" {
			d := w.domains[schema.Key(a.Name)]
			d.constrained = true
			w.domains[schema.Key(a.Name)] = d
		}
	case statement.CreateFunction:
		w.functions[schema.Key(a.Name)] = a.Option
	case statement.CreateTrigger:
		if a.Table != "" {
			key := w.key(a.Table)
			w.triggers[key] = append(w.triggers[key], a.Name)
		}
	case statement.DropTrigger:
		w.dropTrigger(a)
	case statement.CreateOther:
		if a.Name != "" {
			w.others[schema.Key(a.Name)] = true
		}
	case statement.CreateType:
		if judged {
			w.enums[schema.Key(a.Name)] = st
		}
	case statement.AddColumn, statement.DropColumn:
		if !w.Postgres() {
			w.instants[w.key(a.Table)]++
		}
	case statement.Rebuild:
		delete(w.instants, w.key(a.Table))
	case statement.Set:
		w.set(st, a)
	}
}

func (w *World) dropTrigger(a *statement.Action) {
	key := w.key(a.Table)
	kept := w.triggers[key][:0]
	for _, n := range w.triggers[key] {
		if !strings.EqualFold(n, a.Name) {
			kept = append(kept, n)
		}
	}
	w.triggers[key] = kept
}

func (w *World) rename(from, to string) {
	old := w.key(from)
	renamed := schema.Key(to)
	if i := strings.LastIndexByte(old, '.'); i >= 0 && !strings.Contains(renamed, ".") {
		renamed = old[:i+1] + renamed
	}
	move(w.created, old, renamed)
	move(w.emptied, old, renamed)
	move(w.Sizes, old, renamed)
	move(w.triggers, old, renamed)
	move(w.temporary, old, renamed)
	move(w.instants, old, renamed)
}

func move[V any](m map[string]V, from, to string) {
	if v, ok := m[from]; ok && from != to {
		delete(m, from)
		m[to] = v
	} else {
		delete(m, to)
	}
}

func (w *World) set(st *Step, a *statement.Action) {
	value := a.NewName
	tx := &st.File.tx
	switch a.Name {
	case "lock_timeout", "lock_wait_timeout", "innodb_lock_wait_timeout":
		if a.Name == "innodb_lock_wait_timeout" {
			return
		}
		switch {
		case a.Local && tx.open:
			tx.lockTimeout = value
		case !a.Local:
			w.session.lockTimeout = value // SET LOCAL outside of a transaction is a warning and sets nothing
		}
	case "statement_timeout", "max_statement_time", "max_execution_time":
		switch {
		case a.Local && tx.open:
			tx.statementTimeout = value
		case !a.Local:
			w.session.statementTimeout = value
		}
	case "transaction", "transaction_isolation", "tx_isolation":
		level := strings.NewReplacer("-", " ", "_", " ").Replace(strings.ToUpper(value))
		if strings.Contains(level, "READ COMMITTED") || strings.Contains(level, "READ UNCOMMITTED") {
			w.readCommitted = true
		} else if level != "" {
			w.readCommitted = false
		}
	case "search_path":
		if value == "default" {
			value = ""
		}
		if a.Local && tx.open {
			tx.searchPath = value
		} else {
			w.session.searchPath = value
		}
	case "timezone", "time_zone":
		w.TimeZone = value
	case "foreign_key_checks":
		switch strings.ToLower(value) {
		case "0", "off", "false":
			w.noKeys = true
		default:
			w.noKeys = false
		}
	}
}

// File is one judged or folded migration.
type File struct {
	Migration *layout.Migration
	Steps     []*Step
	Judged    bool
	tx        transaction
}

// transaction is what is open while a file runs.
type transaction struct {
	open, explicit                bool
	lockTimeout, statementTimeout string
	searchPath                    string
	held                          []Hold
	savepoints                    []savepoint
}

// savepoint is what was held when it was set.
type savepoint struct {
	name string
	held []Hold
}

// savepoint follows SAVEPOINT, and ROLLBACK TO, which gives back the locks that were taken since.
func (tx *transaction) savepoint(a *statement.Action) {
	if a.Option == "" {
		tx.savepoints = append(tx.savepoints, savepoint{a.Name, tx.held})
		return
	}
	for i := len(tx.savepoints) - 1; i >= 0; i-- {
		if s := tx.savepoints[i]; strings.EqualFold(s.name, a.Name) {
			if a.Option == "rollback" {
				tx.held = s.held
			} else {
				i--
			}
			tx.savepoints = tx.savepoints[:i+1]
			return
		}
	}
}

// Live says whether a table is in use, as far as the walk knows: not made or emptied by the change, and not
// known to be small.
func (w *World) Live(table string) bool { return w.status(table) == Live }

// settle ends a change: what it made is in use from now on.
func (w *World) settle() {
	clear(w.emptied)
	clear(w.enums)
	w.made = append(w.made, w.created)
	w.created = map[string]*Step{}
}
