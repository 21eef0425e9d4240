package offer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// gather returns the facts of the tables that a statement is about, of those that refer to them or to which they
// refer, and of their partitions.
func (x *mapping) gather() rewrite.Facts {
	f := rewrite.Facts{Server: Server(x.World.Server)}
	if x.Catalog != nil {
		f.Enums = x.Catalog.Enums
		if x.Catalog.Server.Product == f.Server.Product && x.Catalog.Server.Version[0] == f.Server.Version[0] {
			f.Server = x.Catalog.Server
		}
	}
	seen := map[*schema.Table]bool{}
	add := func(t *schema.Table) {
		if t == nil || seen[t] || t.View {
			return
		}
		seen[t] = true
		if facts, known := x.table(t); known {
			f.Tables = append(f.Tables, facts)
		}
	}
	all := x.World.Schema()
	for _, t := range x.touched() {
		add(t)
		for _, fk := range t.ForeignKeys {
			add(all.Table(fk.RefTable))
		}
		for _, name := range all.Names() {
			o := all.Tables[name]
			refers := o.PartitionOf != "" && all.Table(o.PartitionOf) == t
			for _, fk := range o.ForeignKeys {
				refers = refers || fk.RefTable != "" && all.Table(fk.RefTable) == t
			}
			if refers {
				add(o)
			}
		}
	}
	return f
}

// touched are the tables that the actions name.
func (x *mapping) touched() []*schema.Table {
	var out []*schema.Table
	add := func(t *schema.Table) {
		if t != nil && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	for i := range x.st.Actions {
		a := &x.st.Actions[i]
		add(x.World.Table(a.Table))
		add(x.World.Table(a.RefTable))
		if a.Constraint != nil {
			add(x.World.Table(a.Constraint.RefTable))
		}
		if a.Column != nil {
			for _, k := range a.Column.Constraints {
				add(x.World.Table(k.RefTable))
			}
		}
		for _, n := range append([]string{a.Name}, a.Names...) {
			switch a.Kind {
			case statement.DropTable, statement.Vacuum:
				add(x.World.Table(n))
			case statement.DropIndex, statement.Reindex:
				add(x.World.IndexTable(n))
				add(x.World.Table(n))
			}
		}
	}
	return out
}

// table returns the facts of a table; false when its columns are not known.
func (x *mapping) table(t *schema.Table) (rewrite.Table, bool) {
	name := x.name(t.Name)
	if x.Catalog != nil {
		if live, ok := x.Catalog.Table(name); ok {
			return x.update(live, t), true
		}
	}
	if t.Incomplete {
		return rewrite.Table{}, false
	}
	return x.folded(t), true
}

// folded returns the facts of a table from the schema of migrations.
func (x *mapping) folded(t *schema.Table) rewrite.Table {
	out := rewrite.Table{Name: x.name(t.Name)}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, x.column(t, c))
	}
	for _, ix := range t.Indexes {
		out.Indexes = append(out.Indexes, x.index(ix))
	}
	for _, k := range t.Checks {
		out.Checks = append(out.Checks, rewrite.Constraint{Name: x.World.Identifier(k.Name), Expression: k.Expr, Columns: x.mentioned(t, k.Expr), Valid: !k.NotValid})
	}
	for _, fk := range t.ForeignKeys {
		if key, ok := x.foreignKey(t, fk); ok {
			out.ForeignKeys = append(out.ForeignKeys, key)
		}
	}
	all := x.World.Schema()
	for _, n := range all.Names() {
		o := all.Tables[n]
		for _, fk := range o.ForeignKeys {
			if all.Table(fk.RefTable) != t {
				continue
			}
			if key, ok := x.foreignKey(o, fk); ok {
				out.Referenced = append(out.Referenced, key)
			}
		}
		if o.PartitionOf == "" || all.Table(o.PartitionOf) != t {
			continue
		}
		if out.Partitioning == nil {
			out.Partitioning = &rewrite.Partitioning{}
		}
		part := x.name(o.Name)
		out.Partitioning.Partitions = append(out.Partitioning.Partitions, part)
		if o.DefaultPartition {
			out.Partitioning.Default = &part
		}
	}
	if t.Partitioned && out.Partitioning == nil {
		out.Partitioning = &rewrite.Partitioning{}
	}
	if t.PartitionOf != "" {
		parent := x.name(t.PartitionOf)
		out.PartitionOf = &parent
	}
	for _, n := range x.World.Triggers(t.Name) {
		out.Triggers = append(out.Triggers, x.World.Identifier(n))
	}
	for _, view := range x.World.Readers(t.Name) {
		d := rewrite.Dependent{Kind: "view", Name: view}
		for _, c := range out.Columns { // which of them it reads is not known
			d.Columns = append(d.Columns, c.Name)
		}
		out.Dependents = append(out.Dependents, d)
	}
	return out
}

