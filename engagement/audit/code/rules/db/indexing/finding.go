package indexing

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/migration"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Place turns a place of a schema into one of a finding. ok is false when the file is not in the
// project.
func Place(p *rule.Pass, at schema.Place, symbol, note string) (rule.Place, bool) {
	f := p.File(at.Path)
	if f == nil {
		return rule.Place{}, false
	}
	return rule.LineAt(f, max(at.Line, 1), at.EndLine, symbol, note), true
}

// ColumnPlace is where a column was last defined, or its table when that is not known.
func ColumnPlace(p *rule.Pass, t *schema.Table, column string) (rule.Place, bool) {
	if c := t.Column(column); c != nil {
		if pl, ok := Place(p, c.Place, t.Name, "the column"); ok {
			return pl, true
		}
	}
	return Place(p, t.Place, t.Name, "the table")
}

// Ask describes an index that a finding asks for.
type Ask struct {
	DB      *project.Database
	Table   *schema.Table
	Columns []schema.IndexColumn
	Method  string // "" for a B-tree
	Where   string
	Unique  bool
	Name    string // "" for the usual one
}

// Names lists the column names of the keys; an expression stands for itself.
func (a Ask) Names() []string {
	out := make([]string, 0, len(a.Columns))
	for _, c := range a.Columns {
		if c.Name != "" {
			out = append(out, c.Name)
		} else {
			out = append(out, c.Expr)
		}
	}
	return out
}

// Index is the index as the schema holds it.
func (a Ask) Index() *schema.Index {
	return &schema.Index{Name: a.IndexName(), Columns: a.Columns, Unique: a.Unique, Where: a.Where, Method: a.Method}
}

const (
	longestPostgres = 63 // bytes of an identifier (NAMEDATALEN - 1)
	longestMySQL    = 64
)

// IndexName is the given name, or index_TABLE_on_COLUMNS, cut with a digest where the product allows
// no name of that length.
func (a Ask) IndexName() string {
	if a.Name != "" {
		return a.Name
	}
	words := []string{}
	for _, c := range a.Columns {
		w := c.Name
		if w == "" {
			w = identifier(c.Expr)
		}
		words = append(words, w)
	}
	name := "index_" + identifier(last(a.Table.Name)) + "_on_" + strings.Join(words, "_and_")
	longest := longestPostgres
	if a.DB.Schema.Dialect == schema.MySQL {
		longest = longestMySQL
	}
	if len(name) > longest {
		sum := sha256.Sum256([]byte(name))
		name = strings.TrimRight(name[:longest-9], "_") + "_" + hex.EncodeToString(sum[:4])
	}
	return name
}

// identifier keeps what may stand in a name without quotes.
func identifier(s string) string {
	var sb strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_':
			sb.WriteRune(r)
		default:
			if n := sb.Len(); n > 0 && sb.String()[n-1] != '_' {
				sb.WriteByte('_')
			}
		}
	}
	return strings.Trim(sb.String(), "_")
}

// Quote writes an identifier as the product needs it: quoted only where it must be.
func Quote(d schema.Dialect, name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 && i < len(name)-1 {
		return Quote(d, name[:i]) + "." + Quote(d, name[i+1:])
	}
	plain := name != ""
	for i, r := range name {
		lower := r >= 'a' && r <= 'z' || r == '_' || d == schema.MySQL && r >= 'A' && r <= 'Z'
		if !lower && (i == 0 || r < '0' || r > '9') {
			plain = false
		}
	}
	if plain && !reserved[strings.ToLower(name)] {
		return name
	}
	switch d {
	case schema.MySQL:
		return "`" + name + "`"
	case schema.SQLServer:
		return "[" + name + "]"
	}
	return `"` + name + `"`
}

var reserved = map[string]bool{
	"user": true, "order": true, "group": true, "table": true, "check": true, "column": true, "default": true, "references": true, "select": true, "where": true, "from": true, "limit": true,
	"offset": true, "end": true, "desc": true, "asc": true, "primary": true, "unique": true, "key": true, "index": true, "to": true, "both": true, "case": true, "when": true, "then": true, "else": true,
	"all": true, "any": true, "and": true, "or": true, "not": true, "null": true, "on": true, "in": true, "is": true, "like": true, "as": true, "by": true, "values": true, "condition": true, "option": true,
	"rank": true, "groups": true, "system": true, "window": true, "with": true, "grant": true, "analyse": true, "analyze": true, "interval": true, "schema": true, "database": true, "trigger": true,
}

// SQL is the statement that builds the index while the application writes.
func (a Ask) SQL() string {
	d := a.DB.Schema.Dialect
	keys := make([]string, len(a.Columns))
	for i, c := range a.Columns {
		k := Quote(d, c.Name)
		if c.Name == "" {
			k = "(" + c.Expr + ")"
		}
		if c.OpClass != "" {
			k += " " + c.OpClass
		}
		if c.Prefix > 0 && d == schema.MySQL {
			k += fmt.Sprintf("(%d)", c.Prefix)
		}
		if c.Desc {
			k += " DESC"
		}
		keys[i] = k
	}
	unique := ""
	if a.Unique {
		unique = "UNIQUE "
	}
	table, name, list := Quote(d, a.Table.Name), Quote(d, a.IndexName()), strings.Join(keys, ", ")
	switch d {
	case schema.MySQL:
		return fmt.Sprintf("CREATE %sINDEX %s ON %s (%s) ALGORITHM=INPLACE LOCK=NONE;", unique, name, table, list)
	case schema.Postgres, schema.Unknown:
		using, where := "", ""
		if a.Method != "" && a.Method != "btree" {
			using = " USING " + a.Method
		}
		if a.Where != "" {
			where = " WHERE " + a.Where
		}
		how := "CONCURRENTLY "
		if d == schema.Unknown || a.partitioned() {
			how = ""
		}
		return fmt.Sprintf("CREATE %sINDEX %s%s ON %s%s (%s)%s;", unique, how, name, table, using, list, where)
	}
	return fmt.Sprintf("CREATE %sINDEX %s ON %s (%s);", unique, name, table, list)
}

