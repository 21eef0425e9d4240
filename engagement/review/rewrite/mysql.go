package rewrite

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// mysql builds the recipes of MySQL and MariaDB. The server itself says by the clauses ALGORITHM and LOCK whether it
// can make a change while the table is in use; a step tries the ways from the cheapest on, and never one that
// copies the table under lock.
type mysql struct {
	Facts
	o Options
}

// ladder counts in seconds, the unit of lock_wait_timeout.
func (m mysql) ladder() Ladder {
	if len(m.o.Ladder) > 0 {
		return m.o.Ladder
	}
	return Ladder{{10, time.Second, 5 * time.Second}, {5, 2 * time.Second, 30 * time.Second}, {5, 5 * time.Second, time.Minute}}
}

func (m mysql) build(c Change) (Recipe, error) {
	switch c := c.(type) {
	case SetNotNull:
		return m.setNotNull(c)
	case AddColumn:
		return m.addColumn(c)
	case AddGenerated:
		return m.addGenerated(c)
	case AddForeignKey:
		return m.addForeignKey(c)
	case AddCheck:
		return m.addCheck(c)
	case AddUnique:
		done := ask(m.indexHas(c.Table, c.Name, c.Columns))
		r := m.alone(c.Table, "build", "Build the unique index", done, "DROP INDEX "+mysqlQuote(c.Name), c.plain(m.Facts))
		r.Preflight = []Question{m.duplicates(c.Table, c.Columns)}
		return r, nil
	case AddPrimaryKey:
		return m.addPrimaryKey(c)
	case CreateIndex:
		if c.Index.Where != "" || len(c.Index.Include) > 0 {
			return refuse("%s has no partial indexes and no INCLUDE.", m.Server)
		}
		names, _ := plainColumns(c.Index)
		r := m.alone(c.Table, "build", "Build the index", ask(m.indexHas(c.Table, c.Index.Name, names)), "DROP INDEX "+mysqlQuote(c.Index.Name), c.plain(m.Facts))
		if c.Index.Unique && len(names) > 0 {
			r.Preflight = []Question{m.duplicates(c.Table, names)}
		}
		return r, nil
	case DropIndex:
		r := m.alone(c.Table, "drop", "Drop the index", ask(m.tableExists(c.Table), not(m.indexHas(c.Table, c.Index, nil))), "", c.plain(m.Facts))
		r.Steps[0].NoReturn = true
		return r, nil
	case Reindex:
		return m.alone(c.Table, "rebuild", "Build the table and its indexes anew", "", "", c.plain(m.Facts)), nil
	case RewriteTable:
		return m.alone(c.Table, "rebuild", "Build the table anew", "", "", alter(m.Facts, c.Table, "FORCE")), nil
	case SetDefault:
		t, _ := m.Table(c.Table)
		col, _ := t.Column(c.Column)
		r := m.alone(c.Table, "default", "Change the default", "", "", c.plain(m.Facts))
		if col.Default != "" {
			r.Steps[0].Undo = SetDefault{c.Table, c.Column, col.Default}.plain(m.Facts)
		}
		return r, nil
	case ChangeType:
		return m.changeType(c)
	case BackfillColumn:
		return m.backfill(c)
	case DropColumn:
		return m.dropColumn(c)
	case DropTable:
		return m.dropTable(c)
	case RenameColumn, RenameTable:
		return refuse("%s cannot put a view in a table's place in one step, so that old and new code cannot use both names at once. "+
			"Keep the name, or add what is new beside the old, write both, backfill, and drop the old by its recipe.", m.Server)
	case AttachPartition, DetachPartition:
		return refuse("%s exchanges partitions with tables (ALTER TABLE ... EXCHANGE PARTITION), which reads all rows under an exclusive metadata lock; there is no recipe for it here.", m.Server)
	case AddEnumValue, RenameEnumValue, DropEnumValue:
		return refuse("%s has no types of their own for enumerations: change the type of the column.", m.Server)
	}
	return refuse("There is no recipe for %T.", c)
}

// The algorithms of ALTER TABLE from the cheapest on. MariaDB takes each as the dearest that is allowed.
const (
	instant = iota
	noCopy  // MariaDB alone
	inPlace
	onlineCopy // MariaDB from 11.2 on
)

