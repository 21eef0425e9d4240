package rewrite

import (
	"fmt"
	"slices"
	"strings"
)

func (p postgres) createIndex(c CreateIndex) (Recipe, error) {
	if c.Index.Name == "" {
		return refuse("The index needs a name, so that a later try can find what an earlier one left.")
	}
	if c.Index.NullsEqual && !p.Server.AtLeast(15) {
		return refuse("%s has no NULLS NOT DISTINCT (PostgreSQL 15 has).", p.Server)
	}
	t, _ := p.Table(c.Table)
	r := Recipe{}
	if c.Index.Unique {
		if names, plain := plainColumns(c.Index); plain && c.Index.Where == "" {
			r.Preflight = append(r.Preflight, duplicates(c.Table, names, c.Index.NullsEqual))
		}
		r.Notes = append(r.Notes, "From the second pass of the build on, rows that would be twice are refused, even if the build fails in the end.")
	}
	if t.Partitioning == nil {
		r.Steps = []Step{buildIndex("build", c.Index, c.Table)}
		return r, nil
	}
	return p.indexPartitions(r, c, t)
}

// indexPartitions builds the index of each partition by itself and joins them under an index of the parent,
// because CONCURRENTLY does not work on a partitioned table.
func (p postgres) indexPartitions(r Recipe, c CreateIndex, t Table) (Recipe, error) {
	parent := c.Table.beside(c.Index.Name)
	only := p.quick("parent", "Create the index of the partitioned table, without those of its partitions",
		ask(relationExists(parent)), []Lock{{c.Table, Share, ForMoment}},
		strings.Replace(indexStatement(c.Index, c.Table, false), " ON ", " ON ONLY ", 1))
	only.Undo = []string{"DROP INDEX IF EXISTS " + parent.String()}
	only.Says = "The index is invalid until each partition has its part. New partitions get theirs by themselves."
	r.Steps = []Step{only}
	for k, part := range t.Partitioning.Partitions {
		sub, known := p.Table(part)
		if known && sub.Partitioning != nil {
			return refuse("%s, a partition of %s, is partitioned itself. Build the index of each lowest partition by this recipe first.", part, c.Table)
		}
		i := c.Index
		i.Name = p.serverIndexName(part, c.Index)
		id := fmt.Sprintf("build-%d", k+1)
		build := buildIndex(id, i, part, relationExists(parent))
		name := part.beside(i.Name)
		joined := fmt.Sprintf("EXISTS (SELECT FROM pg_inherits WHERE inhrelid = %s AND inhparent = %s)", regclass(name), regclass(parent))
		attach := p.quick(fmt.Sprintf("attach-%d", k+1), "Make it part of the index of the table", ask(joined),
			nil, fmt.Sprintf("ALTER INDEX %s ATTACH PARTITION %s", parent, name))
		attach.Undo = []string{"DROP INDEX IF EXISTS " + parent.String()} // an attached index goes with its parent only
		attach.Says = "Locks the two indexes, and no table against readers or writers."
		r.Steps = append(r.Steps, build, attach)
	}
	return r, nil
}

// serverIndexName returns the name that the server itself gives to the index of a partition (table, columns, idx),
// or where that is taken or too long, one of our own.
func (p postgres) serverIndexName(t Name, i Index) string {
	names := []string{t.Name}
	for _, part := range i.Parts {
		if part.Column == "" {
			part.Column = "expr"
		}
		names = append(names, part.Column)
	}
	names = append(append(names, i.Include...), "idx")
	name := strings.Join(names, "_")
	facts, _ := p.Table(t)
	taken := slices.ContainsFunc(facts.Indexes, func(x Index) bool { return x.Name == name })
	if taken || len(name) > maxIdentifier {
		return derive(t.Name, i.Name)
	}
	return name
}

// plainColumns returns the columns of an index that has no expressions.
func plainColumns(i Index) ([]string, bool) {
	for _, part := range i.Parts {
		if part.Column == "" {
			return nil, false
		}
	}
	return i.Columns(), true
}

// duplicates asks for values that occur twice.
func duplicates(t Name, columns []string, nullsEqual bool) Question {
	where := ""
	if !nullsEqual {
		var set []string
		for _, c := range columns {
			set = append(set, quote(c)+" IS NOT NULL")
		}
		where = " WHERE " + strings.Join(set, " AND ")
	}
	return Question{
		SQL:  fmt.Sprintf("SELECT EXISTS (SELECT FROM %s%s GROUP BY %s HAVING count(*) > 1)", t, where, quoteAll(columns)),
		Says: fmt.Sprintf("Values of (%s) occur twice in %s. Merge or delete those rows first.", quoteAll(columns), t),
	}
}