// update brings the facts of a catalog to the state that earlier statements leave: columns, indexes, checks and
// foreign keys that they add or drop.
func (x *mapping) update(live rewrite.Table, t *schema.Table) rewrite.Table {
	now := x.folded(t)
	live.Columns = merge(live.Columns, now.Columns, func(c rewrite.Column) string { return c.Name })
	for i := range live.Columns {
		if c, ok := now.Column(live.Columns[i].Name); ok {
			live.Columns[i].NotNull = c.NotNull
		}
	}
	live.Indexes = merge(live.Indexes, now.Indexes, func(i rewrite.Index) string { return i.Name })
	live.Checks = merge(live.Checks, now.Checks, func(k rewrite.Constraint) string { return k.Name })
	live.ForeignKeys = merge(live.ForeignKeys, now.ForeignKeys, func(k rewrite.ForeignKey) string { return k.Name })
	live.Referenced = merge(live.Referenced, now.Referenced, func(k rewrite.ForeignKey) string { return k.Table.Name + "." + k.Name })
	return live
}

// merge keeps of the live things those that are still there, and adds those that have come since.
func merge[T any](live, now []T, name func(T) string) []T {
	var out []T
	have := map[string]bool{}
	still := map[string]bool{}
	for _, n := range now {
		still[strings.ToLower(name(n))] = true
	}
	for _, l := range live {
		key := strings.ToLower(name(l))
		if still[key] {
			out = append(out, l)
			have[key] = true
		}
	}
	for _, n := range now {
		if !have[strings.ToLower(name(n))] {
			out = append(out, n)
		}
	}
	return out
}

func (x *mapping) column(t *schema.Table, c *schema.Column) rewrite.Column {
	out := rewrite.Column{Name: x.World.Identifier(c.Name), NotNull: c.NotNull, Default: c.Default, Generated: c.Generated, StatisticsTarget: -1, Type: c.Type.Raw}
	if !x.postgres() {
		return out
	}
	if printed, ok := printed(c.Type); ok {
		out.Type = printed
	}
	raw := strings.ToLower(c.Type.Raw)
	switch {
	case strings.Contains(raw, "serial"):
		out.NotNull = true
		out.Sequence = &rewrite.Sequence{Name: rewrite.Name{Schema: x.name(t.Name).Schema, Name: objectName(x.name(t.Name).Name, out.Name, "seq")}, Type: out.Type}
		out.Default = "nextval('" + out.Sequence.Name.String() + "'::regclass)"
	case c.AutoIncrement:
		out.NotNull, out.Identity = true, "BY DEFAULT"
	}
	return out
}

func (x *mapping) index(ix *schema.Index) rewrite.Index {
	out := rewrite.Index{Name: x.World.Identifier(ix.Name), Unique: ix.Unique, Primary: ix.Primary, Method: ix.Method, Where: ix.Where, Valid: !ix.Invalid}
	if ix.AutoNamed && x.postgres() && x.capitals(ix.Name) {
		out.Name = ix.Name
	}
	if ix.Constraint || ix.Primary {
		out.Constraint = out.Name
	}
	for _, c := range ix.Columns {
		p := rewrite.Part{Expression: c.Expr, After: c.OpClass}
		if c.Name != "" {
			p.Column = x.World.Identifier(c.Name)
		}
		if c.Desc {
			p.After = strings.TrimSpace(p.After + " DESC")
		}
		out.Parts = append(out.Parts, p)
	}
	for _, c := range ix.Include {
		out.Include = append(out.Include, x.World.Identifier(c))
	}
	return out
}

