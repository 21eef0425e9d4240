package scale

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/unit"
	"github.com/napkin-infra/napkin/internal/testserver"
)

func bytes64(n float64) unit.Bytes { return unit.Bytes(n) }

func TestReadCheck(t *testing.T) {
	for definition, c := range map[string]struct {
		column string
		want   func(l *limits) bool
		whole  bool
	}{
		`CHECK ((price > (0)::numeric))`:                         {"price", func(l *limits) bool { return l.low.text == "0" && l.low.exclusive }, true},
		`CHECK (((a >= 1) AND (a <= 5)))`:                        {"a", func(l *limits) bool { return l.low.text == "1" && l.high.text == "5" && !l.high.exclusive }, true},
		`CHECK ((a >= '-1'::integer))`:                           {"a", func(l *limits) bool { return l.low.text == "-1" }, true},
		`CHECK ((kind = ANY (ARRAY['a'::text, 'it''s'::text])))`: {"kind", func(l *limits) bool { return strings.Join(l.allowed, "|") == "a|it's" }, true},
		`CHECK (((kind)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[])))`: {"kind", func(l *limits) bool { return strings.Join(l.allowed, "|") == "x|y" }, true},
		`CHECK ((char_length((name)::text) <= 20))`:                                                      {"name", func(l *limits) bool { return l.maxLength == 20 }, true},
		`CHECK ((length(name) > 2)) NOT VALID`:                                                           {"name", func(l *limits) bool { return l.minLength == 3 }, true},
		`CHECK ((name <> ''::text))`:                                                                     {"name", func(l *limits) bool { return l.minLength == 1 }, true},
		`CHECK ((name IS NOT NULL)) NO INHERIT`:                                                          {"name", func(l *limits) bool { return l.notNull }, true},
		`CHECK ((until > since))`:                                                                        {"until", func(l *limits) bool { return l.after == "since" }, true},
		`CHECK ((since <= until))`:                                                                       {"until", func(l *limits) bool { return l.after == "since" }, true},
		`CHECK ((VALUE >= 0))`:                                                                           {"own", func(l *limits) bool { return l.low.text == "0" }, true},
		`CHECK (("Weird Name" < 10))`:                                                                    {"Weird Name", func(l *limits) bool { return l.high.text == "10" && l.high.exclusive }, true},
		`CHECK (((a > 0) AND ((b = 1) OR (c = 2))))`:                                                     {"a", func(l *limits) bool { return l.low.text == "0" }, false},
		`CHECK ((at > '2020-01-01 00:00:00'::timestamp without time zone))`:                              {"at", func(l *limits) bool { return l.low.text == "2020-01-01 00:00:00" }, true},
	} {
		to := map[string]*limits{}
		whole := readCheck(definition, "own", to)
		if whole != c.whole || to[c.column] == nil || !c.want(to[c.column]) {
			t.Errorf("%s: understood %v, %+v", definition, whole, to[c.column])
		}
	}
	for _, foreign := range []string{`CHECK (f(a))`, `CHECK ((NOT (a = 1)))`, `CHECK ((a ~ '^x$'::text))`, `CHECK`, ``, `((`} {
		if to := map[string]*limits{}; readCheck(foreign, "", to) {
			t.Errorf("%q is understood as %+v", foreign, to)
		}
	}
}

