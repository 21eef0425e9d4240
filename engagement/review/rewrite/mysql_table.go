package rewrite

import (
	"fmt"
	"strings"
)

func (m mysql) setNotNull(c SetNotNull) (Recipe, error) {
	t, known := m.Table(c.Table)
	col, has := t.Column(c.Column)
	switch {
	case !known || !has:
		return refuse("The definition of %s.%s is not known, and MODIFY COLUMN must repeat it whole. Give the schema.", c.Table.Name, c.Column)
	case col.NotNull:
		return refuse("%s.%s is NOT NULL already.", c.Table.Name, c.Column)
	}
	back := "MODIFY COLUMN " + mysqlQuote(c.Column) + " " + col.Definition
	r := m.alone(c.Table, "set", "Set the column NOT NULL", ask(m.columnHas(c.Table, c.Column, "is_nullable = 'NO'")), back, c.plain(m.Facts))
	r.Preflight = []Question{{
		SQL:  fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s WHERE %s IS NULL)", mysqlName(c.Table), mysqlQuote(c.Column)),
		Says: fmt.Sprintf("%s.%s holds NULL. Fill or delete those rows first, and bring out code that writes no NULL.", c.Table.Name, c.Column),
	}}
	r.Steps[0].Says += " The table is built anew while it is in use; room for a second copy is needed, and innodb_online_alter_log_max_size must hold what is written meanwhile."
	return r, nil
}

func (m mysql) addColumn(c AddColumn) (Recipe, error) {
	if t, ok := m.Table(c.Table); ok {
		if _, exists := t.Column(c.Column); exists {
			return refuse("%s has a column %s already.", c.Table.Name, c.Column)
		}
	}
	drop := "DROP COLUMN " + mysqlQuote(c.Column)
	done := ask(m.columnHas(c.Table, c.Column, ""))
	if c.NotNull && c.Default == "" {
		return refuse("Rows of %s that are there would get the zero value of the type for %s. Say which default they shall have, or add the column without NOT NULL and fill it.", c.Table.Name, c.Column)
	}
	if !c.Volatile {
		return m.alone(c.Table, "add", "Add the column", done, drop, c.plain(m.Facts)), nil
	}
	if m.Server.Product == MySQL && !m.Server.AtLeast(8, 0, 13) {
		return refuse("%s has no defaults that are expressions.", m.Server)
	}
	add := m.online(c.Table, "add", "Add the column without a default", done, drop, alter(m.Facts, c.Table, "ADD COLUMN %s %s", mysqlQuote(c.Column), c.Type))
	set := m.online(c.Table, "default", "Set the default for new rows", ask(m.columnHas(c.Table, c.Column, "column_default IS NOT NULL AND column_default <> 'NULL'")), "",
		alter(m.Facts, c.Table, "ALTER COLUMN %s SET DEFAULT (%s)", mysqlQuote(c.Column), c.Default))
	b, err := newBackfill(m.Facts, m.o, c.Table, mysqlQuote(c.Column)+" = "+c.Default, mysqlQuote(c.Column)+" IS NULL")
	if err != nil {
		return Recipe{}, err
	}
	r := Recipe{Steps: []Step{add, set, backfillStep(b, "fill", "Give the rows that are there a value", fmt.Sprintf("SELECT %s AND NOT EXISTS (SELECT 1 FROM %s WHERE %s IS NULL)",
		m.columnHas(c.Table, c.Column, "column_default IS NOT NULL AND column_default <> 'NULL'"), mysqlName(c.Table), mysqlQuote(c.Column)))}}
	if c.NotNull {
		r.Steps = append(r.Steps, m.online(c.Table, "not-null", "Set the column NOT NULL", ask(m.columnHas(c.Table, c.Column, "is_nullable = 'NO'")), "",
			alter(m.Facts, c.Table, "MODIFY COLUMN %s %s NOT NULL DEFAULT (%s)", mysqlQuote(c.Column), c.Type, c.Default)))
	}
	return r, nil
}

func (m mysql) addGenerated(c AddGenerated) (Recipe, error) {
	plain := c.plain(m.Facts)
	if c.Stored {
		return m.byTool(c.Table, strings.TrimPrefix(plain[0], "ALTER TABLE "+mysqlName(c.Table)+" "), "A stored generated column is written to all rows")
	}
	return m.alone(c.Table, "add", "Add the column", ask(m.columnHas(c.Table, c.Column, "")), "DROP COLUMN "+mysqlQuote(c.Column), plain), nil
}