// cheapest returns the first way that can succeed for a clause, by the tables of online DDL in the manuals (MySQL 8.0,
// 17.12.1; MariaDB, "InnoDB Online DDL Operations with the ... Alter Algorithm"): a file that a migration tool runs ends at
// the first refusal.
func (m mysql) cheapest(t Name, clause string) int {
	maria := m.Server.Product == MariaDB
	switch {
	case maria && !m.Server.AtLeast(10, 3), !maria && !m.Server.AtLeast(8, 0, 12):
		return inPlace
	case strings.HasPrefix(clause, "ADD INDEX"), strings.HasPrefix(clause, "ADD UNIQUE"), strings.HasPrefix(clause, "ADD CONSTRAINT"), strings.HasPrefix(clause, "DROP INDEX"):
		return noCopy
	case strings.HasPrefix(clause, "FORCE"), strings.HasPrefix(clause, "ADD PRIMARY KEY"), strings.HasPrefix(clause, "MODIFY"):
		return inPlace
	case strings.HasPrefix(clause, "DROP COLUMN"):
		if maria && !m.Server.AtLeast(10, 4) || !maria && !m.Server.AtLeast(8, 0, 29) {
			return inPlace
		}
		facts, known := m.Table(t)
		for _, i := range facts.Indexes {
			if slices.ContainsFunc(i.Columns(), func(c string) bool { return clause == "DROP COLUMN "+mysqlQuote(c) }) {
				return noCopy
			}
		}
		if !known {
			return noCopy
		}
	}
	return instant
}

// ways returns the statement with each of the clauses under which readers and writers go on, from the cheapest that can
// succeed on.
func (m mysql) ways(t Name, statement string) [][]string {
	maria := m.Server.Product == MariaDB
	var out [][]string
	for way := m.cheapest(t, strings.TrimPrefix(statement, "ALTER TABLE "+mysqlName(t)+" ")); way <= onlineCopy; way++ {
		switch clause := [...]string{"ALGORITHM=INSTANT", "ALGORITHM=NOCOPY, LOCK=NONE", "ALGORITHM=INPLACE, LOCK=NONE", "ALGORITHM=COPY, LOCK=NONE"}[way]; {
		case way == noCopy && !maria, way == onlineCopy && !(maria && m.Server.AtLeast(11, 2)):
		default:
			out = append(out, []string{statement + ", " + clause})
		}
	}
	return out
}

// online is a step of one ALTER TABLE; undo is what ALTER TABLE takes it back by, or empty.
func (m mysql) online(t Name, id, title, done, undo string, plain []string) Step {
	ways := m.ways(t, plain[0])
	s := Step{ID: id, Title: title, Kind: Statements, SQL: ways[0], Otherwise: ways[1:], Locks: []Lock{{t, MetadataExclusive, AtEnds}}, Ladder: m.ladder(), Done: done,
		Says: "Tried from the cheapest way on; the server refuses a way that it cannot go. It locks the table for a moment at the beginning and at the end: a long transaction on it holds up both, and a build whose last lock does not come in time is thrown away."}
	if undo != "" {
		s.Undo = []string{"ALTER TABLE " + mysqlName(t) + " " + undo}
	}
	return s
}

// alone is a recipe of one ALTER TABLE.
func (m mysql) alone(t Name, id, title, done, undo string, plain []string) Recipe {
	return Recipe{Steps: []Step{m.online(t, id, title, done, undo, plain)}, Notes: m.notes(t, strings.TrimPrefix(plain[0], "ALTER TABLE "+mysqlName(t)+" "))}
}

// notes say what to do where the server refuses every online way.
func (m mysql) notes(t Name, clause string) []string {
	return []string{
		"Replicas run the same statement after the primary has finished it, one after the other with all else: they lag by as long as it takes.",
		"If the server refuses every way, the change needs a copy of the table: " + m.copyCommand(t, clause),
	}
}

// copyCommand is the command of a tool that copies the table online. Flags are those of the documentation of gh-ost 1.1
// (doc/command-line-flags.md) and of pt-online-schema-change 3.
func (m mysql) copyCommand(t Name, clause string) string {
	if m.Server.Product == MariaDB {
		return fmt.Sprintf("pt-online-schema-change --alter %s --set-vars lock_wait_timeout=1 --max-load Threads_running=25 --critical-load Threads_running=100 --execute D=DATABASE,t=%s", shellQuote(clause), t.Name)
	}
	return fmt.Sprintf("gh-ost --host=REPLICA --database=DATABASE --table=%s --alter=%s --chunk-size=1000 --max-lag-millis=1500 --cut-over-lock-timeout-seconds=1 --max-load=Threads_running=25 --critical-load=Threads_running=100 --execute",
		t.Name, shellQuote(clause))
}

