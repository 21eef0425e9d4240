package rewrite

import (
	"fmt"
	"slices"
	"strings"
)

// exchange is a column that is made anew under another name, kept equal by a trigger, and put in the
// place of the old one.
type exchange struct {
	postgres
	t          Table
	name       Name // of the table
	old        Column
	to         string
	kept       kept
	aside      string // the old column after the swap
	newDefault string
	simple     bool     // the conversion is that of an assignment
	changed    string   // a condition that holds once the column has its new type, and not before
	after      []string // further statements of the swap
	last       []string // further statements of the last step
	lastDone   []string
}

func (p postgres) changeType(c ChangeType) (Recipe, error) {
	t, known := p.Table(c.Table)
	if !known {
		return refuse("The columns, indexes and keys of %s are not known; changing a type needs them. Give the schema.", c.Table)
	}
	col, has := t.Column(c.Column)
	if !has {
		return refuse("%s has no column %s.", c.Table, quote(c.Column))
	}
	if canonicalType(col.Type) == canonicalType(c.To) {
		return refuse("%s is of type %s already.", column(c.Table, c.Column), col.Type)
	}
	again := ""
	if (c.Using == "" || c.castOnly()) && catalogOnly(col.Type, c.To) {
		if again = t.readAgain(col); again == "" {
			return p.typeOfCatalog(c, t, col)
		}
	}
	if why := inconvertible(col, c); why != "" {
		return refuse("%s", why)
	}
	using := c.Using
	if using == "" {
		using = quote(c.Column)
	}
	x := p.newExchange(t, col, c.To, using)
	x.simple = c.Using == "" || c.castOnly() && !limited(c.To)
	x.newDefault = col.Default
	x.changed = columnHas(c.Table, c.Column, "format_type(atttypid, atttypmod) <> "+literal(col.Type))
	r, err := x.recipe()
	if err == nil {
		r.Steps = append([]Step{x.proveStep(c)}, r.Steps...)
	}
	if err == nil && again != "" {
		r.Notes = append(r.Notes, "The old values are values of the new type as they stand, but the plain statement "+again+" under its lock.")
	}
	if err == nil && col.Sequence != nil && col.Identity == "" && slices.Contains([]string{"smallint", "integer", "bigint"}, canonicalType(c.To)) && canonicalType(c.To) != col.Sequence.Type {
		r.Differs = append(r.Differs, fmt.Sprintf("The sequence %s becomes %s as well; the plain statement leaves it %s, and it would end there.", col.Sequence.Name, canonicalType(c.To), col.Sequence.Type))
	}
	return r, err
}

// limited returns whether a cast to the type that is written cuts off what does not fit, where an assignment refuses it.
func limited(kind string) bool {
	base, _ := splitType(canonicalType(strings.TrimRight(kind, "[]")))
	return base == "character varying" || base == "character" || strings.HasPrefix(base, "bit")
}

// typeOfCatalog is for a type that holds the old values as they stand.
func (p postgres) typeOfCatalog(c ChangeType, t Table, col Column) (Recipe, error) {
	var by []string
	for _, d := range t.Dependents {
		if slices.Contains(d.Columns, c.Column) && d.Kind != "statistics" { // those the server carries over
			by = append(by, "the "+d.Kind+" "+d.Name)
		}
	}
	for _, other := range t.Columns {
		if other.Generated != "" && other.Name != c.Column && mentions(other.Generated, c.Column) {
			by = append(by, "the generated column "+quote(other.Name))
		}
	}
	switch {
	case len(by) > 0:
		return refuse("%s is used by %s, and the server refuses to change its type. Drop that first and create it again afterwards.", column(c.Table, c.Column), strings.Join(by, ", "))
	case t.PartitionOf != nil:
		return refuse("%s is a partition; the type of its columns is changed with that of %s.", c.Table, t.PartitionOf)
	}
	s := p.quick("type", "Change the type in the catalog", ask(columnHas(c.Table, c.Column, "format_type(atttypid, atttypmod) <> "+literal(col.Type))), exclusive(c.Table), c.plain(p.Facts)...)
	s.Says = "All values of the old type are values of the new one in the same form: neither table nor indexes are written."
	s.NoReturn = true
	return Recipe{Steps: []Step{s}}, nil
}

