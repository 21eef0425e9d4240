package datadiff

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// product offers forms by the name of the type. Only what pairing asks for is there; reading needs real
// servers, and the tests beside this one use them.
type product struct {
	dialect.Database
	offers map[string][]dialect.Offer
}

func (p product) Offers(c dialect.Column) []dialect.Offer {
	return append(slices.Clone(p.offers[c.Type]), dialect.Offer{Form: dialect.Inexact})
}

var (
	postgresLike = product{offers: map[string][]dialect.Offer{
		"bigint": {{Form: dialect.Int}, {Form: dialect.Decimal}},
		"uuid":   {{Form: dialect.UUID}, {Form: dialect.Text}},
		"text":   {{Form: dialect.Text}, {Form: dialect.UUID}},
		"point":  nil,
		"tstz":   {{Form: dialect.TimestampZone}, {Form: dialect.Timestamp, Note: "read in UTC"}},
	}}
	mysqlLike = product{offers: map[string][]dialect.Offer{
		"bigint":     {{Form: dialect.Int}, {Form: dialect.Decimal}},
		"decimal":    {{Form: dialect.Decimal}},
		"binary(16)": {{Form: dialect.Bytes}, {Form: dialect.UUID}},
		"varchar":    {{Form: dialect.Text}, {Form: dialect.UUID}},
		"datetime":   {{Form: dialect.Timestamp}, {Form: dialect.TimestampZone, Note: "taken as UTC"}},
	}}
)

func table(name string, primary []string, columns ...string) *dialect.Table {
	t := &dialect.Table{Name: dialect.TableName{Name: name}, PrimaryKey: primary}
	for _, c := range columns {
		n, typ, _ := strings.Cut(c, " ")
		t.Columns = append(t.Columns, dialect.Column{Name: n, Type: typ, Sorted: typ == "bigint"})
	}
	return t
}

