package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Tables implements dialect.Database. The tables that a virtual table keeps its content in are left out.
func (d *Database) Tables(ctx context.Context, schema string) ([]dialect.TableName, error) {
	var names []dialect.TableName
	err := d.catalog(func(c *conn) error {
		if schema != "" && !strings.EqualFold(schema, "main") {
			return fmt.Errorf("a SQLite file has no schema %s; its tables are in main", schema)
		}
		return c.query(ctx, `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`, func(s *stmt) error {
			names = append(names, dialect.TableName{Schema: schema, Name: s.string(0)})
			return nil
		})
	})
	return names, err
}

// Find implements dialect.Database. A file has one schema.
func (d *Database) Find(ctx context.Context, name string) ([]dialect.TableName, error) {
	switch _, err := d.Table(ctx, dialect.TableName{Name: name}); {
	case errors.Is(err, dialect.ErrNoTable):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return []dialect.TableName{{Name: name}}, nil
}

// catalog opens a connection for reading the catalog.
func (d *Database) catalog(read func(c *conn) error) error {
	c, err := openConn(d.path, d.options.StatementTimeout)
	if err != nil {
		return err
	}
	defer c.close()
	if err := read(c); err != nil {
		return fmt.Errorf("read the catalog of %s: %w", d.url, err)
	}
	return nil
}

// Table implements dialect.Database.
func (d *Database) Table(ctx context.Context, name dialect.TableName) (*dialect.Table, error) {
	t := &dialect.Table{Name: name, Source: d.path, Rows: -1, Bytes: -1}
	err := d.catalog(func(c *conn) error {
		b := &tableReader{c: c, t: t, name: "'" + strings.ReplaceAll(name.Name, "'", "''") + "'"}
		if name.Schema != "" && !strings.EqualFold(name.Schema, "main") {
			return fmt.Errorf("%s: %w", name, dialect.ErrNoTable)
		}
		t.Name.Schema = "" // one table has one name
		// One transaction, so that the parts are of one state.
		if err := c.exec(ctx, "BEGIN"); err != nil {
			return err
		}
		for _, step := range []func(context.Context) error{b.kind, b.columns, b.indexes, b.foreignKeys, b.rows} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// tableReader reads the parts of a table one after the other.
type tableReader struct {
	c    *conn
	t    *dialect.Table
	name string // as a literal
	// rowids: the rows of the table have rowids. alias is the column that is another name for them.
	rowids bool
	alias  string
	strict bool
	utf8   bool // the encoding of texts in the file
}

func (b *tableReader) kind(ctx context.Context) error {
	found := false
	err := b.c.query(ctx, "SELECT name, type, wr, strict FROM pragma_table_list("+b.name+") WHERE schema = 'main'", func(s *stmt) error {
		found, b.t.Name.Name, b.t.View = true, s.string(0), s.string(1) == "view"
		b.rowids = s.string(1) == "table" && s.int(2) == 0
		b.strict = s.int(3) != 0
		return nil
	})
	if err == nil {
		err = b.c.query(ctx, "PRAGMA encoding", func(s *stmt) error { b.utf8 = s.string(0) == "UTF-8"; return nil })
	}
	if err == nil && !found {
		err = fmt.Errorf("%s: %w", b.t.Name, dialect.ErrNoTable)
	}
	return err
}

func (b *tableReader) columns(ctx context.Context) error {
	type keyColumn struct {
		name string
		at   int64
	}
	var key []keyColumn
	err := b.c.query(ctx, "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo("+b.name+")", func(s *stmt) error {
		hidden := s.int(5)
		if hidden == 1 {
			return nil // of a virtual table: an argument, not a value
		}
		c := dialect.Column{Name: s.string(0), Type: s.string(1), NotNull: s.int(2) != 0, Default: s.string(3), Generated: hidden > 1}
		c.Code = uint32(b.affinity(c.Type))
		if b.strict && !strings.EqualFold(c.Type, "ANY") {
			c.Code |= settled
		}
		if pk := s.int(4); pk > 0 {
			key = append(key, keyColumn{c.Name, pk})
		}
		b.t.Columns = append(b.t.Columns, c)
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(key, func(x, y keyColumn) int { return cmp.Compare(x.at, y.at) })
	for _, k := range key {
		b.t.PrimaryKey = append(b.t.PrimaryKey, k.name)
	}
	for i := range b.t.Columns {
		c := &b.t.Columns[i]
		b.metadata(c)
		// In UTF-16, bytes have another order than in UTF-8.
		c.Sorted = sorted(*c) && (b.utf8 || c.Code&settled != 0 && affinityIn(*c) != affinityText)
		c.Width = width(c.Type)
		c.Ranked = affinityIn(*c) == affinityText && c.Collation != ""
	}
	return nil
}

// affinity is that of a declared type in the table. ANY is one only in a STRICT table, and keeps what it is
// given; elsewhere it is a word like any other.
func (b *tableReader) affinity(declared string) affinity {
	if b.strict && strings.EqualFold(declared, "ANY") {
		return affinityNone
	}
	return affinityOf(declared)
}

// metadata asks for what no pragma tells. A view has none: the collation of its texts stays unknown.
func (b *tableReader) metadata(c *dialect.Column) {
	if b.t.View {
		return
	}
	tls := b.c.tls
	out := libc.Xcalloc(tls, 5, 8) // collation, NOT NULL, in the key, AUTOINCREMENT
	if out == 0 {
		return
	}
	defer libc.Xfree(tls, out)
	rc := b.c.named(b.t.Name.Name, func(table uintptr) int32 {
		return b.c.named(c.Name, func(column uintptr) int32 {
			return lib.Xsqlite3_table_column_metadata(tls, b.c.db, 0, table, column, 0, out, out+8, out+16, out+24)
		})
	})
	if rc != lib.SQLITE_OK {
		return
	}
	// A number has no collation. A text in such a column sorts by it all the same, where one was named.
	if name := libc.GoString(*(*uintptr)(at(out))); affinityIn(*c) == affinityText || affinityIn(*c) == affinityNone || !strings.EqualFold(name, binary) {
		c.Collation = name
	}
	c.AutoIncrement = *(*int32)(at(out + 24)) != 0
}

// width guesses the average size of a value from the declared type.
func width(declared string) int {
	f, size := familyOf(declared)
	switch f {
	case familyInt:
		return 4
	case familyFloat, familyDecimal, familyBits:
		return 8
	case familyDate:
		return 10
	case familyTimestamp, familyTimestampZone:
		return 19
	case familyTime:
		return 8
	case familyUUID:
		return 36
	case familyChar:
		return max(size, 1)
	case familyText, familyBytes:
		return min(size/2, 64)
	}
	return 0
}

func (b *tableReader) indexes(ctx context.Context) error {
	type index struct {
		dialect.Index
		primary, partial, whole bool
	}
	var all []*index
	err := b.c.query(ctx, "SELECT name, \"unique\", origin, partial FROM pragma_index_list("+b.name+") ORDER BY name", func(s *stmt) error {
		all = append(all, &index{Index: dialect.Index{Name: s.string(0), Unique: s.int(1) != 0}, primary: s.string(2) == "pk", partial: s.int(3) != 0, whole: true})
		return nil
	})
	if err != nil {
		return err
	}
	primary := false
	for _, x := range all {
		primary = primary || x.primary
		if err := b.c.query(ctx, "SELECT cid, name FROM pragma_index_xinfo('"+strings.ReplaceAll(x.Name, "'", "''")+"') WHERE key = 1 ORDER BY seqno", func(s *stmt) error {
			x.Columns = append(x.Columns, s.string(1))
			x.whole = x.whole && s.int(0) >= 0
			return nil
		}); err != nil {
			return err
		}
	}
	b.keys(primary)
	for _, x := range all {
		if x.primary {
			continue
		}
		if x.partial || !x.whole {
			if err := b.define(ctx, &x.Index); err != nil {
				return err
			}
		}
		if x.Unique && !x.partial && x.whole && b.notNull(x.Columns) {
			b.t.Unique = append(b.t.Unique, slices.Clone(x.Columns))
		}
		b.t.Indexes = append(b.t.Indexes, x.Index)
	}
	return nil
}

// keys settles whether the primary key is another name for the rowid, which is when it has no index, and
// whether its columns may be NULL.
func (b *tableReader) keys(indexed bool) {
	if b.rowids && len(b.t.PrimaryKey) == 1 && !indexed {
		b.alias = b.t.PrimaryKey[0]
	}
	for _, name := range b.t.PrimaryKey {
		if c := b.t.Column(name); c != nil && (!b.rowids || name == b.alias) {
			c.NotNull = true
			if name == b.alias {
				c.Code |= settled
			}
		}
	}
}

func (b *tableReader) notNull(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		c := b.t.Column(name)
		return c == nil || !c.NotNull
	})
}

// define reads from the text of CREATE INDEX what no pragma tells.
func (b *tableReader) define(ctx context.Context, x *dialect.Index) error {
	return b.c.query(ctx, "SELECT sql FROM main.sqlite_schema WHERE type = 'index' AND name = '"+strings.ReplaceAll(x.Name, "'", "''")+"'", func(s *stmt) error {
		terms, where := indexDefinition(s.string(0))
		x.Where = where
		for i, name := range x.Columns {
			if name == "" && i < len(terms) { // an expression
				x.Columns[i] = "(" + terms[i] + ")"
			}
		}
		return nil
	})
}

// foreignKeys reads the references. SQLite does not tell their names nor whether they are deferrable.
func (b *tableReader) foreignKeys(ctx context.Context) error {
	last := int64(-1)
	return b.c.query(ctx, "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list("+b.name+") ORDER BY id, seq", func(s *stmt) error {
		if id := s.int(0); id != last {
			last = id
			b.t.ForeignKeys = append(b.t.ForeignKeys, dialect.ForeignKey{References: dialect.TableName{Name: s.string(1)}})
		}
		k := &b.t.ForeignKeys[len(b.t.ForeignKeys)-1]
		k.Columns = append(k.Columns, s.string(2))
		if to := s.string(3); to != "" { // else the primary key of the other table
			k.RefColumns = append(k.RefColumns, to)
		}
		return nil
	})
}

// rows estimates the number of rows: from ANALYZE, or else the largest rowid, as far as that many rows
// fit the file at all.
func (b *tableReader) rows(ctx context.Context) error {
	analyzed := false
	if err := b.c.query(ctx, "SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_stat1'", func(*stmt) error { analyzed = true; return nil }); err != nil {
		return err
	}
	if analyzed {
		if err := b.c.query(ctx, "SELECT stat FROM main.sqlite_stat1 WHERE tbl = "+b.name+" COLLATE NOCASE", func(s *stmt) error {
			first, _, _ := strings.Cut(s.string(0), " ")
			if n, err := strconv.ParseInt(first, 10, 64); err == nil {
				b.t.Rows = max(b.t.Rows, n) // a partial index counts fewer
			}
			return nil
		}); err != nil {
			return err
		}
	}
	if b.t.Rows >= 0 || !b.rowids {
		return nil
	}
	for _, name := range []string{b.alias, "rowid", "_rowid_", "oid"} {
		if name == "" || name != b.alias && b.t.Column(name) != nil {
			continue
		}
		return b.c.query(ctx, "SELECT max("+quote(name)+") FROM main."+quote(b.t.Name.Name), func(s *stmt) error {
			// The least row is a few bytes of a page.
			if info, err := os.Stat(b.t.Source); err == nil {
				b.t.Rows = min(max(s.int(0), 0), info.Size()/4)
			}
			return nil
		})
	}
	return nil
}
