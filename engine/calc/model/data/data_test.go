package data_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/data"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
	"github.com/napkin-infra/napkin/engine/calc/model/reference"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/internal/testserver"
)

const head = "time month 2024-01 to 2024-12\n"

// compute checks and runs a model beside files.
func compute(t *testing.T, dir, text string) (*reference.Result, error) {
	t.Helper()
	f, err := lang.Parse(lang.Source{Name: "m.nap", Text: head + text})
	if err != nil {
		t.Fatal(err)
	}
	rows := data.Files{Dir: dir}
	m, err := model.Check(context.Background(), f, model.Options{Rows: rows})
	if err != nil {
		return nil, err
	}
	return reference.Run(context.Background(), m, reference.Options{Rows: rows})
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCSV(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "stores.csv", "\ufeffstore id;region\nS1;North\nS2;South\n\"S 3\";\nS1;North\n")
	write(t, dir, "sales.csv", "store,day,amount\nS1,2024-01-15,10\nS1,2024-01-20T09:30:00Z,5\nS2,2024-02,7\n S 3 ,2024-03-01 10:00,2\nS1,2023-12-31,99\nS2,2024-05-01,\n")
	const stores = `
dimension Store from csv "stores.csv" columns Store = "store id"
dimension Region = North, South
map Store -> Region from csv "stores.csv" columns Store = "store id", Region = region
`
	r, err := compute(t, dir, stores+`
input sales[Store, month] from csv "sales.csv" columns Store = store, date = day, value = amount
    repeated: sum
show sales by Store, month
show sales by Region
show sales by year
`)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, table := range r.Tables {
		for i, row := range table.Rows {
			got[strings.Join(row, " ")] = table.Columns[0].Values[i]
		}
	}
	for where, x := range map[string]float64{"S1 2024-01": 15, "S2 2024-02": 7, "S 3 2024-03": 2, "S2 2024-01": 0, "North": 15, "South": 7, "2024": 24} {
		if got[where] != x {
			t.Errorf("%s is %v, want %v", where, got[where], x)
		}
	}
	notes := strings.Join(r.Notes, "\n")
	for _, part := range []string{"sales: of 6 rows, 1 lies outside of the time axis, 1 has no value; they are left out", "1 of 3 items of Store belong to no Region and are in none of its groups: S 3"} {
		if !strings.Contains(notes, part) {
			t.Errorf("the notes lack %q:\n%s", part, notes)
		}
	}
}

func TestRepeatedAndUnknown(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "x.csv", "A,x\nI1,2\nI1,4\nI1,9\nI7,1\n")
	for _, c := range []struct {
		settings string
		want     float64
		err      string
	}{
		{"repeated: sum\n    unknown: skip", 15, ""},
		{"repeated: average\n    unknown: skip", 5, ""},
		{"repeated: last\n    unknown: skip", 9, ""},
		{"repeated: sum", 0, `x.csv:5:1: "I7" in column A is no item of A; did you mean I1?`},
		{"unknown: skip", 0, "x.csv:3:1: a second row of I1"},
	} {
		r, err := compute(t, dir, "dimension A = I1..I3\ninput x[A] from csv \"x.csv\"\n    "+c.settings+"\nshow x")
		switch {
		case c.err != "":
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q: the error is %v, want %s", c.settings, err, c.err)
			}
		case err != nil:
			t.Errorf("%q: %v", c.settings, err)
		case r.Tables[0].Columns[0].Values[0] != c.want:
			t.Errorf("%q: %v, want %v", c.settings, r.Tables[0].Columns[0].Values[0], c.want)
		}
	}
}