func (p postgres) newExchange(t Table, col Column, to, using string) *exchange {
	name := t.Name
	return &exchange{postgres: p, t: t, name: name, old: col, to: to, aside: derive(col.Name, "napkin_old"), kept: kept{
		table: name, column: derive(col.Name, "napkin_new"), kind: to, expression: using,
		function: name.beside(derive(name.Name, col.Name, "napkin_sync")), trigger: t.triggerName(col.Name, "napkin_sync"),
	}}
}

// obstacle returns why the column cannot be exchanged, or nothing.
func (x *exchange) obstacle() string {
	c := column(x.name, x.old.Name)
	switch by := x.t.using(x.old.Name); {
	case x.t.Partitioning != nil || x.t.PartitionOf != nil || x.t.Inherits:
		return fmt.Sprintf("%s has partitions, parents or children; a column of those is not exchanged here. Copy the table into a new one instead.", x.name)
	case x.old.Generated != "":
		return fmt.Sprintf("%s is a generated column; drop it and add it again.", c)
	case len(by) > 0:
		return fmt.Sprintf("%s is used by %s. Drop that first and create it again afterwards; the recipe cannot know in which form.", c, strings.Join(by, ", "))
	case x.old.NotNullName != "" && !x.old.NotNull:
		return fmt.Sprintf("The constraint %s of %s is NOT VALID; validate it first.", x.old.NotNullName, c)
	case x.old.NotNull && !x.Server.AtLeast(12):
		return fmt.Sprintf("%s is NOT NULL, and PostgreSQL 11 cannot make a new column so without reading the table under lock. Upgrade first.", c)
	case slices.ContainsFunc(strings.Fields("with time zone without varying precision"), func(w string) bool { return w == x.old.Name }):
		return fmt.Sprintf("The name of %s is also a word in the names of types; its constraints and indexes cannot be carried over safely.", c)
	}
	for _, i := range x.t.Indexes {
		if x.has(i) && i.Constraint != "" && (i.Deferrable || !i.Unique || i.Method != "" && i.Method != "btree") {
			return fmt.Sprintf("The constraint %s is deferrable or excludes values (WITHOUT OVERLAPS does too); it cannot be made of an index. Drop it first and add it again afterwards.", i.Constraint)
		}
	}
	old, _ := x.keys()
	for _, k := range old {
		if k.Period {
			return fmt.Sprintf("The foreign key %s is one of periods; it cannot be carried over here. Drop it first and add it again afterwards.", k.Name)
		}
	}
	return ""
}

// has returns whether an index has the column.
func (x *exchange) has(i Index) bool {
	if slices.Contains(i.Columns(), x.old.Name) || slices.Contains(i.Include, x.old.Name) || mentions(i.Where, x.old.Name) {
		return true
	}
	return slices.ContainsFunc(i.Parts, func(p Part) bool { return mentions(p.Expression, x.old.Name) })
}

// fresh returns the index over the new column, under a name for the time until the swap.
func (x *exchange) fresh(i Index) Index {
	n := i
	n.Name = derive(i.Name, "napkin_new")
	n.Parts = slices.Clone(i.Parts)
	for k, part := range n.Parts {
		n.Parts[k].Column = x.rename(part.Column)
		n.Parts[k].Expression = substitute(part.Expression, x.old.Name, x.kept.column)
	}
	n.Include = x.renameAll(i.Include)
	n.Where = substitute(i.Where, x.old.Name, x.kept.column)
	return n
}

func (x *exchange) rename(c string) string {
	if c == x.old.Name {
		return x.kept.column
	}
	return c
}

func (x *exchange) renameAll(columns []string) []string {
	var out []string
	for _, c := range columns {
		out = append(out, x.rename(c))
	}
	return out
}

// keys returns the foreign keys that have the column on either side, each with what it becomes.
func (x *exchange) keys() (old, fresh []ForeignKey) {
	seen := map[string]bool{}
	for _, k := range append(slices.Clone(x.t.ForeignKeys), x.t.Referenced...) {
		id := k.Table.String() + " " + k.Name
		n := k
		if k.Table == x.t.Name {
			n.Columns = x.renameAll(k.Columns)
		}
		if k.To == x.t.Name {
			n.ToColumns = x.renameAll(k.ToColumns)
		}
		if seen[id] || slices.Equal(n.Columns, k.Columns) && slices.Equal(n.ToColumns, k.ToColumns) {
			continue
		}
		seen[id] = true
		n.Name = derive(k.Name, "napkin_new")
		old, fresh = append(old, k), append(fresh, n)
	}
	return old, fresh
}

