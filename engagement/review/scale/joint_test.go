package scale

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/internal/testserver"
)

// placeSchema has keys of columns that follow from each other, in part, and not at all, in and out of the
// order of the rows.
const placeSchema = `create table place (id bigint primary key, region text, city text not null, shop int not null, customer int not null,
 day date not null, zone int, free int not null);
create index place_city on place (region, city);
create index place_shop on place (shop, free);
create index place_day on place (customer, day);
create index place_zone on place (zone, id)`

const (
	placeRows = 60_000
	placeFill = `insert into place select i, case when c %% 10 > 0 then 'region ' || (c %% 400) %% 23 end, 'city ' || c, h %% 1500, i / 40,
 date '2020-01-01' + (i / 120)::int, case when i %% 3 = 0 then (i / 1000)::int end, (h %% 1500 * 31 + (h >> 20) %% 3) %% 1801
 from (select i, abs(hashint8(i)::bigint) h, least(abs(hashint8(i * 7)::bigint) %% 2000, abs(hashint8(i * 11)::bigint) %% 4000) c from generate_series(1, %d::bigint) i) x`
)

// placeKeys are the keys of the indexes of placeSchema.
var placeKeys = map[string]string{"place_city": "region, city", "place_shop": "shop, free", "place_day": "customer, day", "place_zone": "zone, id"}