// TestCut has rows of an item that was cut off, which are passed over, and of one that never was, which is an error.
func TestCut(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "x.csv", "A,B,x\nI1,Y,2\nI3,X,4\n")
	write(t, dir, "y.csv", "A,x\nI7,2\n")
	rows := data.Files{Dir: dir}
	for file, want := range map[string]string{"x.csv": "", "y.csv": `"I7" in column A is no item of A`} {
		f, err := lang.Parse(lang.Source{Text: "dimension A = I1..I3\ndimension B = X, Y\nmap A -> B from csv \"x.csv\"\ninput x[A] from csv \"" + file + "\"\nshow x"})
		if err != nil {
			t.Fatal(err)
		}
		m, err := model.Check(context.Background(), f, model.Options{Rows: rows, Dims: map[string]int{"A": 2, "B": 1}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := reference.Run(context.Background(), m, reference.Options{Rows: rows})
		switch {
		case want == "" && (err != nil || r.Tables[0].Columns[0].Values[0] != 2):
			t.Errorf("%s: %v, %v", file, r, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestRefusedFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"empty.csv": "", "column.csv": "B,x\n1,2\n", "number.csv": "A,x\nI1,\"1,000\"\n", "ragged.csv": "A,x\nI1\n", "quote.csv": "A,x\n\"I1,2\n", "near.csv": "AA,xx\nI1,5\n",
	} {
		write(t, dir, name, text)
	}
	for name, want := range map[string]string{
		"empty.csv": "the file is empty", "column.csv": "has no column A; ", "number.csv": `"1,000" in column x is no number`, "ragged.csv": "the row has 1 field, and the first line has 2", "quote.csv": "quote",
		"missing.csv": "no such file", "near.csv": "it has AA, xx",
	} {
		_, err := compute(t, dir, "dimension A = I1, I2\ninput x[A] from csv \""+name+"\"\nshow x")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want %s", name, err, want)
		}
	}
	write(t, dir, "date.csv", "date,x\n2024-13,1\n")
	if _, err := compute(t, dir, "input x[month] from csv \"date.csv\"\nshow x"); err == nil || !strings.Contains(err.Error(), `"2024-13" is no date such as 2024-01 or 2024-01-01`) {
		t.Errorf("a wrong date: %v", err)
	}
	write(t, dir, "year.csv", "date,x\n2024,1\n")
	if _, err := compute(t, dir, "input x[month] from csv \"year.csv\"\nshow x"); err == nil || !strings.Contains(err.Error(), "2024 is a year, and a month is expected") {
		t.Errorf("a date that is too long: %v", err)
	}
	if _, err := compute(t, dir, "input x[month] from parquet \"x.parquet\"\nshow x"); err == nil || !strings.Contains(err.Error(), "cannot be read here") {
		t.Errorf("a format that is not known: %v", err)
	}
	write(t, dir, "map.csv", "A,B\nI1,X\nI2,Q\n")
	if _, err := compute(t, dir, "dimension A = I1, I2\ndimension B = X, Y\nmap A -> B from csv \"map.csv\""); err == nil || !strings.Contains(err.Error(), "A I2 belongs to Q, which is no item of B") {
		t.Errorf("a mapping to nowhere: %v", err)
	}
}

func TestSQLite(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "shop.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("create table sale (store text, day text, amount real); insert into sale values ('A', '2024-01-05', 1.5), ('B', '2024-01-06', 2), ('A', '2024-02-01', 4), ('B', '2024-02-02', null)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := compute(t, dir, `
dimension Store from database "sqlite:shop.db" query "select distinct store from sale order by store" columns Store = store
input sales[Store, month] from database "sqlite:shop.db" query "select * from sale" columns Store = store, date = day, value = amount
show sales by Store, month
`)
	if err != nil {
		t.Fatal(err)
	}
	values := r.Tables[0].Columns[0].Values
	if len(values) != 24 || values[0] != 1.5 || values[1] != 4 || values[12] != 2 || values[13] != 0 {
		t.Errorf("%v", values)
	}
	if _, err := compute(t, dir, "input x from database \"sqlite:shop.db\" query \"select nothing from sale\"\nshow x"); err == nil || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("a wrong query: %v", err)
	}
}

// TestServers reads the same rows from PostgreSQL and MariaDB.
func TestServers(t *testing.T) {
	const setup = "create table sale (store varchar(20), day date, amount decimal(10,2)); insert into sale values ('A', '2024-01-05', 1.50), ('B', '2024-01-06', 2), ('A', '2024-02-01', 4), ('B', '2024-02-02', null)"
	read := func(t *testing.T, url string) {
		t.Helper()
		text := fmt.Sprintf(`
dimension Store from database %[1]q query "select distinct store from sale order by store" columns Store = store
input sales[Store, month] from database %[1]q query "select store, day, amount from sale" columns Store = store, date = day, value = amount
show sales by Store, month
`, url)
		r, err := compute(t, t.TempDir(), text)
		if err != nil {
			t.Fatal(err)
		}
		values := r.Tables[0].Columns[0].Values
		if len(values) != 24 || values[0] != 1.5 || values[1] != 4 || values[12] != 2 || values[13] != 0 {
			t.Errorf("%v", values)
		}
		for query, want := range map[string]string{"select nothing from sale": "nothing", "select store from sale": "has no column x", "delete from sale": "read-only|READ ONLY|read only"} {
			_, err := compute(t, t.TempDir(), fmt.Sprintf("input x from database %q query %q\nshow x", url, query))
			if err == nil || !regexp.MustCompile(want).MatchString(err.Error()) {
				t.Errorf("%s: the error is %v", query, err)
			}
		}
	}
	t.Run("postgres", func(t *testing.T) {
		url := testserver.PostgresFor(t).URL
		conn, err := pgconn.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.WithoutCancel(t.Context()))
		if _, err := conn.Exec(t.Context(), setup).ReadAll(); err != nil {
			t.Fatal(err)
		}
		read(t, url)
	})
	t.Run("mariadb", func(t *testing.T) {
		url := testserver.MariaDBFor(t).URL
		u, err := database.Parse(url)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := database.OpenMySQL(t.Context(), u, database.Options{Write: true})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for _, one := range strings.Split(setup, "; ") {
			if _, err := conn.Execute(one); err != nil {
				t.Fatal(err)
			}
		}
		read(t, url)
	})
}