// capitals returns whether a name that the server has made holds a part with capitals that stood in quotes.
func (x *mapping) capitals(name string) bool {
	for _, part := range strings.Split(name, "_") {
		if part != strings.ToLower(part) && x.World.Identifier(part) == part {
			return true
		}
	}
	return false
}

func (x *mapping) foreignKey(t *schema.Table, fk *schema.ForeignKey) (rewrite.ForeignKey, bool) {
	if !fk.Enforced || fk.RefTable == "" {
		return rewrite.ForeignKey{}, false
	}
	out := rewrite.ForeignKey{Name: x.World.Identifier(fk.Name), Table: x.name(t.Name), To: x.name(fk.RefTable), Valid: !fk.NotValid, Columns: x.identifiers(fk.Columns), ToColumns: x.identifiers(fk.RefColumns)}
	if fk.OnDelete != "" {
		out.After = "ON DELETE " + strings.ToUpper(fk.OnDelete)
	}
	if len(out.ToColumns) == 0 {
		if to := x.World.Table(fk.RefTable); to != nil {
			out.ToColumns = x.identifiers(to.PrimaryKey)
		}
	}
	return out, true
}

// mentioned are the columns of a table that an expression names.
func (x *mapping) mentioned(t *schema.Table, expr string) []string {
	var out []string
	for _, c := range t.Columns {
		if ok, err := regexp.MatchString(`(?i)(^|\W)`+regexp.QuoteMeta(c.Name)+`($|\W)`, expr); err == nil && ok {
			out = append(out, x.World.Identifier(c.Name))
		}
	}
	return out
}

// learn adds a column to the facts.
func (x *mapping) learn(c rewrite.AddColumn) {
	for i := range x.facts.Tables {
		t := &x.facts.Tables[i]
		if t.Name.Name == c.Table.Name && (c.Table.Schema == "" || t.Name.Schema == "" || t.Name.Schema == c.Table.Schema) {
			t.Columns = append(slices.Clone(t.Columns), rewrite.Column{Name: c.Column, Type: c.Type, NotNull: c.NotNull, Default: c.Default, StatisticsTarget: -1})
		}
	}
}

var digits = regexp.MustCompile(`\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)`)

// printed is a type of PostgreSQL in the form in which format_type prints it; false for one of the user's, or of an
// extension, whose form depends on the search path.
func printed(t schema.Type) (string, bool) {
	args := ""
	if m := digits.FindStringSubmatch(t.Raw); m != nil {
		args = "(" + m[1]
		if m[2] != "" {
			args += "," + m[2]
		}
		args += ")"
	}
	out := ""
	switch t.Name {
	case "integer", "bigint", "smallint", "boolean", "text", "uuid", "json", "jsonb", "date", "bytea", "inet", "cidr", "macaddr", "money", "xml", "real", "tsvector", "oid":
		out = t.Name
	case "double":
		out = "double precision"
	case "varchar":
		out = "character varying" + args
	case "char":
		if args == "" {
			args = "(1)"
		}
		out = "character" + args
	case "numeric":
		if args != "" && !strings.Contains(args, ",") {
			args = strings.TrimSuffix(args, ")") + ",0)"
		}
		out = "numeric" + args
	case "timestamp":
		out = "timestamp" + args + " without time zone"
	case "timestamptz":
		out = "timestamp" + args + " with time zone"
	case "time":
		out = "time" + args + " without time zone"
	case "timetz":
		out = "time" + args + " with time zone"
	default:
		return "", false
	}
	if t.Array {
		out += "[]"
	}
	return out, true
}
