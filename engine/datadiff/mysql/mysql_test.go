package mysql

import (
	"fmt"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/portable"
	"github.com/napkin-infra/napkin/foundation/database"
)

// open starts a server and opens its database.
func open(t testing.TB) *Database {
	t.Helper()
	u, err := database.Parse(serverURL(t))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(t.Context(), u, database.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// run executes statements that write.
func run(t testing.TB, d *Database, statements ...string) {
	t.Helper()
	o := d.options
	o.Write = true
	c, err := d.connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for _, s := range append([]string{"SET SESSION sql_mode = 'ALLOW_INVALID_DATES'"}, statements...) {
		if _, err := c.exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func openSession(t testing.TB, d *Database) dialect.Session {
	t.Helper()
	s, err := d.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// relation reads a table with its primary key, each column in its first form or in the one given.
func relation(t testing.TB, d *Database, table string, forms ...dialect.Form) *dialect.Relation {
	t.Helper()
	tab, err := d.Table(t.Context(), dialect.ParseTableName(table))
	if err != nil {
		t.Fatal(err)
	}
	r := &dialect.Relation{Table: tab}
	field := func(c dialect.Column) dialect.Field {
		f := dialect.Field{Column: c, Form: d.Offers(c)[0].Form}
		for _, o := range d.Offers(c) {
			for _, want := range forms {
				if o.Form == want {
					f.Form = want
				}
			}
		}
		return f
	}
	key := map[string]bool{}
	for _, name := range tab.PrimaryKey {
		key[name] = true
		r.Key = append(r.Key, field(*tab.Column(name)))
	}
	for _, c := range tab.Columns {
		if !key[c.Name] {
			r.Columns = append(r.Columns, field(c))
		}
	}
	return r
}

// stream returns the rows of a range in words.
func stream(t testing.TB, s dialect.Session, r *dialect.Relation, in dialect.Range) []string {
	t.Helper()
	var out []string
	if err := s.Stream(t.Context(), r, in, func(cells []byte, key int) error {
		out = append(out, words(cells))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func words(cells []byte) string {
	var parts []string
	for len(cells) > 0 {
		cell, rest, err := canon.Next(cells)
		if err != nil {
			return err.Error()
		}
		parts, cells = append(parts, canon.Format(cell)), rest
	}
	return strings.Join(parts, "|")
}

const nasty = "CREATE TABLE test.nasty (id INT PRIMARY KEY, " +
	"ti TINYINT, tu TINYINT UNSIGNED, si SMALLINT, mi MEDIUMINT, mu MEDIUMINT UNSIGNED, i INT, iu INT UNSIGNED, zf INT(8) UNSIGNED ZEROFILL, bi BIGINT, bu BIGINT UNSIGNED, " +
	"de DECIMAL(30,10), d0 DECIMAL(18,0), dz DECIMAL(10,3) UNSIGNED ZEROFILL, bt BIT(11), bt64 BIT(64), yr YEAR, " +
	"da DATE, dt DATETIME, dt6 DATETIME(6), ts TIMESTAMP NULL, ts3 TIMESTAMP(3) NULL, tm TIME, tm6 TIME(6), " +
	"ch CHAR(10) CHARACTER SET utf8mb4, vc VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, l1 VARCHAR(100) CHARACTER SET latin1, gb VARCHAR(50) CHARACTER SET gbk, u3 TEXT CHARACTER SET utf8mb3, " +
	"en ENUM('x','ÿ') CHARACTER SET latin1, st SET('a','b') CHARACTER SET utf8mb4, bn BINARY(4), vb VARBINARY(20), bl BLOB, uu CHAR(36) CHARACTER SET ascii, u16 BINARY(16))"

var nastyRows = []string{
	"(1" + strings.Repeat(", NULL", 35) + ")",
	"(2, -128, 255, -32768, -8388608, 16777215, -2147483648, 4294967295, 42, -9223372036854775808, 18446744073709551615," +
		"-12.3400000000, -999999999999999999, 1.5, b'10110011101', b'1111111111111111111111111111111111111111111111111111111111111111', 1901," +
		"'0001-01-01', '0001-01-01 00:00:00', '9999-12-31 23:59:59.999999', '1970-01-01 00:00:01', '2038-01-19 03:14:07.999', '-838:59:59', '-00:00:00.000001'," +
		"'a  ', 'a  ', 'ÿ€', '中文', '\u20ac', 'ÿ', 'a,b', x'00', x'', x'00ff', '123e4567-e89b-12d3-a456-426614174000', x'00112233445566778899aabbccddeeff')",
	"(3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b'0', b'0', 2155, '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '00:00:00', '00:00:00'," +
		"'', '', '', '', '', 'x', '', x'', x'', x'', '123E4567E89B12D3A456426614174000', x'')",
	"(4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9223372036854775808, 0.0000000001, 1, 0.001, b'1', b'1', 2000, '2024-00-15', '2024-02-31 01:02:03', '1969-12-31 23:59:59.900000', '2001-09-09 01:46:40', '2001-09-09 01:46:40.120', '838:59:59', '12:00:00.5'," +
		"'🎉', '🎉 12:a', 'a\\tb', 'a', '\u00e9', 'x', 'b', 'ab', 'abc', 'x', '00000000-0000-0000-0000-000000000000', 'a')",
	"(5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 100, 10, 100, b'11111111111', b'10', 0, '0000-05-05', '0000-01-01 00:00:00', '2024-00-00 00:00:00.120000', '2001-09-09 01:46:40', '2001-09-09 01:46:40.001', '-00:00:01', '-100:00:00.25'," +
		"'-', '4:abc-', '-', '-', '-', 'x', 'a', '-', '-', '-', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '-')",
	"(6, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -100.5, 10, 100, b'11111111111', b'10', 0, '2000-02-29', '1000-01-01 00:00:00', '1900-03-01 00:00:00', '2001-09-09 01:46:40', '2001-09-09 01:46:40.001', '-00:00:01', '-100:00:00.25'," +
		"'-', '4:abc-', '-', '-', '-', 'x', 'a', '-', '-', '-', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '-')",
}

func makeNasty(t testing.TB, d *Database) {
	t.Helper()
	run(t, d, "DROP TABLE IF EXISTS test.nasty", nasty, "SET NAMES utf8mb4", "INSERT INTO test.nasty VALUES "+strings.Join(nastyRows, ", "))
}

func TestStreamReadsNastyValues(t *testing.T) {
	d := open(t)
	makeNasty(t, d)
	s := openSession(t, d)
	got := stream(t, s, relation(t, d, "test.nasty"), dialect.Range{})
	want := []string{
		"1" + strings.Repeat("|NULL", 35),
		"2|-128|255|-32768|-8388608|16777215|-2147483648|4294967295|42|-9223372036854775808|18446744073709551615|-12.34|-999999999999999999|1.5|10110011101|" + strings.Repeat("1", 64) +
			"|1901|0001-01-01|0001-01-01 00:00:00|9999-12-31 23:59:59.999999|1970-01-01 00:00:01Z|2038-01-19 03:14:07.999Z|-838:59:59|-00:00:00.000001" +
			"|a|a  |ÿ€|中文|€|ÿ|a,b|0x00000000|0x|0x00ff|123e4567-e89b-12d3-a456-426614174000|0x00112233445566778899aabbccddeeff",
		"3|0|0|0|0|0|0|0|0|0|0|0|0|0|00000000000|" + strings.Repeat("0", 64) +
			"|2155|0000-00-00|0000-00-00 00:00:00|0000-00-00 00:00:00|0000-00-00 00:00:00|0000-00-00 00:00:00|00:00:00|00:00:00" +
			"||||||x||0x00000000|0x|0x|123E4567E89B12D3A456426614174000|0x00000000000000000000000000000000",
		"4|1|1|1|1|1|1|1|1|1|9223372036854775808|0.0000000001|1|0.001|00000000001|" + strings.Repeat("0", 63) +
			"1|2000|2024-00-15|2024-02-31 01:02:03|1969-12-31 23:59:59.9|2001-09-09 01:46:40Z|2001-09-09 01:46:40.12Z|838:59:59|12:00:00.5" +
			"|🎉|🎉 12:a|a\tb|a|é|x|b|0x61620000|0x616263|0x78|00000000-0000-0000-0000-000000000000|0x61000000000000000000000000000000",
	}
	for i, w := range want {
		if got[i] != w {
			t.Errorf("row %d\n got %s\nwant %s", i+1, got[i], w)
		}
	}
}

// The server's portable hash is that of package portable over the streamed cells, row by row.
func TestPortableHashIsThatOfThePackage(t *testing.T) {
	d := open(t)
	makeNasty(t, d)
	s := openSession(t, d)
	for _, forms := range [][]dialect.Form{nil, {dialect.Decimal, dialect.TimestampZone, dialect.TextTrimmed}, {dialect.Int, dialect.Timestamp}} {
		all := relation(t, d, "test.nasty", forms...)
		for _, f := range all.Columns {
			r := &dialect.Relation{Table: all.Table, Key: all.Key, Columns: []dialect.Field{f}}
			t.Run(fmt.Sprintf("%s as %s", f.Column.Name, f.Form), func(t *testing.T) { compareHashes(t, d, s, r) })
		}
		compareHashes(t, d, s, all)
	}
}

func compareHashes(t *testing.T, d *Database, s dialect.Session, r *dialect.Relation) {
	t.Helper()
	if !d.HashesPortably(r) {
		t.Fatal("the relation must be hashed portably")
	}
	for id := int64(1); id <= int64(len(nastyRows)); id++ {
		in := dialect.Range{Lo: canon.AppendInt(nil, id), Hi: canon.AppendInt(nil, id+1)}
		var h portable.Hasher
		var want uint64
		var row string
		if err := s.Stream(t.Context(), r, in, func(cells []byte, _ int) (err error) {
			row = words(cells)
			want, err = h.Row(cells)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := s.Fingerprints(t.Context(), r, dialect.Portable, []dialect.Range{in}, func(_ int, f dialect.Fingerprint) error {
			if f.Rows != 1 || f.Hi != 0 || f.Lo != want {
				t.Errorf("%s: the server gives %v, the package %d", row, f, want)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}
