package datadiff

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// rowOf builds the cells of a row of one integer key and one text.
func rowOf(key int64, value string) (cells []byte, keyLen int) {
	cells = canon.AppendInt(nil, key)
	return canon.AppendText(cells, value), len(cells)
}

// collected writes down what a comparison found, as sorted lines.
type collected struct{ lines []string }

func (c *collected) changed(a, b []byte, key int) error {
	if !bytes.Equal(a[:key], b[:key]) {
		return fmt.Errorf("changed rows of two keys")
	}
	c.lines = append(c.lines, "changed "+show(a)+" -> "+show(b))
	return nil
}

func (c *collected) alone(side int, cells []byte, key int) error {
	c.lines = append(c.lines, []string{"only A ", "only B "}[side]+show(cells))
	return nil
}

func show(row []byte) string {
	cells, err := Cells(row)
	if err != nil {
		return err.Error()
	}
	s := ""
	for i, c := range cells {
		if i > 0 {
			s += ":"
		}
		s += canon.Format(c)
	}
	return s
}

type testRow struct {
	key   int64
	value string
}

func batchOf(t *testing.T, rows []testRow) *batch {
	t.Helper()
	b := &batch{maxRows: 1 << 20, maxBytes: 1 << 30}
	for _, r := range rows {
		cells, key := rowOf(r.key, r.value)
		if err := b.add(cells, key); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func TestMatch(t *testing.T) {
	for name, c := range map[string]struct {
		a, b   []testRow
		unique bool
		want   []string
	}{
		"equal":             {[]testRow{{1, "x"}, {2, "y"}}, []testRow{{1, "x"}, {2, "y"}}, true, nil},
		"another order":     {[]testRow{{1, "x"}, {2, "y"}, {3, "z"}}, []testRow{{3, "z"}, {1, "x"}, {2, "y"}}, true, nil},
		"changed":           {[]testRow{{1, "x"}, {2, "y"}}, []testRow{{1, "x"}, {2, "Y"}}, true, []string{"changed 2:y -> 2:Y"}},
		"changed elsewhere": {[]testRow{{1, "x"}, {2, "y"}}, []testRow{{2, "Y"}, {1, "x"}}, true, []string{"changed 2:y -> 2:Y"}},
		"added in between":  {[]testRow{{1, "x"}, {3, "z"}}, []testRow{{1, "x"}, {2, "y"}, {3, "z"}}, true, []string{"only B 2:y"}},
		"lost at the end":   {[]testRow{{1, "x"}, {2, "y"}}, []testRow{{1, "x"}}, true, []string{"only A 2:y"}},
		"empty against full": {nil, []testRow{{1, "x"}, {2, "y"}}, true,
			[]string{"only B 1:x", "only B 2:y"}},
		"duplicates in another order are equal": {[]testRow{{1, "a"}, {1, "b"}}, []testRow{{1, "b"}, {1, "a"}}, false, nil},
		"one duplicate too many":                {[]testRow{{1, "a"}, {1, "a"}}, []testRow{{1, "a"}}, false, []string{"only A 1:a"}},
		"duplicates: equal ones cancel first":   {[]testRow{{1, "a"}, {1, "b"}}, []testRow{{1, "c"}, {1, "a"}}, false, []string{"changed 1:b -> 1:c"}},
		"a pair of extra rows does not cancel":  {[]testRow{{5, "q"}}, []testRow{{5, "q"}, {9, "z"}, {9, "z"}}, false, []string{"only B 9:z", "only B 9:z"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := matcher{unique: c.unique}
			var got collected
			if err := m.match(batchOf(t, c.a), batchOf(t, c.b), &got); err != nil {
				t.Fatal(err)
			}
			slices.Sort(got.lines)
			if !slices.Equal(got.lines, c.want) {
				t.Errorf("got %q, want %q", got.lines, c.want)
			}
		})
	}
}

// randomTables makes two tables that differ in a few rows, in any order, with duplicates when asked for.
func randomTables(r *rand.Rand, n int, duplicates, shuffled bool) (a, b []testRow) {
	for i := range n {
		key := int64(i)
		if duplicates {
			key = int64(r.IntN(n/3 + 1))
		}
		a = append(a, testRow{key, fmt.Sprint("v", r.IntN(4))})
	}
	b = slices.Clone(a)
	for range r.IntN(8) {
		switch r.IntN(3) {
		case 0:
			if len(b) > 0 {
				b = slices.Delete(b, 0, 1+r.IntN(min(3, len(b))))
			}
		case 1:
			if len(b) > 0 {
				b[r.IntN(len(b))].value = "changed"
			}
		case 2:
			b = slices.Insert(b, r.IntN(len(b)+1), testRow{int64(n + len(b)), "new"})
		}
	}
	if shuffled {
		r.Shuffle(len(b), func(i, j int) { b[i], b[j] = b[j], b[i] })
	}
	return a, b
}

// expected computes the answer by counting: the reference against which both matchers are tested.
func expected(a, b []testRow) (changed, onlyA, onlyB int) {
	type side struct{ a, b map[string]int }
	byKey := map[int64]*side{}
	at := func(k int64) *side {
		if byKey[k] == nil {
			byKey[k] = &side{map[string]int{}, map[string]int{}}
		}
		return byKey[k]
	}
	for _, r := range a {
		at(r.key).a[r.value]++
	}
	for _, r := range b {
		at(r.key).b[r.value]++
	}
	for _, s := range byKey {
		na, nb := 0, 0
		for v, n := range s.a {
			na += max(0, n-s.b[v])
		}
		for v, n := range s.b {
			nb += max(0, n-s.a[v])
		}
		changed += min(na, nb)
		onlyA += na - min(na, nb)
		onlyB += nb - min(na, nb)
	}
	return changed, onlyA, onlyB
}

func (c *collected) counts() (changed, onlyA, onlyB int) {
	for _, l := range c.lines {
		switch l[:6] {
		case "change":
			changed++
		case "only A":
			onlyA++
		default:
			onlyB++
		}
	}
	return changed, onlyA, onlyB
}

func TestMatchersAgreeWithCounting(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 1500 {
		duplicates, shuffled := i%2 == 1, i%3 == 0
		a, b := randomTables(r, r.IntN(60), duplicates, shuffled)
		wantChanged, wantA, wantB := expected(a, b)
		check := func(name string, got *collected) {
			t.Helper()
			if c, oa, ob := got.counts(); c != wantChanged || oa != wantA || ob != wantB {
				t.Fatalf("%s: changed %d, only A %d, only B %d; want %d, %d, %d\nA %v\nB %v\n%q", name, c, oa, ob, wantChanged, wantA, wantB, a, b, got.lines)
			}
		}
		var inRange collected
		m := matcher{unique: !duplicates}
		if err := m.match(batchOf(t, a), batchOf(t, b), &inRange); err != nil {
			t.Fatal(err)
		}
		check("batches", &inRange)
		budgets := []int{1 << 20}
		if i%15 == 0 { // spilled again and again: many files
			budgets = append(budgets, 500)
		}
		for _, budget := range budgets {
			o := newOrphans(budget, t.TempDir())
			for side, rows := range [][]testRow{a, b} {
				for _, row := range rows {
					cells, key := rowOf(row.key, row.value)
					if err := o.add(side, cells, key); err != nil {
						t.Fatal(err)
					}
				}
			}
			var got collected
			if err := o.each(&got); err != nil {
				t.Fatal(err)
			}
			if err := o.Close(); err != nil {
				t.Fatal(err)
			}
			check(fmt.Sprintf("orphans with %d bytes", budget), &got)
		}
	}
}

func TestOrphansWithoutRoomOnDisk(t *testing.T) {
	o := newOrphans(100, "/nonexistent/folder")
	var err error
	for i := 0; i < 100 && err == nil; i++ {
		cells, key := rowOf(int64(i), "v")
		err = o.add(0, cells, key)
	}
	if err == nil {
		t.Fatal("rows beyond the budget went nowhere, without an error")
	}
}

func TestLongCellsAreKeptAsHashes(t *testing.T) {
	long := func(last byte) []testRow {
		v := bytes.Repeat([]byte("x"), 1<<20)
		v[len(v)-1] = last
		return []testRow{{1, string(v)}}
	}
	a, b := batchOf(t, long('x')), batchOf(t, long('y'))
	if len(a.data) > 1000 {
		t.Errorf("a row of 1 MiB keeps %d bytes", len(a.data))
	}
	var same, other collected
	m := matcher{unique: true}
	if err := m.match(a, batchOf(t, long('x')), &same); err != nil || len(same.lines) > 0 {
		t.Errorf("equal long rows: %v, %v", same.lines, err)
	}
	if err := m.match(a, b, &other); err != nil || len(other.lines) != 1 {
		t.Errorf("long rows that differ in the last byte: %v, %v", other.lines, err)
	}
}

func BenchmarkMatch(b *testing.B) {
	const n = 50_000
	rows := make([]testRow, n)
	for i := range rows {
		rows[i] = testRow{int64(i), "some value of a row"}
	}
	load := func(rows []testRow) *batch {
		out := &batch{maxRows: 1 << 20, maxBytes: 1 << 30}
		for _, r := range rows {
			cells, key := rowOf(r.key, r.value)
			if err := out.add(cells, key); err != nil {
				b.Fatal(err)
			}
		}
		return out
	}
	changed := slices.Clone(rows)
	for i := 0; i < n; i += 100 {
		changed[i].value = "another value"
	}
	shuffled := slices.Clone(rows)
	rand.New(rand.NewPCG(1, 1)).Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for name, other := range map[string][]testRow{"equal": rows, "one in a hundred changed": changed, "shuffled": shuffled} {
		b.Run(name, func(b *testing.B) {
			x, y := load(rows), load(other)
			m := matcher{unique: true}
			b.ReportAllocs()
			for b.Loop() {
				if err := m.match(x, y, nowhere{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
}

type nowhere struct{}

func (nowhere) changed(_, _ []byte, _ int) error   { return nil }
func (nowhere) alone(_ int, _ []byte, _ int) error { return nil }