// TestDependentColumnsComeBack makes rows from what the server knows of dependent columns and compares the
// numbers of keys and the sizes of indexes built on them with those of as many rows of the source.
func TestDependentColumnsComeBack(t *testing.T) {
	server := testserver.PostgresFor(t, "autovacuum=off")
	admin := connect(t, server, "postgres")
	original := func(name string, rows int) *pgconn.PgConn {
		execute(t, admin, "create database "+name+" template template0")
		conn := connect(t, server, name)
		execute(t, conn, placeSchema, fmt.Sprintf(placeFill, rows), "reindex table place", "vacuum analyze")
		return conn
	}
	source, third := original("source", placeRows), original("third", placeRows/3)
	known := func(o Options, want JointSource) *Statistics {
		s, err := Read(t.Context(), source, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, columns := range [][]string{{"region", "city"}, {"shop", "free"}} {
			i := slices.IndexFunc(s.Table("place").Joint, func(j Joint) bool {
				return slices.Contains(j.Columns, columns[0]) && slices.Contains(j.Columns, columns[1])
			})
			if i < 0 || s.Table("place").Joint[i].Source != want {
				t.Errorf("of %v is known: %+v", columns, s.Table("place").Joint)
				continue
			}
			n := float64(number(t, source, fmt.Sprintf("select count(distinct (%s, %s)) from place", columns[0], columns[1])))
			got := (&Shape{Distinct: s.Table("place").Joint[i].Distinct}).distinct(placeRows)
			if got < n*0.8 || got > n*1.25 && want != IndexSize {
				t.Errorf("%s: %.0f combinations of %v, want %.0f", want, got, columns, n)
			}
		}
		return s
	}
	sampled, bounded := known(Options{Sample: true}, Sampled), known(Options{}, IndexSize)
	execute(t, source, "create statistics place_s1 (ndistinct) on region, city from place", "create statistics place_s2 (ndistinct) on free, shop from place", "analyze place")
	known(Options{Sample: true}, Extended)
	for _, c := range []struct {
		name         string
		known        *Statistics
		like         *pgconn.PgConn
		factor       float64
		keys, excess float64 // by how much the numbers of keys and the sizes may be larger
	}{
		{"sample", sampled, source, 1, 1.25, 0.15},
		{"fewer", sampled, third, 1 / 3.0, 1.25, 0.15},
		// The bound takes leaves to be full, and an index that was just built has a tenth free.
		{"size", bounded, source, 1, 4, 0.4},
	} {
		t.Run(c.name, func(t *testing.T) {
			execute(t, admin, "create database "+c.name+" template template0")
			conn := connect(t, server, c.name)
			execute(t, conn, placeSchema)
			fill(t, conn, c.known, c.factor, 3)
			execute(t, conn, "reindex table place")
			for index, columns := range placeKeys {
				keyFactor := c.keys
				if index == "place_day" {
					// Both columns follow the rows' order in steps of their own. That the numbers grow with the rows
					// is what a server believes above a tenth of the rows only.
					if keyFactor = 1.5; c.factor < 1 {
						continue
					}
				}
				keys, size := fmt.Sprintf("select count(distinct (%s)) from place", columns), fmt.Sprintf("select pg_relation_size('%s')", index)
				if got, want := float64(number(t, conn, keys)), float64(number(t, c.like, keys)); got < want/1.25 || got > want*keyFactor {
					t.Errorf("%s has %.0f keys, want %.0f", index, got, want)
				}
				if got, want := float64(number(t, conn, size)), float64(number(t, c.like, size)); got < want*0.85 || got > want*(1+c.excess) {
					t.Errorf("%s has %.0f bytes, want %.0f", index, got, want)
				}
			}
			got, err := Read(t.Context(), conn, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, column := range c.known.Table("place").Columns {
				shape := got.Table("place").Column(column.Name).Shape
				if want := column.Shape.Correlation; math.Abs(shape.Correlation-want) > 0.1 {
					t.Errorf("%s: correlation %.2f, want %.2f", column.Name, shape.Correlation, want)
				}
				compareShapes(t, column.Name, column, shape, c.factor*placeRows/sourceRows)
			}
		})
	}
}

// TestDraws goes through the degrees of dependence of two columns.
func TestDraws(t *testing.T) {
	even := func(d float64) *Shape { return &Shape{Distinct: d} }
	for _, c := range []struct {
		name         string
		shapes       []*Shape
		wanted, rows float64
		least, most  float64
	}{
		{"one follows from the other", []*Shape{even(5000), even(40)}, 5000, 3e6, 5000, 5001},
		{"independent", []*Shape{even(5000), even(40)}, 2e5, 3e6, 3e6, 3e6},
		{"half of the combinations", []*Shape{even(1000), even(100)}, 5e4, 3e6, 6.8e4, 7e4},
		{"fewer than one column has", []*Shape{even(1000), even(100)}, 5, 3e6, 1000, 1010},
		{"no rows share keys", []*Shape{even(-1), even(40)}, 3e6, 3e6, 3e6, 3e6},
		{"skewed", []*Shape{{Distinct: 1000}, {Distinct: 11, Frequencies: []float64{0.9}}}, 1500, 3e6, 4000, 6000},
		{"both in the order of the rows", []*Shape{{Distinct: 1000, Correlation: 1}, {Distinct: 900, Correlation: -1}}, 1000, 3e6, 3e6, 3e6},
		{"NULL is a value", []*Shape{even(1000), {Distinct: 1, NullFraction: 0.5}}, 1500, 3e6, 1990, 2010},
	} {
		if n, independent := draws(c.shapes, c.wanted, c.rows); n < c.least || n > c.most {
			t.Errorf("%s: %.0f draws for %.0f combinations of %.0f, want %.0f to %.0f", c.name, n, c.wanted, independent, c.least, c.most)
		}
	}
}

// TestOrderOfFewValues has the server's correlation of few values with and without order.
func TestOrderOfFewValues(t *testing.T) {
	for _, c := range []struct {
		frequencies       []float64
		d                 int64
		correlation, want float64
		reverse           bool
	}{
		{[]float64{0.6, 0.25}, 42, 0.4225, 0, true}, // 0.36 + 0.0625 of no order at all
		{[]float64{0.6, 0.25}, 42, 1, 1, false},
		{nil, 1000, 0.5, 0.5, false}, {nil, 1000, -1, 1, true}, {nil, 2, 0.5, 0, false}, {nil, 2, -0.5, 1, true},
		{nil, 1, 1, 0, false},
	} {
		p := newPicker(100_000, c.d, c.correlation, 7)
		p.weigh(c.frequencies)
		if math.Abs(p.stay-c.want) > 0.01 || c.want > 0.01 && p.reverse != c.reverse {
			t.Errorf("%v, %d values, correlation %v: %.3f stand in order, reverse %v, want %.3f, %v", c.frequencies, c.d, c.correlation, p.stay, p.reverse, c.want, c.reverse)
		}
	}
}

func TestReadDistinct(t *testing.T) {
	names := map[string]string{"1": "a", "2": "b", "4": "c"}
	for text, want := range map[string]string{
		`{"1, 2": 33, "1, 4": 44}`:        "[{[a b] 33 extended statistics} {[a c] 44 extended statistics}]",
		`{"1, 2, 4": 9, "1, -1": 7}`:      "[{[a b c] 9 extended statistics}]",
		`{"1, 3": 8}`:                     "[]",
		`{}`:                              "[]",
		`{"2": 8, "": 1, "1, 2": 0}`:      "[]",
		`not what the server writes`:      "[]",
		`{"1, 2": "33"}`:                  "[]",
		`{"1, 2, 2147483648": 5, "4": 1}`: "[]",
	} {
		if got := fmt.Sprint(readDistinct(text, names)); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestDistinctOf(t *testing.T) {
	for _, c := range []struct{ n, d, f1, rows, want float64 }{
		{0, 0, 0, 100, 100}, {100, 100, 100, 1e6, 1e6}, {100, 5, 0, 1e6, 5}, {100, 40, 10, 100, 40}, {30000, 20000, 15000, 3e6, 39604},
	} {
		if got := distinctOf(c.n, c.d, c.f1, c.rows); math.Abs(got-c.want) > 1 {
			t.Errorf("%+v: %.0f", c, got)
		}
	}
}
