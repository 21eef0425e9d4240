package schemadiff_test

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/schemadiff"
)

const (
	pg   = dialect.Postgres
	my   = dialect.MySQL
	lite = dialect.SQLite
)

// side makes a table of one column for each type, named c.
func side(kind dialect.Kind, types ...string) schemadiff.Side {
	t := &dialect.Table{Name: dialect.TableName{Name: "t"}}
	for i, typ := range types {
		t.Columns = append(t.Columns, dialect.Column{Name: "c" + string(rune('a'+i)), Type: typ})
	}
	return schemadiff.Side{Kind: kind, Table: t}
}

func texts(changes []schemadiff.Change) string {
	var lines []string
	for _, c := range changes {
		lines = append(lines, c.Severity.String()+": "+string(c.Kind)+": "+c.Text)
	}
	return strings.Join(lines, "\n")
}

// TestSameTypes holds pairs that mean the same, in both directions.
func TestSameTypes(t *testing.T) {
	for _, c := range []struct {
		a     dialect.Kind
		typeA string
		b     dialect.Kind
		typeB string
	}{
		{pg, "smallint", my, "smallint(6)"},
		{pg, "smallint", my, "tinyint(4)"},
		{pg, "smallint", my, "tinyint(3) unsigned"},
		{pg, "integer", my, "int(11)"},
		{pg, "integer", my, "mediumint(9)"},
		{pg, "integer", my, "smallint(5) unsigned"},
		{pg, "bigint", my, "bigint(20)"},
		{pg, "bigint", my, "bigint"},
		{pg, "bigint", my, "int(10) unsigned"},
		{pg, "numeric(20,0)", my, "bigint(20) unsigned"},
		{pg, "numeric(12,2)", my, "decimal(12,2)"},
		{pg, "real", my, "float"},
		{pg, "double precision", my, "double"},
		{pg, "boolean", my, "tinyint(1)"},
		{pg, "boolean", my, "bit(1)"},
		{pg, "character varying(80)", my, "varchar(80)"},
		{pg, "character(3)", my, "char(3)"},
		{pg, "text", my, "longtext"},
		{pg, "character varying", my, "longtext"},
		{pg, "bytea", my, "longblob"},
		{pg, "date", my, "date"},
		{pg, "time without time zone", my, "time(6)"},
		{pg, "timestamp without time zone", my, "datetime(6)"},
		{pg, "timestamp(6) without time zone", my, "datetime(6)"},
		{pg, "timestamp(0) without time zone", my, "datetime"},
		{pg, "timestamp with time zone", my, "timestamp(6)"},
		{pg, "uuid", my, "char(36)"},
		{pg, "uuid", my, "binary(16)"},
		{pg, "uuid", my, "uuid"},
		{pg, "jsonb", my, "longtext"},
		{pg, "json", my, "json"},
		{pg, "bit(8)", my, "bit(8)"},
		{pg, "mood", my, "enum('sad','ok')"},
		{pg, "bigint", lite, "INTEGER"},
		{pg, "boolean", lite, "INTEGER"},
		{pg, "boolean", lite, "BOOLEAN"},
		{pg, "character varying(80)", lite, "TEXT"},
		{pg, "timestamp with time zone", lite, "TEXT"},
		{pg, "timestamp with time zone", lite, "DATETIME"},
		{pg, "uuid", lite, "BLOB"},
		{pg, "jsonb", lite, "TEXT"},
		{pg, "numeric(12,2)", lite, "NUMERIC"},
		{pg, "bytea", lite, "BLOB"},
		{pg, "double precision", lite, "REAL"},
		{my, "int(11)", my, "int"},
		{pg, "timestamp without time zone", pg, "timestamp(6) without time zone"},
		{lite, "int", lite, "INTEGER"},
	} {
		if got := schemadiff.Compare(side(c.a, c.typeA), side(c.b, c.typeB)); len(got) > 0 {
			t.Errorf("%s %s and %s %s:\n%s", c.a, c.typeA, c.b, c.typeB, texts(got))
		}
		if got := schemadiff.Compare(side(c.b, c.typeB), side(c.a, c.typeA)); len(got) > 0 {
			t.Errorf("%s %s and %s %s:\n%s", c.b, c.typeB, c.a, c.typeA, texts(got))
		}
	}
}