func FuzzReadCheck(f *testing.F) {
	f.Add(`CHECK (((a >= 1) AND (b = ANY (ARRAY['x'::text]))))`, "a")
	f.Add(`CHECK ((((`, "")
	f.Add(`CHECK (a = 'x AND y')`, "a")
	f.Fuzz(func(t *testing.T, definition, column string) {
		for name, l := range func() map[string]*limits { to := map[string]*limits{}; readCheck(definition, column, to); return to }() {
			if l.maxLength < 0 || l.minLength < 0 {
				t.Errorf("%q: %s has a length below zero", definition, name)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"schema_version":1,"tables":[{"schema":"public","name":"t","kind":"table","rows":10,"columns":[{"name":"a","base":"int4","category":"N","shape":{"width":4,"distinct":-1,"low":"1","high":"10"}},{"name":"b","base":"text","category":"S","shape":{"width":9,"frequencies":[0.5],"lengths":[1,2]}}]}]}`))
	f.Add([]byte(`{"schema_version":1,"tables":[{"name":"t","kind":"table","rows":100,"joint":[{"columns":["a","b"],"distinct":7},{"columns":["a","a"],"distinct":-0.1}],"columns":[{"name":"a","base":"int4","category":"N","shape":{"distinct":5}},{"name":"b","base":"text","category":"S","shape":{"width":9,"distinct":7,"null_fraction":0.3,"frequencies":[0.5]}}]}]}`))
	f.Add([]byte(`{"schema_version":1,"tables":[{"name":"t","kind":"table","columns":[{"name":"a","base":"numeric","category":"N","length":-3,"scale":-900}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		rows50 := map[string]int64{}
		for i := range s.Tables {
			rows50[s.Tables[i].Key()] = 50
		}
		// Whatever a file says, rows are made or left out, and nothing breaks.
		for _, filling := range NewGenerator(s, s, rows50, 1).order {
			r := &rows{columns: filling.columns, n: min(filling.rows, 50)}
			for buffer := make([]byte, 1<<16); ; {
				if _, err := r.Read(buffer); err != nil {
					break
				}
			}
		}
	})
}

// TestNoValuesLeave looks for users' values in the file of statistics.
func TestNoValuesLeave(t *testing.T) {
	server := testserver.PostgresFor(t)
	conn := connect(t, server, "postgres")
	execute(t, conn, "create table secret (id int primary key, name text, common text, amount int, at date)",
		"insert into secret select i, 'Jane Doe ' || i, case when i % 2 = 0 then 'confidential' end, i * 3, date '2024-01-01' + i from generate_series(1, 500) i", "analyze")
	for _, values := range []bool{false, true} {
		s, err := Read(t.Context(), conn, Options{Values: values, Interval: 10 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range []string{"Jane", "confidential"} {
			if strings.Contains(string(text), value) != values {
				t.Errorf("values %v: the value %q in the file: %v", values, value, !values)
			}
		}
		if sh := s.Table("secret").Column("amount").Shape; sh.Low != "3" || sh.High != "1500" {
			t.Errorf("bounds of a number: %q, %q", sh.Low, sh.High)
		}
		path := filepath.Join(t.TempDir(), "stats.json")
		if err := s.Save(path); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the file may be read by others: %v, %v", info.Mode(), err)
		}
		back, err := Load(path)
		if err != nil || back.Table("public.secret").Rows != 500 || back.Values != values {
			t.Errorf("read back %+v, %v", back, err)
		}
	}
}

func TestBadFiles(t *testing.T) {
	for text, want := range map[string]string{
		``:                     "no file of",
		`[1]`:                  "no file of",
		`{}`:                   "version 0",
		`{"schema_version":9}`: "version 9",
		`{"schema_version":1,"tables":[{"name":"t","rows":-5}]}`:                                                "impossible number",
		`{"schema_version":1,"tables":[{"name":"t","joint":[{"columns":["a"],"distinct":5}]}]}`:                 "number of combinations",
		`{"schema_version":1,"tables":[{"name":"t","columns":[{"name":"a","shape":{"null_fraction":2}}]}]}`:     "between 0 and 1",
		`{"schema_version":1,"tables":[{"name":"t","columns":[{"name":"a","shape":{"correlation":-3}}]}]}`:      "correlation",
		`{"schema_version":1,"tables":[{"name":"t","columns":[{"name":"a","shape":{"lengths":[1,-2]}}]}]}`:      "length",
		`{"schema_version":1,"tables":[{"name":"t","columns":[{"name":"a","shape":{"distinct":-7}}]}]}`:         "distinct",
		`{"schema_version":1,"tables":[{"name":"t","columns":[{"name":"a","shape":{"width":2000000000}}]}]}`:    "width",
		`{"schema_version":1,"tables":[{"name":"t","columns":[{"name":"a","shape":{"frequencies":[0.9,1]}}]}]}`: "between 0 and 1",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