// addForeignKey adds the key without reading rows, which the server does under lock otherwise, and asks before and after
// whether there are rows without a partner.
func (m mysql) addForeignKey(c AddForeignKey) (Recipe, error) {
	if c.Name == "" || len(c.ToColumns) != len(c.Columns) {
		return refuse("The foreign key needs a name and the columns that it refers to.")
	}
	var set, join []string
	for i, col := range c.Columns {
		set = append(set, "a."+mysqlQuote(col)+" IS NOT NULL")
		join = append(join, "b."+mysqlQuote(c.ToColumns[i])+" = a."+mysqlQuote(col))
	}
	orphans := fmt.Sprintf("EXISTS (SELECT 1 FROM %s AS a WHERE %s AND NOT EXISTS (SELECT 1 FROM %s AS b WHERE %s))", mysqlName(c.Table), strings.Join(set, " AND "), mysqlName(c.To), strings.Join(join, " AND "))
	exists := m.constraintExists(c.Table, c.Name)
	add := Step{ID: "add", Title: "Add the foreign key for new rows", Kind: Statements, Ladder: m.ladder(), Done: ask(exists),
		SQL:   []string{"SET SESSION foreign_key_checks = 0", c.plain(m.Facts)[0] + ", ALGORITHM=INPLACE, LOCK=NONE", "SET SESSION foreign_key_checks = 1"},
		Locks: []Lock{{c.Table, MetadataExclusive, AtEnds}, {c.To, MetadataExclusive, AtEnds}},
		Undo:  []string{"ALTER TABLE " + mysqlName(c.Table) + " DROP FOREIGN KEY " + mysqlQuote(c.Name)},
		Says:  "With the checks of this session off the server takes the key without a copy; rows that are there are not read. All other sessions are checked from here on."}
	verify := Step{ID: "verify", Title: "See that no row is without a partner", Kind: Statements, Done: ask(exists, not(orphans)),
		Says: "The server never reads the old rows itself. If this fails, rows came in between the first question and the key: correct them and run it again."}
	return Recipe{
		Preflight: []Question{{SQL: ask(orphans), Says: fmt.Sprintf("%s has rows whose (%s) is not in %s. Delete or correct them first.", c.Table.Name, strings.Join(c.Columns, ", "), c.To.Name)}},
		Steps:     []Step{add, verify},
	}, nil
}

func (m mysql) addCheck(c AddCheck) (Recipe, error) {
	question := Question{SQL: fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s WHERE NOT (%s))", mysqlName(c.Table), c.Expression),
		Says: fmt.Sprintf("%s has rows that break the rule (%s). Correct them first.", c.Table.Name, c.Expression)}
	plain := c.plain(m.Facts)
	if m.Server.Product == MySQL && !m.Server.AtLeast(8, 0, 16) {
		return refuse("%s reads CHECK and forgets it.", m.Server)
	}
	if m.Server.Product == MariaDB && m.Server.AtLeast(11, 2) { // which copies online
		r := m.alone(c.Table, "add", "Add the constraint", ask(m.constraintExists(c.Table, c.Name)), "DROP CONSTRAINT "+mysqlQuote(c.Name), plain)
		r.Preflight = []Question{question}
		return r, nil
	}
	r, err := m.byTool(c.Table, strings.TrimPrefix(plain[0], "ALTER TABLE "+mysqlName(c.Table)+" "), "The server copies the table under lock to add a CHECK")
	r.Preflight = []Question{question}
	return r, err
}

func (m mysql) addPrimaryKey(c AddPrimaryKey) (Recipe, error) {
	r := m.alone(c.Table, "build", "Build the table anew in the order of the key", ask(m.indexHas(c.Table, "PRIMARY", c.Columns)), "DROP PRIMARY KEY", c.plain(m.Facts))
	r.Preflight = []Question{m.duplicates(c.Table, c.Columns)}
	r.Steps[0].Undo = nil
	r.Steps[0].NoReturn = true // dropping a primary key copies the table under lock
	return r, nil
}

func (m mysql) changeType(c ChangeType) (Recipe, error) {
	t, _ := m.Table(c.Table)
	col, _ := t.Column(c.Column)
	from := c.From
	if from == "" {
		from = col.Type
	}
	plain := c.plain(m.Facts)
	clause := strings.TrimPrefix(plain[0], "ALTER TABLE "+mysqlName(c.Table)+" ")
	if c.Using != "" {
		return refuse("%s has no USING: it converts as it assigns. Add a column, fill it by a backfill, and drop the old one.", m.Server)
	}
	if from == "" || !mysqlInPlace(from, c.To) {
		return m.byTool(c.Table, clause, "The server changes a type by copying the table, with writers locked out")
	}
	r := m.alone(c.Table, "type", "Change the type", ask(m.columnHas(c.Table, c.Column, "column_type <> "+mysqlLiteral(from))), "", plain)
	r.Steps[0].NoReturn = true
	r.Notes = append(r.Notes, "MODIFY COLUMN sets the whole definition: NOT NULL, default, comment and collation that the new type does not repeat are lost.")
	return r, nil
}

