package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Tables implements [dialect.Database]. The default schema is the first one of search_path that exists.
// A partitioned table is listed, its partitions are not.
func (d *Database) Tables(ctx context.Context, schema string) ([]dialect.TableName, error) {
	of := "current_schema()"
	if schema != "" {
		of = quoteText(schema)
	}
	var out []dialect.TableName
	err := d.queryCatalog(ctx, `select n.nspname, c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		where n.nspname = `+of+` and c.relkind in ('r', 'p', 'f') and not c.relispartition order by c.relname collate "C"`, func(v [][]byte) error {
		out = append(out, dialect.TableName{Schema: string(v[0]), Name: string(v[1])})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the tables of %s: %w", d.url, err)
	}
	return out, nil
}

// Unlisted implements [dialect.Database]. The catalog tells every account of all tables and columns; what it
// may not read is an error when it is read.
func (d *Database) Unlisted(context.Context, string) (why string, err error) { return "", nil }

// Table implements [dialect.Database]. A name without a schema is looked up along search_path; the table
// returned has the schema in which it was found.
func (d *Database) Table(ctx context.Context, name dialect.TableName) (*dialect.Table, error) {
	oid, kind := "", byte(0)
	t := &dialect.Table{Rows: -1, Bytes: -1}
	err := d.queryCatalog(ctx, `select c.oid::text, c.relkind::text, n.nspname, c.relname, c.relhassubclass::text from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		where c.oid = to_regclass(`+quoteText(quoteTable(name))+`)`, func(v [][]byte) error {
		oid, kind = string(v[0]), v[1][0]
		t.Name = dialect.TableName{Schema: string(v[2]), Name: string(v[3])}
		t.Loose = string(v[4]) == "true" && kind != 'p'
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !strings.ContainsRune("rpvmf", rune(kind)) {
		return nil, dialect.ErrNoTable
	}
	t.View = kind == 'v' || kind == 'm'
	for _, read := range []func(context.Context, *dialect.Table, string, byte) error{d.columns, d.indexes, d.foreignKeys, d.size} {
		if err := read(ctx, t, oid, kind); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (d *Database) columns(ctx context.Context, t *dialect.Table, oid string, kind byte) error {
	type collation struct {
		bytewise bool
		name     string
	}
	var collations []collation
	var types []string
	err := d.queryCatalog(ctx, `select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull or y.typnotnull, coalesce(pg_get_expr(f.adbin, f.adrelid), ''),
			a.attgenerated::text, a.attidentity::text, a.atttypid::text, coalesce(l.collname, ''), coalesce(l.collprovider::text, ''), coalesce(l.collcollate, ''),
			coalesce((select max(avg_width) from pg_catalog.pg_stats s where s.schemaname = n.nspname and s.tablename = c.relname and s.attname = a.attname), 0)
		from pg_catalog.pg_attribute a
		join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		join pg_catalog.pg_type y on y.oid = a.atttypid
		left join pg_catalog.pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
		left join pg_catalog.pg_collation l on l.oid = a.attcollation
		where a.attrelid = `+oid+` and a.attnum > 0 and not a.attisdropped order by a.attnum`, func(v [][]byte) error {
		code, err := strconv.ParseUint(string(v[6]), 10, 32)
		if err != nil {
			return err
		}
		c := dialect.Column{Name: string(v[0]), Type: string(v[1]), NotNull: v[2][0] == 't', Default: string(v[3]), Generated: len(v[4]) > 0, Code: uint32(code)}
		c.AlwaysIdentity = string(v[5]) == "a"
		c.AutoIncrement = len(v[5]) > 0 || strings.HasPrefix(c.Default, "nextval(")
		c.Width, _ = strconv.Atoi(string(v[10]))
		l := collation{bytewise(v[8], string(v[9])), string(v[7])}
		if string(v[8]) == "d" {
			l = collation{d.bytewise, d.collation}
		}
		c.Collation = l.name
		t.Columns, collations, types = append(t.Columns, c), append(collations, l), append(types, string(v[6]))
		return nil
	})
	if err != nil {
		return err
	}
	if err := d.learnTypes(ctx, types); err != nil {
		return err
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		typ := d.typeOf(*c)
		c.Sorted = typ.sortsByValue() || typ.isText() && !typ.citext && collations[i].bytewise && d.encoding == "UTF8"
		c.Ranked = typ.isText()
		if c.Width == 0 {
			c.Width = typ.widthOf()
		}
	}
	return nil
}

// learnTypes reads the types of columns and what they are made of.
func (d *Database) learnTypes(ctx context.Context, oids []string) error {
	if len(oids) == 0 {
		return nil
	}
	learned := map[uint32]typeInfo{}
	err := d.queryCatalog(ctx, `with recursive wanted(oid) as (
			select unnest('{`+strings.Join(oids, ",")+`}'::oid[])
			union select p.part from wanted w join pg_catalog.pg_type y on y.oid = w.oid cross join lateral (values (y.typbasetype), (y.typelem)) p(part) where p.part <> 0)
		select y.oid::text, y.typname, y.typtype::text, y.typbasetype::text, coalesce(format_type(nullif(y.typbasetype, 0), y.typtypmod), ''),
			case when y.typreceive = 'pg_catalog.array_recv'::regproc then y.typelem else 0 end::text, format_type(y.oid, -1)
		from wanted w join pg_catalog.pg_type y on y.oid = w.oid`, func(v [][]byte) error {
		var numbers [3]uint32
		for i, at := range [...]int{0, 3, 5} {
			n, err := strconv.ParseUint(string(v[at]), 10, 32)
			if err != nil {
				return err
			}
			numbers[i] = uint32(n)
		}
		learned[numbers[0]] = typeInfo{name: string(v[1]), kind: v[2][0], base: numbers[1], declared: string(v[4]), elem: numbers[2], cast: string(v[6])}
		return nil
	})
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for oid, info := range learned {
		d.types[oid] = info
	}
	return nil
}

func (d *Database) indexes(ctx context.Context, t *dialect.Table, oid string, _ byte) error {
	usable := false
	finish := func() {
		if n := len(t.Indexes); usable && n > 0 && t.Indexes[n-1].Unique {
			t.Unique = append(t.Unique, t.Indexes[n-1].Columns)
		}
	}
	last := ""
	err := d.queryCatalog(ctx, `select c.relname, i.indisunique, i.indisprimary, coalesce(pg_get_expr(i.indpred, i.indrelid), ''), a.attname, pg_get_indexdef(i.indexrelid, k, true),
			i.indisvalid and i.indisready and i.indimmediate and i.indpred is null and coalesce(a.attnotnull, false),
			(select o.oprname from pg_catalog.pg_constraint x join pg_catalog.pg_operator o on o.oid = x.conexclop[k] where x.conindid = i.indexrelid and x.contype = 'x')
		from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
		cross join lateral generate_series(1, i.indnkeyatts) k
		left join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k - 1] and a.attnum > 0
		where i.indrelid = `+oid+` order by c.relname collate "C", k`, func(v [][]byte) error {
		column := "(" + string(v[5]) + ")"
		if v[4] != nil {
			column = string(v[4])
		}
		if v[2][0] == 't' {
			t.PrimaryKey = append(t.PrimaryKey, column)
			return nil
		}
		if name := string(v[0]); name != last || len(t.Indexes) == 0 {
			finish()
			last, usable = name, true
			t.Indexes = append(t.Indexes, dialect.Index{Name: name, Unique: v[1][0] == 't', Where: string(v[3])})
		}
		x := &t.Indexes[len(t.Indexes)-1]
		x.Columns = append(x.Columns, column)
		if v[7] != nil {
			x.Operators = append(x.Operators, string(v[7]))
		}
		usable = usable && v[6][0] == 't'
		return nil
	})
	finish()
	return err
}

func (d *Database) foreignKeys(ctx context.Context, t *dialect.Table, oid string, _ byte) error {
	last := ""
	return d.queryCatalog(ctx, `select f.conname, a.attname, n.nspname, c.relname, b.attname, f.condeferrable
		from pg_catalog.pg_constraint f join pg_catalog.pg_class c on c.oid = f.confrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		cross join lateral unnest(f.conkey, f.confkey) with ordinality k(own, other, position)
		join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.own
		join pg_catalog.pg_attribute b on b.attrelid = f.confrelid and b.attnum = k.other
		where f.conrelid = `+oid+` and f.contype = 'f' order by f.conname collate "C", f.oid, k.position`, func(v [][]byte) error {
		if name := string(v[0]); name != last || len(t.ForeignKeys) == 0 {
			last = name
			t.ForeignKeys = append(t.ForeignKeys, dialect.ForeignKey{Name: name, References: dialect.TableName{Schema: string(v[2]), Name: string(v[3])}, Deferrable: v[5][0] == 't'})
		}
		f := &t.ForeignKeys[len(t.ForeignKeys)-1]
		f.Columns, f.RefColumns = append(f.Columns, string(v[1])), append(f.RefColumns, string(v[4]))
		return nil
	})
}

// size sums over the partitions of a partitioned table. Before version 14, 0 rows on 0 pages says that
// a table was never analyzed.
func (d *Database) size(ctx context.Context, t *dialect.Table, oid string, kind byte) error {
	if kind == 'v' {
		return nil
	}
	leaves := "select " + oid + "::oid"
	if kind == 'p' {
		leaves = "select relid::oid from pg_catalog.pg_partition_tree(" + oid + ") where isleaf"
	}
	return d.queryCatalog(ctx, `select coalesce(sum(case when reltuples > 0 or reltuples = 0 and relpages > 0 then reltuples end)::bigint, -1),
			coalesce(sum(pg_table_size(oid)) filter (where relkind <> 'f'), -1)::bigint
		from pg_catalog.pg_class where oid in (`+leaves+`)`, func(v [][]byte) (err error) {
		if t.Rows, err = strconv.ParseInt(string(v[0]), 10, 64); err != nil {
			return err
		}
		t.Bytes, err = strconv.ParseInt(string(v[1]), 10, 64)
		return err
	})
}