// byTool is a recipe that hands the whole change to a tool.
func (m mysql) byTool(t Name, clause, why string) (Recipe, error) {
	f, known := m.Table(t)
	switch {
	case !known:
		return refuse("The keys and triggers of %s are not known; a copy needs a primary key and, by gh-ost, neither triggers nor foreign keys. Give the schema.", t)
	case !slices.ContainsFunc(f.Indexes, func(i Index) bool { return i.Primary || i.Unique }):
		return refuse("%s has no primary or unique key, which a copy goes by. Add one first.", t)
	case m.Server.Product == MySQL && (len(f.ForeignKeys)+len(f.Referenced) > 0 || slices.ContainsFunc(f.Dependents, func(d Dependent) bool { return d.Kind == "trigger" })):
		return refuse("%s. The server can only copy %s under lock for it, and gh-ost and spirit copy no table with foreign keys or triggers. Drop those first, or use pt-online-schema-change with --alter-foreign-keys-method.", why, t)
	}
	return Recipe{
		Steps: []Step{{ID: "copy", Title: "Copy the table online and put the copy in its place", Kind: Tool, SQL: []string{m.copyCommand(t, clause)}, Locks: []Lock{{t, MetadataExclusive, AtEnds}},
			Says: why + ". The tool copies rows in small batches, applies what is written meanwhile, and exchanges the two tables in a moment. Row-based binary logs and room for a second copy of the table are needed. Run it without --execute first."}},
	}, nil
}

// schemaOf is the database of a table in queries of information_schema.
func schemaOf(n Name) string {
	if n.Schema == "" {
		return "DATABASE()"
	}
	return mysqlLiteral(n.Schema)
}

// mysqlLiteral returns a constant; the mode of a recipe's session has no NO_BACKSLASH_ESCAPES, so that a backslash is doubled.
func mysqlLiteral(s string) string {
	return "'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(s) + "'"
}

func (m mysql) tableExists(t Name) string {
	return fmt.Sprintf("EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = %s AND table_name = %s)", schemaOf(t), mysqlLiteral(t.Name))
}

func (m mysql) columnHas(t Name, name, condition string) string {
	s := fmt.Sprintf("EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = %s AND table_name = %s AND column_name = %s", schemaOf(t), mysqlLiteral(t.Name), mysqlLiteral(name))
	if condition != "" {
		s += " AND " + condition
	}
	return s + ")"
}

// indexHas says that an index exists and, where they are given, has these columns.
func (m mysql) indexHas(t Name, name string, columns []string) string {
	s := fmt.Sprintf("EXISTS (SELECT 1 FROM information_schema.statistics WHERE table_schema = %s AND table_name = %s AND index_name = %s", schemaOf(t), mysqlLiteral(t.Name), mysqlLiteral(name))
	if len(columns) > 0 {
		s += " HAVING GROUP_CONCAT(column_name ORDER BY seq_in_index) = " + mysqlLiteral(strings.Join(columns, ","))
	}
	return s + ")"
}

func (m mysql) constraintExists(t Name, name string) string {
	return fmt.Sprintf("EXISTS (SELECT 1 FROM information_schema.table_constraints WHERE table_schema = %s AND table_name = %s AND constraint_name = %s)", schemaOf(t), mysqlLiteral(t.Name), mysqlLiteral(name))
}

func (m mysql) duplicates(t Name, columns []string) Question {
	var set []string
	for _, c := range columns {
		set = append(set, mysqlQuote(c)+" IS NOT NULL")
	}
	return Question{
		SQL:  fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s WHERE %s GROUP BY %s HAVING COUNT(*) > 1)", mysqlName(t), strings.Join(set, " AND "), m.quoteAll(columns)),
		Says: fmt.Sprintf("Values of (%s) occur twice in %s. Merge or delete those rows first.", strings.Join(columns, ", "), t.Name),
	}
}

// mysqlQuote returns an identifier in backquotes.
func mysqlQuote(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }

func mysqlName(n Name) string {
	if n.Schema == "" {
		return mysqlQuote(n.Name)
	}
	return mysqlQuote(n.Schema) + "." + mysqlQuote(n.Name)
}

// mysqlNotNull returns the definition of a column with NOT NULL.
func mysqlNotNull(col Column) string {
	def := col.Definition
	if def == "" {
		def = col.Type
	}
	// SHOW CREATE TABLE writes DEFAULT NULL for a column without a default, and NULL for a timestamp.
	def = strings.Replace(def, " DEFAULT NULL", "", 1)
	head, comment, commented := strings.Cut(def, " COMMENT ")
	head = strings.TrimSuffix(head, " NULL")
	if i := strings.Index(head, " DEFAULT "); i >= 0 {
		head = head[:i] + " NOT NULL" + head[i:]
	} else {
		head += " NOT NULL"
	}
	if commented {
		head += " COMMENT " + comment
	}
	return head
}

// mysqlIndex is what follows ADD.
func mysqlIndex(i Index) string {
	s := "INDEX "
	if i.Unique {
		s = "UNIQUE INDEX "
	}
	parts := make([]string, len(i.Parts))
	for k, p := range i.Parts {
		parts[k] = "(" + p.Expression + ")"
		if p.Column != "" {
			parts[k] = mysqlQuote(p.Column)
		}
		switch {
		case strings.HasPrefix(p.After, "("):
			parts[k] += p.After
		case p.After != "":
			parts[k] += " " + p.After
		}
	}
	return s + mysqlQuote(i.Name) + " (" + strings.Join(parts, ", ") + ")"
}
