package rewrite

import (
	"fmt"
	"strings"
)

// Build returns the recipe of a change. Its error is a [Refusal] where there is none with these facts.
func Build(c Change, f Facts, o Options) (Recipe, error) {
	if f.Server.Version == [3]int{} {
		return refuse("The version of the server is not known; recipes differ between versions.")
	}
	var r Recipe
	var err error
	switch f.Server.Product {
	case PostgreSQL:
		if !f.Server.AtLeast(11) {
			return refuse("%s is not supported: recipes hold for PostgreSQL 11 and later.", f.Server)
		}
		r, err = postgres{f, o}.build(c)
	case MySQL, MariaDB:
		r, err = mysql{f, o}.build(c)
	default:
		return refuse("There are no recipes for %q.", f.Server.Product)
	}
	if err != nil {
		return Recipe{}, err
	}
	r.Title, r.Server, r.Plain = c.Title(), f.Server, c.plain(f)
	if g, ok := c.(AddGenerated); ok && g.Stored && f.postgres() { // the title stands alone in places
		r.Title = "Add the column " + column(g.Table, g.Column) + ", kept by a trigger and not GENERATED"
	}
	return r, nil
}

// postgres builds the recipes of PostgreSQL.
type postgres struct {
	Facts
	o Options
}

func (p postgres) build(c Change) (Recipe, error) {
	switch c := c.(type) {
	case SetNotNull:
		return p.setNotNull(c)
	case AddCheck:
		return p.addCheck(c)
	case AddForeignKey:
		return p.addForeignKey(c)
	case AddUnique:
		return p.addUnique(c)
	case AddPrimaryKey:
		return p.addPrimaryKey(c)
	case CreateIndex:
		return p.createIndex(c)
	case DropIndex:
		return p.dropIndex(c)
	case Reindex:
		return p.reindex(c)
	case AddColumn:
		return p.addColumn(c)
	case AddGenerated:
		return p.addGenerated(c)
	case SetDefault:
		return p.setDefault(c)
	case BackfillColumn:
		return p.backfill(c)
	case DropColumn:
		return p.dropColumn(c)
	case DropTable:
		return p.dropTable(c)
	case RewriteTable:
		return p.rewriteTable(c)
	case ChangeType:
		return p.changeType(c)
	case RenameColumn:
		return p.renameColumn(c)
	case RenameTable:
		return p.renameTable(c)
	case AttachPartition:
		return p.attachPartition(c)
	case DetachPartition:
		return p.detachPartition(c)
	case AddEnumValue:
		return p.addEnumValue(c)
	case RenameEnumValue:
		return p.renameEnumValue(c)
	case DropEnumValue:
		return p.dropEnumValue(c)
	}
	return refuse("There is no recipe for %T.", c)
}

// quick is a step that changes the catalog in one transaction under locks held for a moment.
func (p postgres) quick(id, title string, done string, locks []Lock, sql ...string) Step {
	return Step{ID: id, Title: title, Kind: Statements, SQL: sql, Transaction: true, Locks: locks, Ladder: p.o.ladder(), Done: done}
}

// online is a step that runs outside a transaction under a lock that stops neither readers nor writers.
func online(id, title string, done string, locks []Lock, sql ...string) Step {
	return Step{ID: id, Title: title, Kind: Statements, SQL: sql, Locks: locks, Ladder: patient(), Done: done}
}

func exclusive(tables ...Name) []Lock { return lockAll(AccessExclusive, ForMoment, tables) }

func lockAll(m Mode, h Held, tables []Name) []Lock {
	locks := make([]Lock, len(tables))
	for i, t := range tables {
		locks[i] = Lock{t, m, h}
	}
	return locks
}

// ask makes the query of Done of conditions that must all hold.
func ask(conditions ...string) string { return "SELECT " + strings.Join(conditions, " AND ") }

func not(condition string) string { return "NOT " + condition }

// regclass returns the OID of a relation, or NULL where there is none.
func regclass(n Name) string { return "to_regclass(" + literal(n.String()) + ")" }

func relationExists(n Name) string { return regclass(n) + " IS NOT NULL" }

// columnHas says that a column exists and that the condition on its row of pg_attribute holds.
func columnHas(t Name, name, condition string) string {
	s := fmt.Sprintf("EXISTS (SELECT FROM pg_attribute WHERE attrelid = %s AND attname = %s AND NOT attisdropped", regclass(t), literal(name))
	if condition != "" {
		s += " AND " + condition
	}
	return s + ")"
}