// TestPlacesOfErrors has files with one mistake each, whose error begins with the file, the line and the column of the field.
func TestPlacesOfErrors(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, want string }{
		"a number":          {"A,date,x\nI1,2024-01,5%\n", `:2:12: "5%" in column x is no number such as 1234.5`},
		"a quoted number":   {"x,A,date\n1,I1,2024-01\n\"1,000\",I1,2024-02\n", `:3:1: "1,000" in column x is no number`},
		"a date":            {"A,date,x\nI1,31/01/2024,5\n", `:2:4: "31/01/2024" is no date such as 2024-01`},
		"a longer date":     {"A,date,x\nI1,2024-Q1,5\n", `:2:4: 2024-Q1 is a quarter, and a month is expected`},
		"an item":           {"A,date,x\nI1,2024-01,5\n I7,2024-01,5\n", `:3:1: "I7" in column A is no item of A`},
		"a second row":      {"A,date,x\nI1,2024-01,5\nI1,2024-01,5\n", `:3:1: a second row of I1, 2024-01`},
		"too few fields":    {"A,date,x\nI1,2024-01\n", `:2:1: the row has 2 fields, and the first line has 3`},
		"an open quote":     {"A,date,x\nI1,2024-01,\"1\n", `:2:15: extraneous or missing " in quoted-field`},
		"no column":         {"A,date,y\nI1,2024-01,5\n", `x.csv has no column x; it has A, date, y`},
		"a near column":     {"Aa,date,x\nI1,2024-01,5\n", `x.csv has no column A; it has Aa, date, x`},
		"a column twice":    {"A,date,x,x\nI1,2024-01,5,6\n", `x.csv has more than one column x`},
		"one in two cases":  {"A,date,X,x\nI1,2024-01,6,5\n", ""},
		"two in wrong case": {"A,date,X,X\nI1,2024-01,6,5\n", `x.csv has more than one column x`},
	} {
		write(t, dir, "x.csv", c.text)
		r, err := compute(t, dir, "dimension A = I1..I3\ninput x[A, month] from csv \"x.csv\"\nshow x by year")
		switch {
		case c.want == "" && (err != nil || r.Tables[0].Columns[0].Values[0] != 5):
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "x.csv")) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want %s", name, err, c.want)
		}
	}
	write(t, dir, "x.csv", "A,date,n\nI1,2024-01,5\n")
	if r, err := compute(t, dir, "dimension A = I1..I3\ninput x[A, month] from csv \"x.csv\" columns x = n\nshow x by year"); err != nil || r.Tables[0].Columns[0].Values[0] != 5 {
		t.Errorf("a column by the name of the variable: %v", err)
	}
}