// named gives the index the name that the project's tool gives it.
func (a Ask) named(p *rule.Pass) Ask {
	if a.Name == "" && a.Where == "" && a.Method == "" {
		a.Name = migration.Name(p.Project, a.DB, a.Table, &schema.Index{Columns: a.Columns, Unique: a.Unique})
	}
	return a
}

// partitioned reports whether the table has partitions: PostgreSQL builds no index of a partitioned
// table concurrently.
func (a Ask) partitioned() bool {
	if a.Table.Partitioned {
		return true
	}
	for _, t := range a.DB.Schema.Tables {
		if t.PartitionOf != "" && schema.Key(t.PartitionOf) == schema.Key(a.Table.Name) {
			return true
		}
	}
	return false
}

// Fix fills the fix of a finding that asks for the index.
func (a Ask) Fix(p *rule.Pass) report.Fix {
	a = a.named(p)
	fix := report.Fix{
		Summary: fmt.Sprintf("Create an index on `%s` (%s).", a.Table.Name, strings.Join(a.Names(), ", ")),
		SQL:     a.SQL(),
	}
	switch d := a.DB.Schema.Dialect; d {
	case schema.MySQL:
		fix.Behaviour = "Each insert, and each update of these columns, writes one more index entry, and the index takes disk space of about the columns plus the primary key for each row. ALGORITHM=INPLACE with LOCK=NONE builds it while reads and writes go on and fails instead of locking where the server can not do so; replicas apply the build in one piece and lag behind by its duration."
		fix.Rollback = fmt.Sprintf("DROP INDEX %s ON %s;", Quote(d, a.IndexName()), Quote(d, a.Table.Name))
	case schema.Postgres:
		fix.Behaviour = "Each insert, and each update of these columns, writes one more index entry (updates of these columns can no longer be HOT), and the index takes disk space of about the columns plus 16 bytes for each row. CONCURRENTLY reads the table twice and takes longer, but does not block writes, which a plain CREATE INDEX does until it ends."
		fix.Rollout = "CONCURRENTLY can not run inside a transaction. When the build fails it leaves an INVALID index behind: drop it and build again. Set lock_timeout so that the short lock at its ends does not queue behind a long transaction."
		fix.Rollback = fmt.Sprintf("DROP INDEX CONCURRENTLY %s;", Quote(d, a.IndexName()))
		if a.partitioned() {
			fix.Behaviour = "Each insert, and each update of these columns, writes one more index entry. The table is partitioned: this statement builds the index of every partition while writes to it wait."
			fix.Rollout = fmt.Sprintf("To build it online: CREATE INDEX ... ON ONLY %s, then for each partition CREATE INDEX CONCURRENTLY and ALTER INDEX %s ATTACH PARTITION.", Quote(d, a.Table.Name), Quote(d, a.IndexName()))
			fix.Rollback = fmt.Sprintf("DROP INDEX %s;", Quote(d, a.IndexName()))
		}
	default:
		fix.Behaviour = "Each insert, and each update of these columns, writes one more index entry, and the index takes disk space. Building it may block writes to the table until it ends; on PostgreSQL use CREATE INDEX CONCURRENTLY, on MySQL ALGORITHM=INPLACE, LOCK=NONE."
		fix.Rollback = fmt.Sprintf("DROP INDEX %s;", Quote(d, a.IndexName()))
	}
	return fix
}

// Patched is the confidence from which on a finding's index is written into the project's migrations.
const Patched = 0.6

// Report reports the findings that find hands over, each with the edits that add its index: all
// indexes of one cause, which fold into one finding, share a migration.
func Report(p *rule.Pass, w *migration.Writer, find func(report func(Ask, rule.Finding))) {
	type pair struct {
		asks []Ask
		f    rule.Finding
	}
	var all []*pair
	told := map[string]*pair{}
	find(func(a Ask, f rule.Finding) {
		a = a.named(p)
		key := ""
		if f.Primary.File != nil {
			key = fmt.Sprintf("%s\x00%q\x00%s:%d", schema.Key(a.Table.Name), a.Names(), f.Primary.File.Path, f.Primary.Line)
		}
		x := told[key]
		// Several schemas may declare a table; a query of it asks for one index all the same, in each of them.
		if x == nil || key == "" {
			x = &pair{f: f}
			told[key], all = x, append(all, x)
		}
		x.asks = append(x.asks, a)
		if x.f.Confidence >= Patched {
			w.Add(a.DB, a.Table, a.Index(), x.f.Cause)
		}
	})
	for _, x := range all {
		if x.f.Confidence >= Patched {
			x.f.Edits = nil
			for _, a := range x.asks {
				edits := w.Edits(a.DB, a.Table, a.Index(), x.f.Cause)
				if len(edits) == 0 { // an index in one of the schemas does not end it
					x.f.Edits = nil
					break
				}
				x.f.Edits = append(x.f.Edits, edits...)
			}
		}
		p.Report(x.f)
	}
}

// Writer makes the writer of a rule's migrations. Steps keep rules apart that are applied together.
func Writer(p *rule.Pass, label string, step int) *migration.Writer {
	w := migration.NewWriter(p.Project, label, step)
	if p.Flow != nil {
		w = w.WithModels(p.Flow.Index)
	}
	return w
}