// constraintHas says that a constraint of a table exists and that the condition on its row holds.
func constraintHas(t Name, name, condition string) string {
	s := fmt.Sprintf("EXISTS (SELECT FROM pg_constraint WHERE conrelid = %s AND conname = %s", regclass(t), literal(name))
	if condition != "" {
		s += " AND " + condition
	}
	return s + ")"
}

// The condition on pg_constraint that it has been validated.
const validated = "convalidated"

// indexHas says that a valid index of that name stands on the columns of the table.
func indexHas(t Name, i Index) string {
	conditions := []string{"indexrelid = " + regclass(t.beside(i.Name)), "indrelid = " + regclass(t), "indisvalid"}
	if i.Unique {
		conditions = append(conditions, "indisunique")
	}
	var columns []string
	for _, part := range i.Parts {
		if part.Column == "" { // an expression: only the name is compared
			return "EXISTS (SELECT FROM pg_index WHERE " + strings.Join(conditions, " AND ") + ")"
		}
		columns = append(columns, literal(part.Column))
	}
	conditions = append(conditions, "ARRAY(SELECT a.attname::text FROM unnest(indkey::smallint[]) WITH ORDINALITY AS k(attnum, n) "+
		"JOIN pg_attribute AS a ON a.attrelid = indrelid AND a.attnum = k.attnum WHERE k.n <= indnkeyatts ORDER BY k.n) = ARRAY["+strings.Join(columns, ", ")+"]")
	return "EXISTS (SELECT FROM pg_index WHERE " + strings.Join(conditions, " AND ") + ")"
}

// clearInvalid drops an index of the table that a failed CONCURRENTLY left invalid.
func clearInvalid(t, index Name) *Clear {
	return &Clear{
		If: fmt.Sprintf("SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = %s AND indrelid = %s AND NOT indisvalid AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid))",
			regclass(index), regclass(t)),
		SQL: []string{"DROP INDEX CONCURRENTLY IF EXISTS " + index.String()},
	}
}

// indexStatement returns CREATE INDEX.
func indexStatement(i Index, t Name, concurrently bool) string {
	var s strings.Builder
	s.WriteString("CREATE ")
	if i.Unique {
		s.WriteString("UNIQUE ")
	}
	s.WriteString("INDEX ")
	if concurrently {
		s.WriteString("CONCURRENTLY ")
	}
	s.WriteString(quote(i.Name) + " ON " + t.String())
	if i.Method != "" && i.Method != "btree" {
		s.WriteString(" USING " + quote(i.Method))
	}
	parts := make([]string, len(i.Parts))
	for k, part := range i.Parts {
		parts[k] = "(" + part.Expression + ")"
		if part.Column != "" {
			parts[k] = quote(part.Column)
		}
		if part.After != "" {
			parts[k] += " " + part.After
		}
	}
	s.WriteString(" (" + strings.Join(parts, ", ") + ")")
	if len(i.Include) > 0 {
		s.WriteString(" INCLUDE (" + quoteAll(i.Include) + ")")
	}
	if i.NullsEqual {
		s.WriteString(" NULLS NOT DISTINCT")
	}
	if i.With != "" {
		s.WriteString(" WITH (" + i.With + ")")
	}
	if i.Tablespace != "" {
		s.WriteString(" TABLESPACE " + quote(i.Tablespace))
	}
	if i.Where != "" {
		s.WriteString(" WHERE " + i.Where)
	}
	return s.String()
}

// buildIndex is the step that builds an index while the table is in use. Done holds for it together with the
// further conditions.
func buildIndex(id string, i Index, t Name, also ...string) Step {
	name := t.beside(i.Name)
	s := online(id, "Build the index "+i.Name, ask(append([]string{indexHas(t, i)}, also...)...),
		[]Lock{{t, ShareUpdateExclusive, ForBuild}}, indexStatement(i, t, true))
	s.Clear = clearInvalid(t, name)
	s.Undo = []string{"DROP INDEX CONCURRENTLY IF EXISTS " + name.String()}
	s.Says = "Two passes over the table while it is in use, each after all transactions older than it have ended: a forgotten open transaction holds it up. " +
		"If it fails it leaves an invalid index, which must go before the next try."
	return s
}
