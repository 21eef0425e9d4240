package scale

import (
	"fmt"
	"math"
	"slices"
	"testing"

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
	placeRows = 120_000
	placeFill = `insert into place select i, case when c %% 10 > 0 then 'region ' || (c %% 400) %% 23 end, 'city ' || c, h %% 3000, (i / 40 + h %% 7),
 date '2020-01-01' + (i / 120)::int, case when i %% 3 = 0 then (i / 1000)::int end, (h %% 3000 * 31 + (h >> 20) %% 3) %% 4001
 from (select i, abs(hashint8(i)::bigint) h, least(abs(hashint8(i * 7)::bigint) %% 2000, abs(hashint8(i * 11)::bigint) %% 4000) c from generate_series(1, %d::bigint) i) x`
)

// placeKeys are the pairs whose number of combinations independent columns would miss.
var placeKeys = [][2]string{{"region", "city"}, {"shop", "free"}, {"customer", "day"}, {"zone", "id"}}

// TestDependentColumnsComeBack makes rows from what the server knows of dependent columns and compares the
// numbers of keys and the sizes of indexes built on them.
func TestDependentColumnsComeBack(t *testing.T) {
	server := testserver.PostgresFor(t, "autovacuum=off")
	admin := connect(t, server, "postgres")
	execute(t, admin, "create database source")
	source := connect(t, server, "source")
	execute(t, source, placeSchema, fmt.Sprintf(placeFill, placeRows), "reindex table place", "vacuum analyze")
	sampled, err := Read(t.Context(), source, Options{Sample: true})
	if err != nil {
		t.Fatal(err)
	}
	bound, err := Read(t.Context(), source, Options{})
	if err != nil {
		t.Fatal(err)
	}
	execute(t, source, "create statistics place_s1 (ndistinct) on region, city from place", "create statistics place_s2 (ndistinct) on free, shop from place",
		"create statistics place_s3 (ndistinct) on customer, day from place", "analyze place")
	extended, err := Read(t.Context(), source, Options{Sample: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		known    *Statistics
		source   JointSource
		factor   float64
		distinct float64 // by how much the numbers may differ
	}{{"sample", sampled, Sampled, 1, 1.35}, {"extended", extended, Extended, 1, 1.35}, {"size", bound, IndexSize, 1, 1.6}, {"fewer", sampled, Sampled, 0.4, 1.35}} {
		t.Run(c.name, func(t *testing.T) {
			for _, columns := range placeKeys[:3] {
				i := slices.IndexFunc(c.known.Table("place").Joint, func(j Joint) bool {
					return slices.Contains(j.Columns, columns[0]) && slices.Contains(j.Columns, columns[1])
				})
				if i < 0 && c.source == IndexSize {
					continue
				}
				if i < 0 || c.known.Table("place").Joint[i].Source != c.source {
					t.Errorf("of %v is known: %+v", columns, c.known.Table("place").Joint)
				}
			}
			execute(t, admin, "create database "+c.name+" template template0")
			conn := connect(t, server, c.name)
			execute(t, conn, placeSchema)
			fill(t, conn, c.known, c.factor, 3)
			execute(t, conn, "reindex table place")
			part := " from (select * from place where hashint8(id) % 1000 / 1000.0 between -1 and 1) x"
			for i, index := range []string{"place_city", "place_shop", "place_day", "place_zone"} {
				query := fmt.Sprintf("select count(distinct (%s, %s))%s", placeKeys[i][0], placeKeys[i][1], part)
				got, want := float64(number(t, conn, query)), float64(number(t, source, query))
				size := fmt.Sprintf("select pg_relation_size('%s')", index)
				bytes, original := float64(number(t, conn, size)), float64(number(t, source, size))*c.factor
				t.Logf("%s: %.0f keys of %.0f, %.0f bytes of %.0f", index, got, want, bytes, original)
				if want > growing*placeRows {
					want *= c.factor
				}
				if r := max(got/want, want/got); r > c.distinct && (c.source != IndexSize || got < want) {
					t.Errorf("%s has %.0f keys, want %.0f", index, got, want)
				}
				if math.Abs(bytes/original-1) > 0.15 {
					t.Errorf("%s has %.0f bytes, want %.0f", index, bytes, original)
				}
			}
			got, err := Read(t.Context(), conn, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, column := range c.known.Table("place").Columns {
				if want := column.Shape; math.Abs(got.Table("place").Column(column.Name).Shape.Correlation-want.Correlation) > 0.1 {
					t.Errorf("%s: correlation %.2f, want %.2f", column.Name, got.Table("place").Column(column.Name).Shape.Correlation, want.Correlation)
				}
				compareShapes(t, column.Name, column, got.Table("place").Column(column.Name).Shape, c.factor*placeRows/sourceRows)
			}
		})
	}
}