func TestDifferentTypes(t *testing.T) {
	const (
		breaks, meaning, cosmetic = schemadiff.BreaksWrites, schemadiff.ChangesMeaning, schemadiff.Cosmetic
	)
	for _, c := range []struct {
		a        dialect.Kind
		typeA    string
		b        dialect.Kind
		typeB    string
		severity schemadiff.Severity
		text     string
	}{
		{pg, "bigint", pg, "integer", breaks, "ca: B does not hold all integers of A: integer in B, bigint in A"},
		{pg, "integer", pg, "bigint", cosmetic, "ca: B is wider: bigint in B, integer in A"},
		{pg, "bigint", my, "int(11)", breaks, "ca: B does not hold all integers of A: int(11) in B, bigint in A"},
		{pg, "bigint", my, "bigint(20) unsigned", breaks, "ca: B does not hold all integers of A: bigint(20) unsigned in B, bigint in A"},
		{my, "bigint(20) unsigned", pg, "bigint", breaks, "ca: B does not hold all integers of A: bigint in B, bigint(20) unsigned in A"},
		{my, "int(10) unsigned", pg, "integer", breaks, "ca: B does not hold all integers of A: integer in B, int(10) unsigned in A"},
		{pg, "character varying(80)", my, "varchar(40)", breaks, "ca: B is narrower: 40 characters in B (varchar(40)), 80 characters in A (character varying(80))"},
		{pg, "character varying(80)", pg, "text", cosmetic, "ca: B is wider: any number of characters in B (text), 80 characters in A (character varying(80))"},
		{pg, "text", my, "text", breaks, "ca: B is narrower: 65535 bytes in B (text), any number of characters in A (text)"},
		{pg, "character(3)", pg, "character varying(3)", meaning, "ca: one side pads with blanks or zeros: character(3) in A, character varying(3) in B"},
		{pg, "numeric(12,2)", pg, "numeric(10,2)", breaks, "ca: B is narrower: 8 digits before the point in B (numeric(10,2)), 10 digits before the point in A (numeric(12,2))"},
		{pg, "numeric(12,4)", my, "decimal(10,2)", meaning, "ca: B rounds to 2 decimals (decimal(10,2)), A is numeric(12,4)"},
		{pg, "numeric", my, "decimal(30,2)", breaks, "ca: B is narrower: 28 digits before the point in B (decimal(30,2)), any number of digits before the point in A (numeric)"},
		{pg, "double precision", my, "float", breaks, "ca: B is narrower: 32 bits in B (float), 64 bits in A (double precision)"},
		{pg, "timestamp without time zone", my, "datetime", meaning, "ca: B keeps 0 digits of a second (datetime), A 6 (timestamp without time zone)"},
		{pg, "timestamp with time zone", my, "datetime(6)", meaning, "ca: A holds a moment (timestamp with time zone), B what a clock shows somewhere (datetime(6))"},
		{my, "datetime(6)", my, "timestamp(6)", meaning, "ca: A holds what a clock shows somewhere (datetime(6)), B a moment (timestamp(6))"},
		{pg, "integer", pg, "text", meaning, "ca: A holds an integer (integer) and B text (text)"},
		{pg, "text", pg, "integer", breaks, "ca: A holds text (text) and B an integer (integer)"},
		{pg, "text", lite, "INTEGER", breaks, "ca: A holds text (text) and B an integer (INTEGER)"},
		{pg, "uuid", my, "char(32)", breaks, "ca: A holds a UUID (uuid) and B text (char(32))"},
		{pg, "json", pg, "jsonb", cosmetic, "ca: one side keeps the text of a document (json), the other what it means (jsonb)"},
		{my, "enum('a','b')", my, "enum('a')", meaning, "ca: the lists of words differ: enum('a','b') in A, enum('a') in B"},
		{my, "json", my, "longtext", cosmetic, "ca: A holds JSON (json) and B text (longtext)"},
		{my, "longtext", my, "json", breaks, "ca: A holds text (longtext) and B JSON (json)"},
		{pg, "integer[]", pg, "text[]", meaning, "ca: it is integer[] in A and text[] in B"},
	} {
		got := schemadiff.Compare(side(c.a, c.typeA), side(c.b, c.typeB))
		found := false
		for _, g := range got {
			found = found || g.Kind == schemadiff.Type && g.Severity == c.severity && g.Text == c.text
		}
		if !found {
			t.Errorf("%s %s and %s %s:\n%s\nand not\n%s: %s", c.a, c.typeA, c.b, c.typeB, texts(got), c.severity, c.text)
		}
	}
}

