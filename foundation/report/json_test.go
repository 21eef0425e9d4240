package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/quick"
)

func toJSON(t *testing.T, r *Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Any report that can be written is read back as it was.
func TestJSONRoundTrip(t *testing.T) {
	property := func(r Report) bool {
		r.SchemaVersion, r.Limit = SchemaVersion, nil
		first := toJSON(t, &r)
		read, err := ReadJSON(bytes.NewReader(first))
		if err != nil {
			t.Log(err)
			return false
		}
		if !reflect.DeepEqual(withoutEmpty(reflect.ValueOf(*read)).Interface(), withoutEmpty(reflect.ValueOf(r)).Interface()) {
			t.Log("values differ")
			return false
		}
		return bytes.Equal(first, toJSON(t, read))
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 40, Rand: rand.New(rand.NewSource(1))}); err != nil {
		t.Error(err)
	}
	r := fixture()
	r.Limit = nil
	if !property(*r) {
		t.Error("the fixture does not survive")
	}
}

// withoutEmpty copies v with nil in place of empty slices, which JSON cannot tell apart.
func withoutEmpty(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			out.Field(i).Set(withoutEmpty(v.Field(i)))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			p := reflect.New(v.Type().Elem())
			p.Elem().Set(withoutEmpty(v.Elem()))
			out.Set(p)
		}
	case reflect.Slice:
		if v.Len() > 0 {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(withoutEmpty(v.Index(i)))
			}
		}
	default:
		out.Set(v)
	}
	return out
}

func TestJSONKeysAreSortedAndListsPresent(t *testing.T) {
	dec := json.NewDecoder(bytes.NewReader(toJSON(t, fixture())))
	var walk func() // reads one value and checks the order of its keys
	walk = func() {
		tok, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch tok {
		case json.Delim('{'):
			var keys []string
			for dec.More() {
				key, err := dec.Token()
				if err != nil {
					t.Fatal(err)
				}
				keys = append(keys, key.(string))
				walk()
			}
			if !slices.IsSorted(keys) {
				t.Errorf("keys out of order: %v", keys)
			}
			_, _ = dec.Token()
		case json.Delim('['):
			for dec.More() {
				walk()
			}
			_, _ = dec.Token()
		}
	}
	walk()
	if s := string(toJSON(t, &Report{})); !strings.Contains(s, `"findings": []`) || strings.Contains(s, "null") {
		t.Errorf("an empty report is not canonical: %s", s)
	}
}

func TestJSONErrorsAreSentences(t *testing.T) {
	r := fixture()
	r.Findings[0].Cost.Now = math.NaN()
	if err := JSON(&bytes.Buffer{}, r); err == nil || !strings.Contains(err.Error(), "NaN") {
		t.Errorf("a figure that is no number is written: %v", err)
	}
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", "empty"},
		{"not JSON", "hello", "not a report"},
		{"other JSON", `{"a":1}`, "schema_version"},
		{"newer", `{"schema_version":99}`, "update napkin"},
		{"two reports", `{"schema_version":1}{"schema_version":1}`, "follows"},
		{"wrong type", `{"schema_version":1,"findings":{}}`, "not a report"},
	} {
		if _, err := ReadJSON(strings.NewReader(c.in)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", c.name, err, c.want)
		}
	}
}

func FuzzReadJSON(f *testing.F) {
	f.Add([]byte(`{"schema_version":1,"findings":[{"title":"x","cost":{"inputs":null}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ReadJSON(bytes.NewReader(b))
		if err != nil {
			return
		}
		for _, g := range renderings {
			if err := g.write(&bytes.Buffer{}, r); err != nil {
				t.Fatalf("%s: a report that was read cannot be rendered: %v", g.file, err)
			}
		}
	})
}

func TestCSV(t *testing.T) {
	r := fixture()
	r.Findings[0].Title = "=cmd|' /C calc'!A0\n\"quoted\", with comma"
	var b bytes.Buffer
	if err := CSV(&b, r); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+len(r.Findings) {
		t.Errorf("%d rows for %d findings", len(rows), len(r.Findings))
	}
	if got := rows[1][6]; got != `'=cmd|' /C calc'!A0 "quoted", with comma` {
		t.Errorf("a formula is not defused: %q", got)
	}
	if rows[1][0] != "1" || rows[12][0] != "12" || rows[13][0] != "" || rows[14][18] != "suppressed" {
		t.Errorf("order of rows is wrong: %q %q %q %q", rows[1][0], rows[12][0], rows[13][0], rows[14][18])
	}
}