// mysqlInPlace returns whether a type is changed without a copy: a longer VARCHAR that keeps its length byte, and values
// added at the end of an ENUM or SET (MySQL 8.0 manual, 17.12.1 "Online DDL Operations").
func mysqlInPlace(from, to string) bool {
	f, t := strings.ToLower(strings.TrimSpace(from)), strings.ToLower(strings.TrimSpace(to))
	head, _, _ := strings.Cut(t, ")")
	for _, kind := range []string{"enum(", "set("} {
		if strings.HasPrefix(f, kind) && strings.HasPrefix(t, kind) {
			return strings.HasPrefix(t, strings.TrimSuffix(f, ")")+",")
		}
	}
	if !strings.HasPrefix(f, "varchar(") || !strings.HasPrefix(t, "varchar(") {
		return false
	}
	a, b := numbers(f), numbers(head)
	const perByte = 4 // utf8mb4; the length takes a second byte from 256 bytes on
	return len(a) > 0 && len(b) > 0 && b[0] >= a[0] && (a[0]*perByte > 255 || b[0]*perByte <= 255)
}

func (m mysql) backfill(c BackfillColumn) (Recipe, error) {
	if c.Where == "" {
		return refuse("Say which rows of %s still need the change (WHERE): without it a run that was cut off would change rows twice.", c.Table.Name)
	}
	b, err := newBackfill(m.Facts, m.o, c.Table, c.Set, c.Where)
	if err != nil {
		return Recipe{}, err
	}
	s := backfillStep(b, "fill", "Change the rows", fmt.Sprintf("SELECT NOT EXISTS (SELECT 1 FROM %s WHERE %s)", mysqlName(c.Table), c.Where))
	s.NoReturn = true
	return Recipe{Steps: []Step{s}, Notes: []string{"Watch the lag of replicas: each batch is applied there as well."}}, nil
}

func (m mysql) dropColumn(c DropColumn) (Recipe, error) {
	t, _ := m.Table(c.Table)
	col, known := t.Column(c.Column)
	r := Recipe{}
	if known && col.NotNull && col.Default == "" && !strings.Contains(strings.ToUpper(col.Definition), "AUTO_INCREMENT") {
		r.Steps = append(r.Steps, m.online(c.Table, "allow-null", "Let new rows leave the column out", ask(m.columnHas(c.Table, c.Column, "is_nullable = 'YES'")),
			"MODIFY COLUMN "+mysqlQuote(c.Column)+" "+col.Definition, alter(m.Facts, c.Table, "MODIFY COLUMN %s %s", mysqlQuote(c.Column), strings.Replace(col.Definition, " NOT NULL", "", 1))))
	}
	drop := m.online(c.Table, "drop", "Drop the column", ask(m.tableExists(c.Table), not(m.columnHas(c.Table, c.Column, ""))), "", c.plain(m.Facts))
	drop.NoReturn = true
	r.Steps = append(r.Steps, Step{ID: "deploy", Title: "Bring out code that does not use " + mysqlName(c.Table) + "." + mysqlQuote(c.Column), Kind: Deploy, Says: "It must not read it (SELECT * included) and must not write it. Wait until no process of the old version runs."}, drop)
	r.Notes = m.notes(c.Table, "DROP COLUMN "+mysqlQuote(c.Column))
	return r, nil
}

func (m mysql) dropTable(c DropTable) (Recipe, error) {
	t, known := m.Table(c.Table)
	if !known || len(t.Referenced) > 0 {
		return refuse("Other tables refer to %s, or that is not known: drop their foreign keys first (ALTER TABLE ... DROP FOREIGN KEY, ALGORITHM=INPLACE, LOCK=NONE).", c.Table.Name)
	}
	aside := c.Table.beside(derive(c.Table.Name, "napkin_old"))
	rename := Step{ID: "rename", Title: "Put the table out of reach", Kind: Statements, SQL: []string{"RENAME TABLE " + mysqlName(c.Table) + " TO " + mysqlName(aside)},
		Locks: []Lock{{c.Table, MetadataExclusive, ForMoment}}, Ladder: m.ladder(), Done: ask(not(m.tableExists(c.Table)), m.tableExists(aside)),
		Undo: []string{"RENAME TABLE " + mysqlName(aside) + " TO " + mysqlName(c.Table)}, Says: "What still uses it fails now, and one statement brings it back."}
	drop := Step{ID: "drop", Title: "Drop the table", Kind: Statements, SQL: []string{"DROP TABLE IF EXISTS " + mysqlName(aside)}, Locks: []Lock{{aside, MetadataExclusive, ForMoment}}, Ladder: m.ladder(),
		Done: ask(not(m.tableExists(c.Table)), not(m.tableExists(aside))), NoReturn: true}
	return Recipe{Steps: []Step{
		{ID: "deploy", Title: "Bring out code that does not use " + mysqlName(c.Table), Kind: Deploy, Says: "Wait until no process of the old version runs."},
		rename,
		{ID: "wait", Title: "Wait until nothing asks for it", Kind: Deploy, Says: "As long as your slowest job takes to come round."},
		drop,
	}}, nil
}