func column(name, typ string, with ...func(*dialect.Column)) dialect.Column {
	c := dialect.Column{Name: name, Type: typ}
	for _, w := range with {
		w(&c)
	}
	return c
}

func notNull(c *dialect.Column)   { c.NotNull = true }
func generated(c *dialect.Column) { c.Generated = true }
func numbered(c *dialect.Column)  { c.AutoIncrement = true }
func always(c *dialect.Column)    { c.AlwaysIdentity = true }
func by(expression string) func(*dialect.Column) {
	return func(c *dialect.Column) { c.Default = expression }
}
func collated(name string) func(*dialect.Column) {
	return func(c *dialect.Column) { c.Collation = name }
}

func table(columns ...dialect.Column) *dialect.Table {
	return &dialect.Table{Name: dialect.TableName{Name: "t"}, Columns: columns}
}

// TestSameTables: one table as two products print it.
func TestSameTables(t *testing.T) {
	a := table(column("id", "bigint", notNull, by("nextval('t_id_seq'::regclass)")), column("at", "timestamp(6) without time zone", notNull, by("CURRENT_TIMESTAMP")),
		column("name", "character varying(80)", notNull, by("'new'::character varying"), collated("default")), column("paid", "boolean", by("false")),
		column("doc", "jsonb", by("NULL")), column("price", "numeric(12,2)", by("0.00")), column("ref", "bigint"))
	a.PrimaryKey = []string{"id"}
	a.Indexes = []dialect.Index{{Name: "t_name_at", Columns: []string{"name", "at"}, Unique: true}, {Name: "live", Columns: []string{"(lower(name))"}}}
	a.Unique = [][]string{{"name", "at"}}
	a.ForeignKeys = []dialect.ForeignKey{{Name: "t_ref_fkey", Columns: []string{"ref"}, References: dialect.TableName{Schema: "public", Name: "r"}, RefColumns: []string{"id"}}}
	b := table(column("ID", "bigint(20)", notNull, numbered), column("at", "datetime(6)", notNull, by("current_timestamp(6)")),
		column("name", "varchar(80)", notNull, by("'new'"), collated("utf8mb4_bin")), column("paid", "tinyint(1)", by("0")),
		column("doc", "longtext", by("NULL"), collated("utf8mb4_bin")), column("price", "decimal(12,2)", by("0.00")), column("ref", "bigint(20)", by("NULL")))
	b.PrimaryKey = []string{"ID"}
	b.Indexes = []dialect.Index{{Name: "uk", Columns: []string{"name", "at"}, Unique: true}, {Name: "t_ref", Columns: []string{"ref"}}, {Name: "low", Columns: []string{"(lower(`name`))"}}}
	b.ForeignKeys = []dialect.ForeignKey{{Name: "t_ibfk_1", Columns: []string{"ref"}, References: dialect.TableName{Schema: "test", Name: "r"}, RefColumns: []string{"id"}}}
	if got := schemadiff.Compare(schemadiff.Side{Kind: pg, Table: a}, schemadiff.Side{Kind: my, Table: b}); len(got) > 0 {
		t.Error(texts(got))
	}
	if got := schemadiff.Compare(schemadiff.Side{Kind: my, Table: b}, schemadiff.Side{Kind: pg, Table: a}); len(got) > 0 {
		t.Error(texts(got))
	}
	if got := schemadiff.Compare(schemadiff.Side{Kind: pg, Table: a}, schemadiff.Side{Kind: pg, Table: a}); len(got) > 0 {
		t.Error(texts(got))
	}
}

