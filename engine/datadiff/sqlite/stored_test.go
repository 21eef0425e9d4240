package sqlite

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// A stored value keeps its class: what is one number or one text to a reader is not one to SQLite.
func TestStoredValuesKeepTheirClass(t *testing.T) {
	d, _ := open(t, "CREATE TABLE t (v); INSERT INTO t VALUES (1), ('1'), (1.0), (x'31'), (NULL)")
	cells, err := read(t, d, dialect.Stored)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{string(canon.AppendInt(nil, 1)), string(canon.AppendText(nil, "1")), string(canon.AppendFloat64(nil, 1)), string(canon.AppendBytes(nil, "1")), string(canon.AppendNull(nil))}
	if strings.Join(cells, "|") != strings.Join(want, "|") {
		t.Errorf("read %q, want %q", cells, want)
	}
	// As the text of another product a blob is still none.
	if cells, err = read(t, d, dialect.Inexact); err != nil || cells[3] != want[3] || cells[0] != cells[1] {
		t.Errorf("as texts: %q, %v", cells, err)
	}
}

// alike is the word under which a column is read as stored; empty where it is read by its type.
func alike(d *Database, c dialect.Column) string {
	for _, o := range d.Offers(c) {
		if o.Alike != "" {
			return o.Alike
		}
	}
	return ""
}

func TestWhichColumnsAreAlike(t *testing.T) {
	d, _ := open(t, `CREATE TABLE t (id INTEGER PRIMARY KEY, i INT, n NUMERIC, b BOOLEAN, u ANY, d DATETIME, ts TIMESTAMP, dd DATE,
		x TEXT, c VARCHAR(9), r REAL, f DOUBLE, o, bl BLOB, s STRING);
		CREATE TABLE strict (i INT, x TEXT, r REAL, bl BLOB, a ANY) STRICT`)
	table, strict := tableOf(t, d, "t"), tableOf(t, d, "strict")
	word := func(name string) string { return alike(d, *table.Column(name)) }
	for _, same := range [][]string{{"i", "n", "b", "u"}, {"d", "ts"}, {"x", "c"}, {"r", "f"}, {"o", "bl"}} {
		for _, name := range same {
			if word(name) == "" || word(name) != word(same[0]) {
				t.Errorf("%s is %q, and %s is %q", name, word(name), same[0], word(same[0]))
			}
		}
	}
	for _, differ := range [][2]string{{"d", "dd"}, {"d", "n"}, {"x", "s"}, {"x", "o"}} {
		if word(differ[0]) == word(differ[1]) {
			t.Errorf("%s and %s are alike", differ[0], differ[1])
		}
	}
	// What SQLite itself keeps to one class is read by its type, which costs nothing and hashes portably.
	if w := word("id"); w != "" {
		t.Errorf("another name for the rowid is read as %q", w)
	}
	for _, name := range []string{"i", "x", "r", "bl"} {
		if w := alike(d, *strict.Column(name)); w != "" {
			t.Errorf("%s of a strict table is read as %q", name, w)
		}
	}
	if w := alike(d, *strict.Column("a")); w != word("o") {
		t.Errorf("ANY of a strict table is read as %q", w)
	}
}