func (p postgres) addUnique(c AddUnique) (Recipe, error) {
	if c.Name == "" {
		return refuse("The UNIQUE constraint needs a name, because its index is built under it.")
	}
	if p.partitioned(c.Table) {
		return refuse("%s is partitioned; a constraint cannot be made of an index there. Create a unique index by the recipe for indexes: it refuses the same rows.", c.Table)
	}
	index := Index{Name: c.Name, Unique: true, Parts: parts(c.Columns)}
	done := constraintHas(c.Table, c.Name, "contype = 'u'")
	build := buildIndex("build", index, c.Table)
	add := p.quick("constraint", "Make the constraint of the index", ask(done), exclusive(c.Table),
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s UNIQUE USING INDEX %s", c.Table, quote(c.Name), quote(c.Name)))
	add.Undo = []string{fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", c.Table, quote(c.Name))}
	return Recipe{
		Preflight: []Question{duplicates(c.Table, c.Columns, false)},
		Steps:     []Step{build, add},
		Notes:     []string{"From the second pass of the build on, rows that would be twice are refused: bring out code that can stand that first."},
	}, nil
}

func parts(columns []string) []Part {
	out := make([]Part, len(columns))
	for i, c := range columns {
		out[i] = Part{Column: c}
	}
	return out
}

func (p postgres) addPrimaryKey(c AddPrimaryKey) (Recipe, error) {
	t, known := p.Table(c.Table)
	switch {
	case !known:
		return refuse("Whether the columns (%s) of %s are NOT NULL is not known; where one is not, ADD PRIMARY KEY reads the table under lock. Give the schema.", quoteAll(c.Columns), c.Table)
	case t.Partitioning != nil:
		return refuse("%s is partitioned; a primary key cannot be made of an index there.", c.Table)
	}
	if pk, has := t.PrimaryKey(); has {
		return refuse("%s has a primary key already (%s).", c.Table, pk.Name)
	}
	r := Recipe{Preflight: []Question{duplicates(c.Table, c.Columns, false)}}
	name := c.name()
	done := constraintHas(c.Table, name, "contype = 'p'")
	for _, col := range c.Columns {
		fact, ok := t.Column(col)
		switch {
		case !ok:
			return refuse("%s has no column %s.", c.Table, quote(col))
		case fact.NotNull:
			continue
		case !p.Server.AtLeast(12):
			return refuse("%s.%s is not NOT NULL, and PostgreSQL 11 cannot make it so without reading the table under lock. Upgrade first.", c.Table, quote(col))
		}
		r.Preflight = append(r.Preflight, nullRows(c.Table, col))
		for _, s := range p.notNullSteps(c.Table, col) {
			s.ID = derive(col, s.ID)
			r.Steps = append(r.Steps, s)
		}
	}
	index := Index{Name: name, Unique: true, Parts: parts(c.Columns)}
	build := buildIndex("build", index, c.Table)
	add := p.quick("constraint", "Make the primary key of the index", ask(done), exclusive(c.Table),
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s PRIMARY KEY USING INDEX %s", c.Table, quote(name), quote(name)))
	add.Undo = []string{fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", c.Table, quote(name))}
	r.Steps = append(r.Steps, build, add)
	return r, nil
}

func (p postgres) dropIndex(c DropIndex) (Recipe, error) {
	t, known := p.Table(c.Table)
	name := c.Table.beside(c.Index)
	if !known {
		return refuse("What the index %s is is not known; one that stands for a constraint cannot be dropped by itself. Give the schema.", c.Index)
	}
	for _, i := range t.Indexes {
		switch {
		case i.Name != c.Index:
			continue
		case i.Constraint != "":
			return refuse("%s stands for the constraint %s: drop that (ALTER TABLE %s DROP CONSTRAINT %s, with a lock_timeout); it takes a moment.", c.Index, i.Constraint, c.Table, quote(i.Constraint))
		case t.Partitioning != nil:
			return refuse("%s is partitioned, and CONCURRENTLY does not work there. DROP INDEX takes ACCESS EXCLUSIVE on all partitions for a moment: run it with a lock_timeout.", c.Table)
		}
		drop := online("drop", "Drop the index", ask(not("("+relationExists(name)+")")), []Lock{{c.Table, ShareUpdateExclusive, ForMoment}},
			"DROP INDEX CONCURRENTLY IF EXISTS "+name.String())
		drop.Clear = clearInvalid(c.Table, name)
		drop.NoReturn = true
		drop.Says = "Waits for the transactions that use the index. To have it back, it is built anew: " + indexStatement(i, c.Table, true)
		return Recipe{Steps: []Step{drop}}, nil
	}
	return refuse("%s has no index %s.", c.Table, c.Index)
}

func (p postgres) reindex(c Reindex) (Recipe, error) {
	t, known := p.Table(c.Table)
	var index Index
	for _, i := range t.Indexes {
		if i.Name == c.Index {
			index = i
		}
	}
	if !known || index.Name == "" {
		return refuse("The index %s is not known; give the schema.", c.Index)
	}
	old := index.Name
	fresh := index
	fresh.Name = derive(old, "napkin_new")
	aside := derive(old, "napkin_old")
	switch {
	case t.Partitioning != nil:
		return refuse("%s is partitioned: rebuild the index of each partition by this recipe.", c.Table)
	case index.Constraint != "" && !p.Server.AtLeast(12):
		return refuse("%s stands for the constraint %s, and PostgreSQL 11 has no REINDEX CONCURRENTLY. Upgrade first, or drop and add the constraint in a quiet hour.", old, index.Constraint)
	}
	// REINDEX CONCURRENTLY leaves no trace by which a later run could tell that it is done, and builds the index once more.
	if p.Server.AtLeast(12) {
		s := online("reindex", "Build the index anew", "", []Lock{{c.Table, ShareUpdateExclusive, ForBuild}},
			"REINDEX INDEX CONCURRENTLY "+c.Table.beside(old).String())
		// The server calls the new index x_ccnew until it takes its place, and the old one x_ccold from then on.
		made, left := c.Table.beside(old+"_ccnew"), c.Table.beside(old+"_ccold")
		s.Clear = &Clear{
			If:  fmt.Sprintf("SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid IN (%s, %s) AND indrelid = %s AND NOT indisvalid)", regclass(made), regclass(left), regclass(c.Table)),
			SQL: []string{"DROP INDEX CONCURRENTLY IF EXISTS " + made.String(), "DROP INDEX CONCURRENTLY IF EXISTS " + left.String()},
		}
		s.Says = "Run again, it builds the index once more, which does no harm. A failed run leaves an invalid index " + old + "_ccnew or _ccold, which is dropped first."
		return Recipe{Steps: []Step{s}}, nil
	}
	swapped := []string{indexHas(c.Table, index), relationExists(c.Table.beside(aside)), not("(" + relationExists(c.Table.beside(fresh.Name)) + ")")}
	// PostgreSQL 11 takes ACCESS EXCLUSIVE on the index alone, which all who use the table wait for.
	swap := p.quick("swap", "Exchange the names", ask(swapped...), exclusive(c.Table.beside(old), c.Table.beside(fresh.Name)),
		fmt.Sprintf("ALTER INDEX %s RENAME TO %s", c.Table.beside(old), quote(aside)),
		fmt.Sprintf("ALTER INDEX %s RENAME TO %s", c.Table.beside(fresh.Name), quote(old)))
	if index.Comment != "" {
		swap.SQL = append(swap.SQL, fmt.Sprintf("COMMENT ON INDEX %s IS %s", c.Table.beside(old), literal(index.Comment)))
	}
	swap.Undo = []string{fmt.Sprintf("DO $$BEGIN IF %s THEN ALTER INDEX %s RENAME TO %s; ALTER INDEX %s RENAME TO %s; END IF; END$$",
		relationExists(c.Table.beside(aside)), c.Table.beside(old), quote(fresh.Name), c.Table.beside(aside), quote(old))}
	drop := online("drop", "Drop the old index", "", []Lock{{c.Table, ShareUpdateExclusive, ForMoment}},
		"DROP INDEX CONCURRENTLY IF EXISTS "+c.Table.beside(aside).String())
	drop.Clear = clearInvalid(c.Table, c.Table.beside(aside))
	drop.NoReturn = true
	drop.Says = "Run from the start after this step, the recipe builds the index once more, which does no harm."
	return Recipe{Steps: []Step{buildIndex("build", fresh, c.Table), swap, drop}}, nil
}
