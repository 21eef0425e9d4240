package postgres_test

import (
	"math/bits"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/portable"
)

// sameHash compares the portable hash that the server computes with that of the cells it sent.
func (b *bench) sameHash(t *testing.T, s dialect.Session, r *dialect.Relation, rows [][]byte) {
	t.Helper()
	form := r.Columns[0].Form
	portably := b.d.HashesPortably(r)
	if portably != form.Portable() {
		t.Errorf("%s: HashesPortably is %v", form, portably)
	}
	if !portably {
		return
	}
	want := dialect.Fingerprint{Rows: int64(len(rows))}
	var h portable.Hasher
	for _, cells := range rows {
		sum, err := h.Row(cells)
		if err != nil {
			t.Fatal(err)
		}
		want.Lo += sum
		if want.Lo < sum {
			want.Hi++
		}
	}
	got := fingerprints(t, s, r, dialect.Portable, dialect.Range{})
	if got[0] != want {
		t.Errorf("%s: the server's portable fingerprint is %+v, that of its rows %+v", form, got[0], want)
	}
	if err := s.GenerateHash(t.Context(), r, dialect.Portable, 5); err != nil {
		t.Errorf("%s: %v", form, err)
	}
}

func fingerprints(t testing.TB, s dialect.Session, r *dialect.Relation, h dialect.Hash, ranges ...dialect.Range) []dialect.Fingerprint {
	t.Helper()
	out := make([]dialect.Fingerprint, len(ranges))
	calls := 0
	err := s.Fingerprints(t.Context(), r, h, ranges, func(i int, f dialect.Fingerprint) error {
		out[i] = f
		calls++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if calls != len(ranges) {
		t.Fatalf("%d of %d ranges", calls, len(ranges))
	}
	return out
}

// TestNativeHash: equal rows have equal sums, and what the server's own function would pass over does not.
func TestNativeHash(t *testing.T) {
	b := newBench(t, kinds,
		`create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
		`create table a (id int primary key, n numeric, t text, c char(4), f float8)`,
		`create table swapped (like a including all)`, `create table same (like a including all)`,
		`insert into a values (1, 1.0, 'x', 'a', 0), (2, 2, 'y', null, 'NaN'), (3, 'Infinity', '', 'b', '-0')`,
		`insert into same values (3, 'Infinity', '', 'b', 0), (1, 1.00, 'x', 'a  ', '-0'), (2, 2, 'y', null, 'NaN')`,
		`insert into swapped values (1, 1.0, 'y', 'a', 0), (2, 2, 'x', null, 'NaN'), (3, 'Infinity', '', 'b', '-0')`,
		`create table refused (id int primary key, j jsonb, k json, arr int[], i interval, m mood, b bit(3), p money, l text collate loose, ts tsvector, x varchar)`)
	s := b.session()
	var sums []dialect.Fingerprint
	identity := ""
	for _, name := range []string{"a", "same", "swapped"} {
		r := b.relation(name, "id")
		id, ok, err := b.d.NativeHash(t.Context(), r)
		if err != nil || !ok {
			t.Fatalf("%s: %v %v", name, ok, err)
		}
		if identity != "" && id != identity {
			t.Errorf("two identities of tables of the same columns: %s and %s", identity, id)
		}
		identity = id
		sums = append(sums, fingerprints(t, s, r, dialect.Native, dialect.Range{})[0])
	}
	if sums[0] != sums[1] {
		t.Errorf("equal rows: %+v and %+v", sums[0], sums[1])
	}
	if sums[0] == sums[2] {
		t.Error("two rows that swapped a value have the sum that they had before")
	}
	refused := b.relation("refused", "id")
	for _, f := range refused.Columns {
		r := &dialect.Relation{Table: refused.Table, Key: refused.Key, Columns: []dialect.Field{f}}
		if _, ok, err := b.d.NativeHash(t.Context(), r); err != nil || ok != (f.Column.Name == "x") {
			t.Errorf("%s %s: %v %v", f.Column.Name, f.Column.Type, ok, err)
		}
	}
	if b.value(`select (jsonb_hash_extended('[1]', 0) = jsonb_hash_extended('[[[1]]]', 0))::text`) != "true" {
		t.Error("jsonb's hash tells nesting apart on this server: it could be used")
	}
	refused.Columns = refused.Columns[len(refused.Columns)-1:]
	refused.Columns[0].Form = dialect.TextTrimmed
	if _, ok, err := b.d.NativeHash(t.Context(), refused); err != nil || ok {
		t.Errorf("text read without its blanks at the end: %v %v", ok, err)
	}
	if err := s.GenerateHash(t.Context(), b.relation("a", "id"), dialect.Native, 10); err != nil {
		t.Error(err)
	}
}

// TestFingerprintsOfOneColumn: ranges that are looked up by a lateral join hold what their rows hash to.
func TestFingerprintsOfOneColumn(t *testing.T) {
	b := newBench(t, `create table t (k numeric unique, v text)`, `insert into t select i / 4.0, nullif('v' || i, 'v7') from generate_series(-2000, 2000) i`, `insert into t values (null, 'x'), ('NaN', 'y')`, `analyze t`)
	s := b.session()
	r := b.relation("t", "k")
	r.Where = "v is distinct from 'v9'"
	borders, err := s.Bounds(t.Context(), r, dialect.Range{}, 100, true)
	if err != nil || len(borders) < 30 {
		t.Fatalf("%d borders, %v", len(borders), err)
	}
	var h portable.Hasher
	for i, got := range fingerprints(t, s, r, dialect.Portable, between(borders)...) {
		var want dialect.Fingerprint
		err := s.Stream(t.Context(), r, between(borders)[i], func(cells []byte, _ int) error {
			sum, err := h.Row(cells)
			want = plus(want, dialect.Fingerprint{Rows: 1, Lo: sum})
			return err
		})
		if err != nil || got != want {
			t.Errorf("range %d: %+v, its rows %+v, %v", i, got, want, err)
		}
	}
}

// TestFingerprintsOfRanges: the parts of a table sum up to the whole, in more ranges than one statement takes.
func TestFingerprintsOfRanges(t *testing.T) {
	b := newBench(t, `create table t (a int, b text, v int)`,
		`insert into t select i / 10, 'k' || i % 10, i from generate_series(1, 4000) i`, `insert into t values (null, 'x', 1), (5, null, 2)`,
		`create unique index on t (a, b)`, `analyze t`)
	s := b.session()
	r := b.relation("t", "a", "b")
	borders, err := s.Bounds(t.Context(), r, dialect.Range{}, 10, true)
	if err != nil || len(borders) < 300 {
		t.Fatalf("%d borders, %v", len(borders), err)
	}
	ranges := append(between(borders), dialect.Range{Null: true})
	for _, h := range []dialect.Hash{dialect.Native, dialect.Portable} {
		parts := fingerprints(t, s, r, h, ranges...)
		whole := fingerprints(t, s, r, h, dialect.Range{})[0]
		var sum dialect.Fingerprint
		for i, f := range parts[:len(parts)-1] {
			if f.Rows > 20 {
				t.Errorf("range %d has %d rows", i, f.Rows)
			}
			sum = plus(sum, f)
		}
		if sum != whole || whole.Rows != 4000 || parts[len(parts)-1].Rows != 2 {
			t.Errorf("hash %d: parts %+v, whole %+v, NULL %+v", h, sum, whole, parts[len(parts)-1])
		}
	}
}

func plus(a, b dialect.Fingerprint) dialect.Fingerprint {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	hi, _ := bits.Add64(a.Hi, b.Hi, carry)
	return dialect.Fingerprint{Rows: a.Rows + b.Rows, Hi: hi, Lo: lo}
}

func between(borders []dialect.Key) []dialect.Range {
	var out []dialect.Range
	var lo dialect.Key
	for _, k := range borders {
		out = append(out, dialect.Range{Lo: lo, Hi: k})
		lo = k
	}
	return append(out, dialect.Range{Lo: lo})
}