func describe(p *Pairing) string {
	var out []string
	for i, c := range p.Columns {
		s := c.A.Name
		if c.B.Name != c.A.Name {
			s += "=" + c.B.Name
		}
		s += " " + c.Form.String()
		if i < p.Key {
			s = "[" + s + "]"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func TestPairing(t *testing.T) {
	for name, c := range map[string]struct {
		a, b *dialect.Table
		sel  Selection
		want string
		from string
		err  string
	}{
		"by name, key first": {table("t", []string{"id"}, "name text", "id bigint"), table("t", []string{"id"}, "id bigint", "name varchar"), Selection{},
			"[id integer], name text", "primary key", ""},
		"integer with decimal": {table("t", []string{"id"}, "id bigint"), table("t", []string{"id"}, "id decimal"), Selection{}, "[id decimal]", "primary key", ""},
		"uuid with binary":     {table("t", nil, "u uuid"), table("t", nil, "u binary(16)"), Selection{}, "u uuid", "", ""},
		"text with binary":     {table("t", nil, "u text"), table("t", nil, "u binary(16)"), Selection{}, "u uuid", "", ""},
		"zone with datetime":   {table("t", nil, "at tstz"), table("t", nil, "at datetime"), Selection{}, "at timestamp in UTC", "", ""},
		"no form but the text": {table("t", nil, "p point"), table("t", nil, "p varchar"), Selection{}, "p the product's text", "", ""},
		"names without case":   {table("t", nil, "Name text"), table("t", nil, "name varchar"), Selection{}, "Name=name text", "", ""},
		"mapped":               {table("t", nil, "a text", "b text"), table("t", nil, "b varchar", "c varchar"), Selection{Map: map[string]string{"a": "b", "b": "c"}}, "a=b text, b=c text", "", ""},
		"excluded":             {table("t", nil, "a text", "b text"), table("t", nil, "a varchar", "b varchar"), Selection{Exclude: []string{"b"}}, "a text", "", ""},
		"only some":            {table("t", []string{"id"}, "id bigint", "a text", "b text"), table("t", []string{"id"}, "id bigint", "a varchar", "b varchar"), Selection{Columns: []string{"id", "b"}}, "[id integer], b text", "primary key", ""},
		"a key that is not compared is none": {table("t", []string{"id"}, "id bigint", "a text"), table("t", []string{"id"}, "id bigint", "a varchar"),
			Selection{Exclude: []string{"id"}}, "a text", "", ""},
		"key of B": {table("t", nil, "id bigint", "a text"), table("t", []string{"id"}, "id bigint", "a varchar"), Selection{}, "[id integer], a text", "primary key of B", ""},
		"key asked for": {table("t", []string{"id"}, "id bigint", "a text"), table("t", []string{"id"}, "id bigint", "a varchar"), Selection{Key: []string{"a"}},
			"[a text], id integer", "--key", ""},
		"a column beside the key":         {table("t", []string{"id"}, "id bigint", "a text", "b text"), table("t", []string{"id"}, "id bigint", "a varchar", "b varchar"), Selection{Columns: []string{"b"}}, "[id integer], b text", "primary key", ""},
		"excluded by its exact name":      {table("t", []string{"Id"}, "Id bigint", "id text"), table("t", []string{"Id"}, "Id bigint", "id varchar"), Selection{Exclude: []string{"id"}}, "[Id integer]", "primary key", ""},
		"mapped to a name that A has too": {table("t", nil, "x text", "y text"), table("t", nil, "x varchar", "y varchar"), Selection{Map: map[string]string{"x": "y"}}, "x=y text", "", ""},
		"two mapped to one":               {table("t", nil, "x text", "y text"), table("t", nil, "z varchar"), Selection{Map: map[string]string{"x": "z", "y": "z"}}, "", "", "a column is compared with one"},
		"tolerance of the key": {table("t", []string{"id"}, "id bigint", "a text"), table("t", []string{"id"}, "id bigint", "a varchar"), Selection{Tolerance: map[string]float64{"id": 1}}, "", "",
			"is part of the key"},
		"tolerance without a key": {table("t", nil, "n bigint"), table("t", nil, "n bigint"), Selection{Tolerance: map[string]float64{"n": 1}}, "", "",
			"needs a key"},
		"no such column": {table("t", nil, "a text"), table("t", nil, "a varchar"), Selection{Columns: []string{"z"}}, "", "", "has no column z"},
		"missing in B":   {table("t", nil, "a text", "z text"), table("t", nil, "a varchar"), Selection{Columns: []string{"z"}}, "", "", "has no column z"},
		"inexact key":    {table("t", nil, "p point"), table("t", nil, "p varchar"), Selection{Key: []string{"p"}}, "", "", "cannot be part of the key"},
		"nothing common": {table("t", nil, "a text"), table("t", nil, "b varchar"), Selection{}, "", "", "no column in common"},
		"tolerance on text": {table("t", nil, "a text"), table("t", nil, "a varchar"), Selection{Tolerance: map[string]float64{"a": 1}}, "", "",
			"a tolerance is for numbers"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := NewPairing(postgresLike, mysqlLike, c.a, c.b, c.sel)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error %v, want %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(p); got != c.want || p.KeyFrom != c.from {
				t.Errorf("%s (key from %q), want %s (%q)", got, p.KeyFrom, c.want, c.from)
			}
		})
	}
}

// TestPairingHasNoSides: which side is A decides nothing about the form.
func TestPairingHasNoSides(t *testing.T) {
	forms := [2]dialect.Form{}
	for i := range forms {
		a := product{offers: map[string][]dialect.Offer{"real": {{Form: dialect.Float32}, {Form: dialect.Float64}}}}
		b := product{offers: map[string][]dialect.Offer{"real": {{Form: dialect.Float64}, {Form: dialect.Float32}}}}
		if i == 1 {
			a, b = b, a
		}
		p, err := NewPairing(a, b, table("t", nil, "r real"), table("t", nil, "r real"), Selection{})
		if err != nil {
			t.Fatal(err)
		}
		forms[i] = p.Columns[0].Form
	}
	if forms[0] != forms[1] || forms[0] != dialect.Float32 {
		t.Errorf("forms %v", forms)
	}
}

func TestNear(t *testing.T) {
	decimal := func(s string) []byte {
		c, err := canon.AppendDecimal(nil, s)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, c := range []struct {
		x, y      []byte
		tolerance float64
		want      bool
	}{
		{decimal("123456789012345678"), decimal("123456789012345678.01"), 0.001, false},
		{decimal("123456789012345678"), decimal("123456789012345678.01"), 0.01, true},
		{decimal("0.3"), decimal("0.2"), 0.1, true},
		{decimal("-1e40"), decimal("1e40"), 1e39, false},
		{decimal("NaN"), decimal("1"), 1e39, false},
		{canon.AppendInt(nil, 9007199254740993), canon.AppendInt(nil, 9007199254740992), 0.5, false},
		{canon.AppendInt(nil, -1), canon.AppendUint(nil, 1<<63), 1e18, false},
		{canon.AppendInt(nil, 5), canon.AppendInt(nil, 3), 2, true},
		{canon.AppendFloat64(nil, 1), canon.AppendFloat64(nil, 1.0000001), 1e-6, true},
		{canon.AppendFloat64(nil, math.Inf(1)), canon.AppendFloat64(nil, 1), 1e300, false},
		{canon.AppendNull(nil), canon.AppendInt(nil, 3), 2, false},
	} {
		if got := near(c.x, c.y, c.tolerance); got != c.want {
			t.Errorf("%s and %s within %g: %v", canon.Format(c.x), canon.Format(c.y), c.tolerance, got)
		}
	}
}

func TestPairingSaysWhatItTakesForGranted(t *testing.T) {
	p, err := NewPairing(postgresLike, mysqlLike, table("t", nil, "at tstz", "x text"), table("t", nil, "at datetime", "y varchar"), Selection{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Columns[0].Notes, []string{"taken as UTC"}) {
		t.Errorf("notes %q", p.Columns[0].Notes)
	}
	if !slices.Equal(p.OnlyA, []string{"x"}) || !slices.Equal(p.OnlyB, []string{"y"}) {
		t.Errorf("only in A %v, only in B %v", p.OnlyA, p.OnlyB)
	}
}
