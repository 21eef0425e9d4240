package dialect_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

func TestNamesOfTables(t *testing.T) {
	for text, want := range map[string]dialect.TableName{
		`users`:           {Name: "users"},
		`shop.users`:      {Schema: "shop", Name: "users"},
		`a.b.c`:           {Schema: "a", Name: "b.c"},
		`"x.y"`:           {Name: "x.y"},
		`shop."x.y"`:      {Schema: "shop", Name: "x.y"},
		`"a.b"."c.d"`:     {Schema: "a.b", Name: "c.d"},
		`"a:b"`:           {Name: "a:b"},
		`"say ""hi"" .x"`: {Name: `say "hi" .x`},
		`it"s`:            {Name: `it"s`},
		`"a"b"`:           {Name: `"a"b"`},
	} {
		got := dialect.ParseTableName(text)
		if got != want {
			t.Errorf("%s is read as %+v, want %+v", text, got, want)
		}
		if back := dialect.ParseTableName(got.String()); back != got {
			t.Errorf("%+v is printed as %s, which is read as %+v", got, got, back)
		}
	}
	before, after, found := dialect.CutName(`"a:b":"c:d"`, ':')
	if before != `"a:b"` || after != `"c:d"` || !found {
		t.Errorf("cut into %s and %s, %v", before, after, found)
	}
}
