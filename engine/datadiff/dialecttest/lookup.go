package dialecttest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Type is a type of a column, as the product spells it, and literals of values that it holds: those with
// several spellings of one value among them.
type Type struct {
	Name   string
	Values []string
}

// lookUp is a column whose values are looked up by one of its forms.
type lookUp struct {
	name string
	r    *dialect.Relation // the key is the column, the other column is the number of the row
	rows []string          // the cells of those that can be read in the form
	keys []dialect.Key
}

// checkLookUps checks for every form in which a column of each type can be read that a look-up by it
// finds every row that a reading gives, with the same cells; and that keys which only another product
// has are no error.
func checkLookUps(t *testing.T, f Fixture) {
	var all []lookUp
	foreign := foreignCells()
	for i, typ := range f.Types {
		table := fmt.Sprintf("suite_types_%d", i)
		rows := make([]string, len(typ.Values))
		for n, v := range typ.Values {
			rows[n] = fmt.Sprintf("(%d, %s)", n, v)
		}
		f.Exec(t, "drop table if exists "+table)
		f.Exec(t, fmt.Sprintf("create table %s (id int not null, k %s)", table, typ.Name))
		f.Exec(t, fmt.Sprintf("insert into %s values %s", table, strings.Join(rows, ", ")))
		tab, err := f.DB.Table(t.Context(), dialect.TableName{Name: table})
		if err != nil {
			t.Fatal(err)
		}
		for _, offer := range f.DB.Offers(*tab.Column("k")) {
			l := readable(t, f, tab, offer.Form, len(rows))
			l.name = fmt.Sprintf("%s as %s", typ.Name, offer.Form)
			if len(l.rows) == 0 && offer == f.DB.Offers(*tab.Column("k"))[0] {
				t.Errorf("%s: no value could be read", l.name)
			}
			foreign[offer.Form] = append(foreign[offer.Form], l.keys...)
			all = append(all, l)
		}
	}
	for _, l := range all {
		t.Run(l.name, func(t *testing.T) {
			l.check(t, f.DB, foreign[l.r.Key[0].Form])
		})
	}
}

// readable reads a column of a table in a form, the rows that can be read so.
func readable(t *testing.T, f Fixture, tab *dialect.Table, form dialect.Form, rows int) lookUp {
	t.Helper()
	r := &dialect.Relation{Table: tab, Key: []dialect.Field{{Column: *tab.Column("k"), Form: form}}, Columns: []dialect.Field{{Column: *tab.Column("id"), Form: dialect.Int}}}
	l := lookUp{r: r}
	var ids []string
	c := &connection{db: f.DB}
	defer c.close()
	for id := range rows {
		r.Where = "id = " + strconv.Itoa(id)
		err := c.use(t, func(s dialect.Session) error {
			return s.Stream(t.Context(), r, dialect.Range{}, func(cells []byte, key int) error {
				l.rows, l.keys = append(l.rows, string(cells)), append(l.keys, slices.Clone(cells[:key]))
				return nil
			})
		})
		if err == nil {
			ids = append(ids, strconv.Itoa(id))
		}
	}
	r.Where = "id in (" + strings.Join(append(ids, "-1"), ", ") + ")"
	return l
}

// connection is a session that is opened again after an error.
type connection struct {
	db dialect.Database
	s  dialect.Session
}