// recipe puts the steps together.
func (x *exchange) recipe() (Recipe, error) {
	if why := x.obstacle(); why != "" {
		return refuse("%s", why)
	}
	if why := x.incomparable(); why != "" {
		return refuse("%s", why)
	}
	b, err := newBackfill(x.Facts, x.o, x.name, quote(x.kept.column)+" = "+x.kept.expression, x.kept.missing())
	if err != nil {
		return Recipe{}, err
	}
	r := Recipe{Steps: []Step{x.keepStep(x.kept, "Add a column of the new type and a trigger that keeps it equal"), backfillStep(b, "fill", "Convert the rows that are there", x.kept.filled())}, Notes: x.triggerNotes(x.name)}
	notNull := derive(x.old.Name, "napkin_not_null")
	if x.old.NotNull {
		r.Steps = append(r.Steps, x.checkSteps("not-null", Constraint{Name: notNull, Expression: quote(x.kept.column) + " IS NOT NULL", Valid: true})...)
	}
	for _, i := range x.t.Indexes {
		if x.has(i) {
			r.Steps = append(r.Steps, buildIndex("index-"+i.Name, x.fresh(i), x.name))
		}
	}
	for _, k := range x.t.Checks {
		if slices.Contains(k.Columns, x.old.Name) {
			r.Steps = append(r.Steps, x.checkSteps("check-"+k.Name, Constraint{Name: derive(k.Name, "napkin_new"), Expression: substitute(k.Expression, x.old.Name, x.kept.column), Valid: k.Valid, Unenforced: k.Unenforced})...)
		}
	}
	_, fresh := x.keys()
	for _, k := range fresh {
		r.Steps = append(r.Steps, x.keySteps(k)...)
	}
	analyze := online("analyze", "Give the planner statistics of the new column", "", []Lock{{x.name, ShareUpdateExclusive, ForScan}}, "ANALYZE "+x.name.String())
	analyze.Says = "Without them the first queries after the swap may be planned badly."
	// Last of all, because the rows are compared as they are when the swap comes; from there on the trigger holds them.
	r.Steps = append(r.Steps, analyze, x.checkStep(x.name, x.kept.unequal(x.to), ""), x.swap(notNull))
	r.Steps = append(r.Steps, x.cleanup()...)
	r.Preflight = append([]Question{asksAll(x.name)}, x.fits()...)
	r.Differs = []string{"The column stands at the end of the table: SELECT * and INSERT without a list of columns see another order."}
	r.Notes = append(r.Notes, "Sessions that keep prepared statements meet \"cached plan must not change result type\" once, as after any change of a type; most drivers prepare them again by themselves.",
		"The table grows by the new column and by one dead version of each row; there must be room for new indexes beside the old ones.")
	return r, nil
}