func TestCompare(t *testing.T) {
	with := func(t *dialect.Table, change func(*dialect.Table)) *dialect.Table {
		change(t)
		return t
	}
	ints := func(names ...string) *dialect.Table {
		t := table()
		for _, n := range names {
			t.Columns = append(t.Columns, column(n, "integer"))
		}
		return t
	}
	primary := func(names ...string) func(*dialect.Table) {
		return func(t *dialect.Table) { t.PrimaryKey = names }
	}
	index := func(unique bool, where string, names ...string) func(*dialect.Table) {
		return func(t *dialect.Table) {
			t.Indexes = append(t.Indexes, dialect.Index{Name: "i", Columns: names, Unique: unique, Where: where})
		}
	}
	refers := func(to string, names ...string) func(*dialect.Table) {
		return func(t *dialect.Table) {
			t.ForeignKeys = append(t.ForeignKeys, dialect.ForeignKey{Columns: names, References: dialect.TableName{Name: to}, RefColumns: []string{"id"}})
		}
	}
	for name, c := range map[string]struct {
		a, b  *dialect.Table
		kindB dialect.Kind // PostgreSQL when empty
		want  string
	}{
		"a column only in A":          {ints("a", "b"), ints("a"), "", "breaks writes: column only in A: b stands only in A, and its values have no place in B"},
		"a nullable column only in B": {ints("a"), ints("a", "b"), "", "cosmetic: column only in B: b stands only in B, which fills it by itself"},
		"a column that B needs":       {ints("a"), table(column("a", "integer"), column("b", "integer", notNull)), "", "breaks writes: column only in B: b stands only in B, where it is NOT NULL and has no default"},
		"a column with a default":     {ints("a"), table(column("a", "integer"), column("b", "integer", notNull, by("0"))), "", "cosmetic: column only in B: b stands only in B, which fills it by itself"},
		"a rename by name":            {ints("a", "created"), ints("created_at", "a"), "", "breaks writes: column renamed: created seems to be called created_at in B: their types are the same, and their names or places alike"},
		"a rename by place":           {ints("a", "total"), ints("a", "amount"), "", "breaks writes: column renamed: total seems to be called amount in B: their types are the same, and their names or places alike"},
		"another type, no rename": {table(column("created", "integer")), table(column("created_at", "text")), "",
			"breaks writes: column only in A: created stands only in A, and its values have no place in B\ncosmetic: column only in B: created_at stands only in B, which fills it by itself"},
		"two candidates, no rename": {table(column("code", "text"), column("x", "integer")), table(column("x", "integer"), column("code1", "text"), column("code2", "text")), "",
			"breaks writes: column only in A: code stands only in A, and its values have no place in B\ncosmetic: column only in B: code1 stands only in B, which fills it by itself\ncosmetic: column only in B: code2 stands only in B, which fills it by itself"},
		"the index of a renamed column":   {with(ints("a", "created"), index(false, "", "created")), with(ints("a", "created_at"), index(false, "", "created_at")), "", "breaks writes: column renamed: created seems to be called created_at in B: their types are the same, and their names or places alike"},
		"NULL in A":                       {ints("a"), table(column("a", "integer", notNull)), "", "breaks writes: nullability: a may be NULL in A and not in B"},
		"NULL in B":                       {table(column("a", "integer", notNull)), ints("a"), "", "changes meaning: nullability: a may be NULL in B and not in A"},
		"a key is NOT NULL":               {with(table(column("a", "integer", notNull)), primary("a")), with(ints("a"), primary("a")), lite, ""},
		"defaults":                        {table(column("a", "integer", by("1"))), table(column("a", "integer", by("2"))), "", "changes meaning: default: a has the default 1 in A and the default 2 in B"},
		"a default only in A":             {table(column("a", "integer", by("1"))), ints("a"), "", "changes meaning: default: a has the default 1 in A and no default in B"},
		"one default, spelled twice":      {table(column("a", "integer", by("(1)"))), table(column("a", "integer", by("'1'::integer"))), "", ""},
		"two defaults that look alike":    {table(column("a", "text", by("'1'::text"))), table(column("a", "text", by("'1.0'::text"))), "", "changes meaning: default: a has the default '1'::text in A and the default '1.0'::text in B"},
		"collations":                      {table(column("a", "text", collated("C"))), table(column("a", "text", collated("en_US"))), "", "changes meaning: collation: a is collated by C in A and by en_US in B"},
		"collations of two products":      {table(column("a", "text", collated("C"))), table(column("a", "longtext", collated("utf8mb4_general_ci"))), my, ""},
		"collations of a key":             {with(table(column("a", "character varying(9)", notNull, collated("C"))), primary("a")), with(table(column("a", "varchar(9)", notNull, collated("utf8mb4_general_ci"))), primary("a")), my, "breaks writes: collation: a is part of a unique key, and B takes values for equal that differ only in case"},
		"generated in B":                  {ints("a"), table(column("a", "integer", generated)), "", "breaks writes: generated: a is computed by B and cannot be written there"},
		"generated in A":                  {table(column("a", "integer", generated)), ints("a"), "", "changes meaning: generated: a is computed by A and only stored in B"},
		"numbered in A":                   {table(column("a", "integer", numbered)), ints("a"), "", "changes meaning: identity: a gets a number by itself in A and not in B"},
		"always numbered in B":            {table(column("a", "integer", numbered)), table(column("a", "integer", always)), "", "breaks writes: identity: a can be written to B only with OVERRIDING SYSTEM VALUE"},
		"no primary key in B":             {with(table(column("a", "integer", notNull)), primary("a")), table(column("a", "integer", notNull)), "", "changes meaning: primary key: B has no primary key, and A has (a)"},
		"another primary key":             {with(table(column("a", "integer", notNull), column("b", "integer", notNull)), primary("a")), with(table(column("a", "integer", notNull), column("b", "integer", notNull)), primary("b")), "", "breaks writes: primary key: the primary key is (a) in A and (b) in B"},
		"a primary key in another order":  {with(ints("a", "b"), primary("a", "b")), with(ints("a", "b"), primary("b", "a")), "", "performance: primary key: the primary key has its columns in another order: (a, b) in A, (b, a) in B"},
		"unique in A":                     {with(ints("a"), index(true, "", "a")), ints("a"), "", "changes meaning: unique index: (a) is unique in A, and B takes duplicates"},
		"unique in B":                     {ints("a"), with(ints("a"), index(true, "", "a")), "", "breaks writes: unique index: (a) is unique in B, and A may hold duplicates"},
		"indexed in A":                    {with(ints("a"), index(false, "", "a")), ints("a"), "", "performance: index: (a) is indexed in A and not in B"},
		"unique serves as an index":       {with(ints("a"), index(false, "", "a")), with(ints("a"), index(true, "", "a")), "", "breaks writes: unique index: (a) is unique in B, and A may hold duplicates"},
		"a partial index":                 {with(ints("a"), index(false, "(a > 0)", "a")), with(ints("a"), index(false, "a > 1", "a")), "", "performance: index: (a) where a>0 is indexed in A and not in B\nperformance: index: (a) where a>1 is indexed in B and not in A"},
		"a partial index, spelled twice":  {with(ints("a"), index(false, "(a > 0)", "a")), with(ints("a"), index(false, `"a" > 0`, "a")), "", ""},
		"InnoDB's index of a foreign key": {with(ints("a"), refers("r", "a")), with(with(table(column("a", "int(11)")), refers("r", "a")), index(false, "", "a")), my, ""},
		"a foreign key only in A":         {with(ints("a"), refers("r", "a")), ints("a"), "", "changes meaning: foreign key: the foreign key (a) -> r(id) stands only in A, and B takes rows without a partner"},
		"a foreign key only in B":         {ints("a"), with(ints("a"), refers("r", "a")), "", "breaks writes: foreign key: the foreign key (a) -> r(id) stands only in B, and A may hold rows without a partner"},
		"a view":                          {ints("a"), with(ints("a"), func(t *dialect.Table) { t.View = true }), "", "changes meaning: view: A is a table and B a view"},
	} {
		t.Run(name, func(t *testing.T) {
			kind := pg
			if c.kindB != "" {
				kind = c.kindB
			}
			if got := texts(schemadiff.Compare(schemadiff.Side{Kind: pg, Table: c.a}, schemadiff.Side{Kind: kind, Table: c.b})); got != c.want {
				t.Errorf("\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// FuzzTypes reads types and defaults of any spelling.
func FuzzTypes(f *testing.F) {
	f.Add("numeric(12,2)", "enum('a(','b')", "'x'::text")
	f.Add("timestamp(", "int(10) unsigned zerofill", "((1)")
	f.Add("[]", "\"a\".\"b\"(3)[]", "b'")
	f.Fuzz(func(t *testing.T, a, b, expression string) {
		for _, x := range []dialect.Kind{pg, my, lite} {
			for _, y := range []dialect.Kind{pg, my, lite} {
				left, right := side(x, a), side(y, b)
				left.Table.Columns[0].Default = expression
				schemadiff.Compare(left, right)
			}
			if got := schemadiff.Compare(side(x, a), side(x, a)); len(got) > 0 {
				t.Errorf("%q and itself: %s", a, texts(got))
			}
		}
	})
}