func (c *connection) use(t *testing.T, f func(dialect.Session) error) error {
	t.Helper()
	if c.s == nil {
		var err error
		if c.s, err = c.db.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	err := f(c.s)
	if err != nil {
		c.close()
	}
	return err
}

func (c *connection) close() {
	if c.s != nil {
		_ = c.s.Close()
		c.s = nil
	}
}

func (l *lookUp) check(t *testing.T, db dialect.Database, foreign []dialect.Key) {
	c := &connection{db: db}
	defer c.close()
	l.found(t, c, l.r, l.keys, "all keys at once")
	for i := range l.keys {
		l.found(t, c, l.r, l.keys[i:i+1], "one key")
	}
	// As one column of a key of two, beside one that has one spelling.
	both := *l.r
	both.Key, both.Columns = []dialect.Field{l.r.Key[0], l.r.Columns[0]}, nil
	var keys []dialect.Key
	for _, row := range l.rows {
		keys = append(keys, dialect.Key(row))
	}
	l.found(t, c, &both, keys, "a key of two columns")
	if l.found(t, c, l.r, append(slices.Clone(l.keys), foreign...), "beside keys of other types") {
		return
	}
	for _, k := range foreign { // which of them is it?
		l.found(t, c, l.r, []dialect.Key{k}, "a key of another type")
	}
}

// found checks that a look-up gives the rows that have one of some keys.
func (l *lookUp) found(t *testing.T, c *connection, r *dialect.Relation, keys []dialect.Key, what string) bool {
	t.Helper()
	if len(keys) == 0 {
		return true
	}
	wanted := map[string]bool{}
	keys = slices.DeleteFunc(slices.Clone(keys), func(k dialect.Key) bool {
		twice := wanted[string(k)]
		wanted[string(k)] = true
		return twice
	})
	var want, got []string
	for i, row := range l.rows {
		if len(r.Key) == 2 || wanted[string(l.keys[i])] {
			want = append(want, row)
		}
	}
	err := c.use(t, func(s dialect.Session) error {
		return s.Fetch(t.Context(), r, keys, func(cells []byte, key int) error {
			if !wanted[string(cells[:key])] {
				t.Errorf("%s: the row %s was not asked for", what, words(string(cells)))
			}
			got = append(got, string(cells))
			return nil
		})
	})
	if err != nil {
		t.Errorf("%s, %.200s: %v", what, words(string(keys[0])), err)
		return false
	}
	slices.Sort(want)
	slices.Sort(got)
	if slices.Equal(got, want) {
		return true
	}
	for _, row := range want {
		if !slices.Contains(got, row) {
			t.Errorf("%s: the row %s was read and is not found", what, words(row))
		}
	}
	if len(got) > len(want) {
		t.Errorf("%s: %d rows where %d have the keys", what, len(got), len(want))
	}
	return false
}

func words(cells string) string {
	var out []string
	for rest := []byte(cells); len(rest) > 0; {
		cell, next, err := canon.Next(rest)
		if err != nil {
			return err.Error()
		}
		out, rest = append(out, strconv.Quote(canon.Format(cell))), next
	}
	return strings.Join(out, ", ")
}

// foreignCells are values that no column of some product holds.
func foreignCells() map[dialect.Form][]dialect.Key {
	decimal := func(s string) dialect.Key {
		cell, err := canon.AppendDecimal(nil, s)
		if err != nil {
			panic(err) // of a constant
		}
		return cell
	}
	document := func(s string) dialect.Key {
		cell, err := canon.AppendJSON(nil, []byte(s))
		if err != nil {
			panic(err)
		}
		return cell
	}
	texts := []dialect.Key{
		canon.AppendText(nil, ""), canon.AppendText(nil, "no such value"), canon.AppendText(nil, "a\x00b"), canon.AppendText(nil, "\xff\xfe"),
		canon.AppendText(nil, strings.Repeat("long", 5000)), canon.AppendText(nil, "'\\\"\n"), canon.AppendText(nil, "日本 🦊"),
	}
	moments := func(to func([]byte, int64) []byte) []dialect.Key {
		return []dialect.Key{to(nil, canon.NegativeInfinity), to(nil, canon.PositiveInfinity), to(nil, -63_000_000_000_000_000), to(nil, 8_000_000_000_000_000_000), to(nil, 1)}
	}
	return map[dialect.Form][]dialect.Key{
		dialect.Int: {canon.AppendInt(nil, math.MinInt64), canon.AppendInt(nil, -1), canon.AppendInt(nil, 70_000), canon.AppendUint(nil, math.MaxUint64)},
		dialect.Decimal: {decimal("NaN"), decimal("Infinity"), decimal("-Infinity"), decimal("1e100"), decimal("-1e-100"), decimal("0.1234567890123456789"),
			decimal("1e900000"), decimal("1e-900000"), decimal("99999999999999999999")},
		dialect.Float64:     {canon.AppendFloat64(nil, math.NaN()), canon.AppendFloat64(nil, math.Inf(1)), canon.AppendFloat64(nil, math.Inf(-1)), canon.AppendFloat64(nil, 1e300), canon.AppendFloat64(nil, 5e-324)},
		dialect.Float32:     {canon.AppendFloat32(nil, float32(math.NaN())), canon.AppendFloat32(nil, float32(math.Inf(-1))), canon.AppendFloat32(nil, 1e-45)},
		dialect.Text:        texts,
		dialect.TextTrimmed: texts,
		dialect.Bytes:       {canon.AppendBytes(nil, ""), canon.AppendBytes(nil, strings.Repeat("\x00\xff", 3000))},
		dialect.Date:        {canon.AppendDate(nil, canon.NegativeInfinity), canon.AppendDate(nil, canon.PositiveInfinity), canon.AppendDate(nil, -800_000), canon.AppendDate(nil, 80_000_000)},
		dialect.Time:        {canon.AppendTime(nil, -1), canon.AppendTime(nil, 86_400_000_000), canon.AppendTime(nil, 5_000_000_000_000)},
		dialect.Timestamp:   moments(canon.AppendTimestamp), dialect.TimestampZone: moments(canon.AppendTimestampZone),
		dialect.UUID: {canon.AppendUUID(nil, [16]byte{}), canon.AppendUUID(nil, [16]byte{0xab, 0xcd, 0xef, 15: 0xff})},
		dialect.Bits: {canon.AppendBits(nil, nil, 0), canon.AppendBits(nil, []byte{0x80}, 1), canon.AppendBits(nil, []byte(strings.Repeat("\xaa", 9)), 70)},
		dialect.JSON: {document(`null`), document(`1e900000`), document(`{"a": [1, "\u0000"]}`), document(`"` + strings.Repeat("x", 70_000) + `"`)},
	}
}