// checkSteps add a CHECK on the new column and validate it.
func (x *exchange) checkSteps(id string, k Constraint) []Step {
	how := "NOT VALID"
	if k.Unenforced {
		how = notEnforced
	}
	add := x.quick(id, "Add the constraint "+k.Name, ask(constraintHas(x.name, k.Name, "")), exclusive(x.name),
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s) %s", x.name, quote(k.Name), k.Expression, how))
	add.Undo = []string{fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", x.name, quote(k.Name))}
	if !k.Valid {
		return []Step{add}
	}
	return []Step{add, x.validateStep(id+"-validate", x.name, k.Name)}
}

// keySteps add a foreign key from or to the new column and validate it.
func (x *exchange) keySteps(k ForeignKey) []Step {
	change := AddForeignKey{Table: k.Table, Name: k.Name, Columns: k.Columns, To: k.To, ToColumns: k.ToColumns, After: k.After}
	locks := lockAll(ShareRowExclusive, ForMoment, distinct(k.Table, k.To))
	add := x.quick("key-"+k.Name, "Add the foreign key "+k.Name, ask(constraintHas(k.Table, k.Name, "")), locks, change.unproven(x.Facts))
	add.Undo = []string{fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", k.Table, quote(k.Name))}
	if !k.Valid {
		return []Step{add}
	}
	return []Step{add, x.validateStep("key-"+k.Name+"-validate", k.Table, k.Name, Lock{k.To, RowShare, ForScan})}
}

func distinct(names ...Name) []Name {
	var out []Name
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// swap puts the new column in the place of the old one, in one transaction that changes the catalog only.
func (x *exchange) swap(notNull string) Step {
	t := "ALTER TABLE " + x.name.String() + " "
	fresh, old := quote(x.kept.column), quote(x.old.Name)
	oldKeys, newKeys := x.keys()
	tables := []Name{x.name}
	for _, k := range oldKeys {
		tables = distinct(append(tables, k.Table, k.To)...)
	}
	names := make([]string, len(tables))
	for i, n := range tables {
		names[i] = n.String()
	}
	sql := []string{
		"LOCK TABLE " + strings.Join(names, ", ") + " IN ACCESS EXCLUSIVE MODE",
		x.kept.lastOfTriggers(), // none has come since
		fmt.Sprintf("DROP TRIGGER %s ON %s", quote(x.kept.trigger), x.name),
	}
	for _, k := range oldKeys {
		sql = append(sql, fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT %s", k.Table, quote(k.Name)))
	}
	for i, k := range newKeys {
		sql = append(sql, fmt.Sprintf("ALTER TABLE %s RENAME CONSTRAINT %s TO %s", k.Table, quote(k.Name), quote(oldKeys[i].Name)))
	}
	for _, k := range x.t.Checks {
		if slices.Contains(k.Columns, x.old.Name) {
			sql = append(sql, t+"DROP CONSTRAINT "+quote(k.Name), t+"RENAME CONSTRAINT "+quote(derive(k.Name, "napkin_new"))+" TO "+quote(k.Name))
		}
	}
	sql = append(sql, x.swapIndexes(t)...)
	// An identity wants its column NOT NULL: the new one before it comes, the old one until it is gone.
	if x.old.NotNull {
		set := t + "ALTER COLUMN " + fresh + " SET NOT NULL"
		if x.Server.AtLeast(18) { // the constraint has a name there, which shall be the old one in the end
			set = t + "ADD CONSTRAINT " + quote(x.fresh18()) + " NOT NULL " + fresh
		}
		sql = append(sql, set, t+"DROP CONSTRAINT "+quote(notNull))
	}
	sql = append(sql, x.swapDefault(t)...)
	if x.old.NotNull {
		sql = append(sql, t+"ALTER COLUMN "+old+" DROP NOT NULL")
	}
	sql = append(sql, x.swapPrimary(t)...)
	sql = append(sql, t+"RENAME COLUMN "+old+" TO "+quote(x.aside), t+"RENAME COLUMN "+fresh+" TO "+old)
	if x.old.NotNull && x.Server.AtLeast(18) {
		name := x.old.NotNullName
		if name == "" {
			name = derive(x.name.Name, x.old.Name, "not_null")
		}
		sql = append(sql, t+"RENAME CONSTRAINT "+quote(x.fresh18())+" TO "+quote(name))
	}
	sql = append(sql, x.swapMarks(t, oldKeys)...)
	sql = append(sql, x.swapLabels(t)...)
	sql = append(sql, x.after...)
	s := x.quick("swap", "Put the new column in the place of the old one", ask(columnHas(x.name, x.aside, ""), not(columnHas(x.name, x.kept.column, ""))), exclusive(tables...), sql...)
	s.NoReturn = true
	s.Says = "One transaction, sent as one message, of changes to the catalog: each constraint has been proven before, each index is there. From here on the old column is no longer kept."
	return s
}

// fresh18 is the name of the NOT NULL constraint of the new column until the old one is gone.
func (x *exchange) fresh18() string { return derive(x.name.Name, x.kept.column, "not_null") }

// swapIndexes exchanges the indexes that stand for no primary key.
func (x *exchange) swapIndexes(t string) []string {
	var sql []string
	for _, i := range x.t.Indexes {
		if !x.has(i) || i.Primary {
			continue
		}
		fresh := x.name.beside(derive(i.Name, "napkin_new"))
		if i.Constraint != "" {
			sql = append(sql, t+"DROP CONSTRAINT "+quote(i.Constraint), fmt.Sprintf("%sADD CONSTRAINT %s UNIQUE USING INDEX %s", t, quote(i.Constraint), quote(fresh.Name)))
		} else {
			sql = append(sql, fmt.Sprintf("ALTER INDEX %s RENAME TO %s", x.name.beside(i.Name), quote(derive(i.Name, "napkin_old"))),
				fmt.Sprintf("ALTER INDEX %s RENAME TO %s", fresh, quote(i.Name)))
		}
		if i.Comment != "" {
			sql = append(sql, fmt.Sprintf("COMMENT ON INDEX %s IS %s", x.name.beside(i.Name), literal(i.Comment)))
		}
	}
	// The primary key must go before its column may be NULL.
	if pk, has := x.t.PrimaryKey(); has && x.has(pk) {
		sql = append(sql, t+"DROP CONSTRAINT "+quote(pk.Constraint))
	}
	return sql
}

func (x *exchange) swapPrimary(t string) []string {
	pk, has := x.t.PrimaryKey()
	if !has || !x.has(pk) {
		return nil
	}
	return []string{fmt.Sprintf("%sADD CONSTRAINT %s PRIMARY KEY USING INDEX %s", t, quote(pk.Constraint), quote(derive(pk.Name, "napkin_new")))}
}

// swapDefault moves the default, or the sequence that gives it.
func (x *exchange) swapDefault(t string) []string {
	fresh, old := quote(x.kept.column), quote(x.old.Name)
	var sql []string
	s := x.old.Sequence
	switch {
	case x.old.Identity != "" && s != nil:
		made := derive(s.Name.Name, "napkin_new")
		sequence := s.Name.beside(made)
		return []string{
			fmt.Sprintf("%sALTER COLUMN %s ADD GENERATED %s AS IDENTITY (SEQUENCE NAME %s)", t, fresh, x.old.Identity, sequence),
			fmt.Sprintf("SELECT setval(%s, last_value, is_called) FROM %s", literal(sequence.String()), s.Name),
			t + "ALTER COLUMN " + old + " DROP IDENTITY",
			fmt.Sprintf("ALTER SEQUENCE %s RENAME TO %s", sequence, quote(s.Name.Name)),
		}
	case s != nil:
		sql = append(sql, fmt.Sprintf("ALTER SEQUENCE %s OWNED BY %s.%s", s.Name, x.name, fresh))
		if kind := canonicalType(x.to); kind != s.Type && slices.Contains([]string{"smallint", "integer", "bigint"}, kind) {
			sql = append(sql, fmt.Sprintf("ALTER SEQUENCE %s AS %s", s.Name, kind))
		}
	}
	if x.old.Default != "" {
		sql = append(sql, t+"ALTER COLUMN "+fresh+" SET DEFAULT "+x.newDefault, t+"ALTER COLUMN "+old+" DROP DEFAULT")
	}
	return sql
}

// swapMarks gives what now stands under the old names the marks and comments of those before.
func (x *exchange) swapMarks(t string, keys []ForeignKey) []string {
	var sql []string
	for _, i := range x.t.Indexes {
		if !x.has(i) {
			continue
		}
		if i.ReplicaIdentity {
			sql = append(sql, t+"REPLICA IDENTITY USING INDEX "+quote(i.Name))
		}
		if i.Clustered {
			sql = append(sql, t+"CLUSTER ON "+quote(i.Name))
		}
		if i.Constraint != "" && i.ConstraintComment != "" {
			sql = append(sql, fmt.Sprintf("COMMENT ON CONSTRAINT %s ON %s IS %s", quote(i.Constraint), x.name, literal(i.ConstraintComment)))
		}
		if i.Primary && i.Comment != "" {
			sql = append(sql, fmt.Sprintf("COMMENT ON INDEX %s IS %s", x.name.beside(i.Name), literal(i.Comment)))
		}
	}
	for _, k := range x.t.Checks {
		if k.Comment != "" && slices.Contains(k.Columns, x.old.Name) {
			sql = append(sql, fmt.Sprintf("COMMENT ON CONSTRAINT %s ON %s IS %s", quote(k.Name), x.name, literal(k.Comment)))
		}
	}
	for _, k := range keys {
		if k.Comment != "" {
			sql = append(sql, fmt.Sprintf("COMMENT ON CONSTRAINT %s ON %s IS %s", quote(k.Name), k.Table, literal(k.Comment)))
		}
	}
	return sql
}

// marked holds when an index of the column has a mark that the facts do not tell: it would be lost, and with the replica
// identity the changes of a table that is published are refused.
func (x *exchange) marked() string {
	told := []string{"''"}
	for _, i := range x.t.Indexes {
		if i.ReplicaIdentity || i.Clustered {
			told = append(told, literal(i.Name))
		}
	}
	return fmt.Sprintf("EXISTS (SELECT FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indrelid = %s AND (indisreplident OR indisclustered) AND relname::text <> ALL (ARRAY[%s]) AND "+
		"(SELECT attnum FROM pg_attribute WHERE attrelid = indrelid AND attname = %s AND NOT attisdropped) = ANY (indkey::smallint[]))", regclass(x.name), strings.Join(told, ", "), literal(x.old.Name))
}

// swapLabels gives the new column what the old one had beside its data.
func (x *exchange) swapLabels(t string) []string {
	name := quote(x.old.Name)
	var sql []string
	if x.old.Comment != "" {
		sql = append(sql, fmt.Sprintf("COMMENT ON COLUMN %s IS %s", column(x.name, x.old.Name), literal(x.old.Comment)))
	}
	if x.old.StatisticsTarget >= 0 {
		sql = append(sql, fmt.Sprintf("%sALTER COLUMN %s SET STATISTICS %d", t, name, x.old.StatisticsTarget))
	}
	if x.old.Options != "" {
		sql = append(sql, fmt.Sprintf("%sALTER COLUMN %s SET (%s)", t, name, x.old.Options))
	}
	if x.old.Compression != "" && variable(x.to) {
		sql = append(sql, fmt.Sprintf("%sALTER COLUMN %s SET COMPRESSION %s", t, name, x.old.Compression))
	}
	for _, g := range x.old.Grants {
		sql = append(sql, grant(g, " ("+name+")", x.name))
	}
	return sql
}

// variable returns whether values of a type can be compressed, as far as it is known here.
func variable(kind string) bool {
	base, _ := splitType(canonicalType(kind))
	return textual(base) || slices.Contains([]string{"bytea", "json", "jsonb", "xml"}, base)
}

// grant returns GRANT; columns is empty or a list in brackets, with a space before it.
func grant(g Grant, columns string, on Name) string {
	role := quote(g.Role)
	if g.Role == "PUBLIC" {
		role = g.Role
	}
	s := fmt.Sprintf("GRANT %s ON %s TO %s", strings.Join(g.Privileges, columns+", ")+columns, on, role)
	if g.Option {
		s += " WITH GRANT OPTION"
	}
	return s
}

// cleanup drops the old column: its indexes first, each by itself, so that the table is locked for a moment only.
func (x *exchange) cleanup() []Step {
	done := []string{x.changed, not(columnHas(x.name, x.kept.column, ""))}
	var steps []Step
	for _, i := range x.t.Indexes {
		if !x.has(i) || i.Constraint != "" {
			continue
		}
		old := x.name.beside(derive(i.Name, "napkin_old"))
		done = append(done, not("("+relationExists(old)+")"))
		steps = append(steps, online("drop-"+i.Name, "Drop the old index", ask(append(slices.Clone(done), columnHas(x.name, x.aside, ""))...),
			[]Lock{{x.name, ShareUpdateExclusive, ForMoment}}, "DROP INDEX CONCURRENTLY IF EXISTS "+old.String()))
	}
	done = append(done, not(columnHas(x.name, x.aside, "")))
	sql := append([]string{
		fmt.Sprintf("ALTER TABLE %s DROP COLUMN IF EXISTS %s", x.name, quote(x.aside)),
		fmt.Sprintf("DROP FUNCTION IF EXISTS %s()", x.kept.function),
	}, x.last...)
	drop := x.quick("drop", "Drop the old column", ask(append(done, x.lastDone...)...), exclusive(x.name), sql...)
	drop.NoReturn = true
	drop.Says = "Wait as long as you want to be able to look at the old values."
	return append(steps, drop)
}
