package render_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/render"
)

func TestValuesAsJSON(t *testing.T) {
	decimal := func(s string) []byte {
		cell, err := canon.AppendDecimal(nil, s)
		if err != nil {
			t.Fatal(err)
		}
		return cell
	}
	for _, c := range []struct {
		name string
		cell []byte
		want string
	}{
		{"NULL", canon.AppendNull(nil), `null`},
		{"an integer", canon.AppendInt(nil, -42), `-42`},
		{"the largest exact integer", canon.AppendInt(nil, 1<<53), `9007199254740992`},
		{"an integer that a double rounds", canon.AppendInt(nil, 1<<53+1), `"9007199254740993"`},
		{"the smallest integer", canon.AppendInt(nil, math.MinInt64), `"-9223372036854775808"`},
		{"an unsigned integer", canon.AppendUint(nil, math.MaxUint64), `"18446744073709551615"`},
		{"a decimal", decimal("1.10"), `1.1`},
		{"a decimal of 16 digits", decimal("0.1234567890123456"), `"0.1234567890123456"`},
		{"a large round decimal", decimal("1200000"), `1200000`},
		{"a decimal that is no number", decimal("NaN"), `"NaN"`},
		{"a double", canon.AppendFloat64(nil, 0.1), `0.1`},
		{"a double that is no number", canon.AppendFloat64(nil, math.Inf(-1)), `"-Infinity"`},
		{"a float that is no number", canon.AppendFloat32(nil, float32(math.NaN())), `"NaN"`},
		{"a float", canon.AppendFloat32(nil, 0.1), `0.1`},
		{"text", canon.AppendText(nil, "<a href=\"x\">"), `"<a href=\"x\">"`},
		{"empty text", canon.AppendText(nil, ""), `""`},
		{"text that is not UTF-8", canon.AppendText(nil, "\xff"), `{"hex":"ff"}`},
		{"bytes", canon.AppendBytes(nil, "\x00A"), `{"hex":"0041"}`},
		{"a moment", canon.AppendTimestampZone(nil, 0), `"1970-01-01 00:00:00Z"`},
	} {
		got, err := render.Value(c.cell).MarshalJSON()
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v; want %s", c.name, got, err, c.want)
		}
	}
}

func TestLines(t *testing.T) {
	var b bytes.Buffer
	lines := render.NewLines(&b)
	all := differences(t)
	for _, d := range []datadiff.Difference{all[0], all[len(all)-2], all[len(all)-1]} {
		if err := lines.Add("users", pairing(), d); err != nil {
			t.Fatal(err)
		}
	}
	want := `{"table":"users","kind":"changed","state":"confirmed","key":{"id":0},"columns":{"updated_at":{"a":"2026-01-01 12:00:00","b":"2026-01-01 13:00:00"}}}
{"table":"users","kind":"only in A","state":"confirmed","key":{"id":50},"columns":{"updated_at":{"a":"2026-01-01 12:00:00"},"email":{"a":"only-a@ex.com"},"shape":{"a":"((1,1))"},"balance":{"a":"123456789012345678.25"}}}
{"table":"users","kind":"only in B","state":"seen once","key":{"id":51},"columns":{"updated_at":{"b":"2026-01-01 12:00:00"},"email":{"b":""},"shape":{"b":"((1,1))"},"balance":{"b":-0.25}}}
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	if err := lines.Add("users", pairing(), datadiff.Difference{Kind: datadiff.OnlyA, A: []byte{0xee}}); !errors.Is(err, canon.ErrCells) {
		t.Errorf("bytes that are no cells: %v", err)
	}
}

func TestConclude(t *testing.T) {
	table := func(v datadiff.Verdict) render.Table { return render.Table{Verdict: v} }
	for name, c := range map[string]struct {
		summary render.Summary
		want    datadiff.Verdict
	}{
		"all equal":              {render.Summary{Tables: []render.Table{table(datadiff.Equal), table(datadiff.Equal)}}, datadiff.Equal},
		"one differs":            {render.Summary{Tables: []render.Table{table(datadiff.Equal), table(datadiff.Different)}}, datadiff.Different},
		"a table of one side":    {render.Summary{Tables: []render.Table{table(datadiff.Equal)}, OnlyB: []string{"x"}}, datadiff.Different},
		"unknown wins":           {render.Summary{Tables: []render.Table{table(datadiff.Unknown), table(datadiff.Different)}}, datadiff.Unknown},
		"interrupted is unknown": {render.Summary{Interrupted: true, Tables: []render.Table{table(datadiff.Equal)}}, datadiff.Unknown},
	} {
		if c.summary.Conclude(); c.summary.Verdict != c.want {
			t.Errorf("%s: %s, want %s", name, c.summary.Verdict, c.want)
		}
	}
}

// TestSpecificationNamesEveryField holds docs/datadiff-json.md against the types.
func TestSpecificationNamesEveryField(t *testing.T) {
	page, err := os.ReadFile("../../../docs/datadiff-json.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || seen[of] || of.Implements(reflect.TypeFor[json.Marshaler]()) {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			if name == "" {
				continue // marshalled by hand
			}
			if !bytes.Contains(page, []byte("`"+name+"`")) {
				t.Errorf("%s.%s: the page does not name %q", of.Name(), of.Field(i).Name, name)
			}
			walk(of.Field(i).Type)
		}
	}
	walk(reflect.TypeFor[render.Summary]())
	walk(reflect.TypeFor[render.Forecast]())
}
