package fn_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn"
)

// sheet is a workbook of one sheet of dense columns, which counts what is read and what is built. It keeps what Cached
// is given as long as no cell of the areas is set.
type sheet struct {
	strings *cell.Strings
	columns [][]cell.Box
	cache   map[any]kept
	grown   map[any]any
	settled bool // Reach widens

	mu     sync.Mutex // of cache and builds
	builds int
	read   atomic.Int64 // cells
}

type kept struct {
	areas []cell.Area
	value any
}

func newSheet(columns ...[]cell.Value) *sheet {
	s := &sheet{strings: cell.NewStrings(), cache: map[any]kept{}, grown: map[any]any{}, settled: true}
	for _, values := range columns {
		boxes := make([]cell.Box, len(values))
		for i, v := range values {
			boxes[i] = s.strings.Box(v)
		}
		s.columns = append(s.columns, boxes)
	}
	return s
}

// call calls a function by its body.
func (s *sheet) call(name string, args ...cell.Value) cell.Value {
	return fn.Lookup(name).Body(&fn.Call{Env: s, Args: args})
}

// rows is a reference to rows first to last, counted from 0, of columns from c0 to c1.
func rows(c0, c1, first, last int) cell.Value {
	return cell.RefTo(cell.Area{R0: int32(first), C0: int32(c0), R1: int32(last), C1: int32(c1)})
}

func (s *sheet) set(row, col int, v cell.Value) {
	s.columns[col][row] = s.strings.Box(v)
	clear(s.grown)
	for key, k := range s.cache {
		for _, a := range k.areas {
			if a.Contains(0, int32(row), int32(col)) {
				delete(s.cache, key)
			}
		}
	}
}

func (s *sheet) box(row, col int32) cell.Box {
	if int(col) < len(s.columns) && int(row) < len(s.columns[col]) {
		return s.columns[col][row]
	}
	return cell.BoxEmpty()
}

func (s *sheet) Cell(_, row, col int32) cell.Value {
	s.read.Add(1)
	return s.strings.Value(s.box(row, col))
}

func (s *sheet) Clip(a cell.Area) (cell.Area, bool) {
	rows := int32(0)
	for _, c := range s.columns {
		rows = max(rows, int32(len(c)))
	}
	a.R1, a.C1 = min(a.R1, rows-1), min(a.C1, int32(len(s.columns)-1))
	return a, a.R0 <= a.R1 && a.C0 <= a.C1
}

func (s *sheet) Used() (rows, cols int32) {
	for _, c := range s.columns {
		rows = max(rows, int32(len(c)))
	}
	return rows, int32(len(s.columns))
}

func (s *sheet) Boxes(a cell.Area, f func(row, col int32, run []cell.Box) bool) {
	run := make([]cell.Box, 0, 512)
	for c := a.C0; c <= a.C1; c++ {
		for r := a.R0; r <= a.R1; r += 512 {
			run = run[:0]
			for i := r; i <= min(r+511, a.R1); i++ {
				run = append(run, s.box(i, c))
			}
			s.read.Add(int64(len(run)))
			if !f(r, c, run) {
				return
			}
		}
	}
}

func (s *sheet) Cached(key any, areas []cell.Area, build func() any) any {
	s.mu.Lock()
	k, ok := s.cache[key]
	s.mu.Unlock()
	if ok {
		return k.value
	}
	v := build()
	s.mu.Lock()
	defer s.mu.Unlock()
	if k, ok := s.cache[key]; ok {
		return k.value
	}
	s.builds++
	s.cache[key] = kept{append([]cell.Area(nil), areas...), v}
	return v
}

func (s *sheet) Growing(key any, build func() any) any {
	if s.settled {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.grown[key] == nil {
		s.grown[key] = build()
	}
	return s.grown[key]
}

// Poll implements [fn.Env].
func (s *sheet) Poll() {}

func (s *sheet) Reach(a cell.Area) cell.Area {
	if used, _ := s.Clip(cell.Area{R1: cell.MaxRows - 1, C1: cell.MaxCols - 1}); s.settled {
		a.R0, a.R1 = 0, max(a.R1, used.R1)
	}
	return a
}

func (s *sheet) Strings() *cell.Strings                         { return s.strings }
func (s *sheet) Dates() cell.Dates                              { return cell.Dates1900 }
func (s *sheet) Now() float64                                   { return 0 }
func (s *sheet) Rand() float64                                  { return 0 }
func (s *sheet) Here() (sheet, row, col int32)                  { return 0, 0, 0 }
func (s *sheet) Apply(cell.Value, ...cell.Value) cell.Value     { return cell.Err(cell.ErrValue) }
func (s *sheet) Reference(string, bool) cell.Value              { return cell.Err(cell.ErrRef) }
func (s *sheet) Summary(cell.Area) fn.Summary                   { return fn.Summary{} }
func (s *sheet) Formula(int32, int32, int32) (string, bool)     { return "", false }
func (s *sheet) NumberFormat(int32, int32, int32) string        { return "General" }
func (s *sheet) Passed(cell.Area, bool, bool, bool) []cell.Area { return nil }
func (s *sheet) SummaryBut(cell.Area, []cell.Area) fn.Summary   { return fn.Summary{} }
func (s *sheet) SheetName(int32) string                         { return "Sheet1" }
func (s *sheet) SheetIndex(string) (int32, bool)                { return 0, true }
func (s *sheet) SheetCount() int                                { return 1 }

// numbers is a column of n numbers.
func numbers(n int, f func(i int) float64) []cell.Value {
	out := make([]cell.Value, n)
	for i := range out {
		out[i] = cell.Num(f(i))
	}
	return out
}

// shuffled is the numbers from 0 to below n in an order without pattern: n must be no multiple of 7919.
func shuffled(n int) func(i int) float64 {
	return func(i int) float64 { return float64(i * 7919 % n) }
}

// lookupWork is the work that must not grow faster than the size n.
var lookupWork = []struct {
	name string
	make func(n int) *sheet
	run  func(s *sheet, n int, check func(i int, got cell.Value, want float64))
}{
	{
		"VLOOKUP exact", func(n int) *sheet {
			return newSheet(numbers(n, shuffled(n)), numbers(n, func(i int) float64 { return float64(i) }))
		},
		func(s *sheet, n int, check func(int, cell.Value, float64)) {
			table := rows(0, 1, 0, n-1)
			for i := range n {
				check(i, s.call("VLOOKUP", s.strings.Value(s.columns[0][i]), table, cell.Num(2), cell.Truth(false)), float64(i))
			}
		},
	},
	{
		"growing COUNTIF", func(n int) *sheet { return newSheet(numbers(n, func(i int) float64 { return float64(i % (n / 4)) })) },
		func(s *sheet, n int, check func(int, cell.Value, float64)) {
			for i := range n {
				check(i, s.call("COUNTIF", rows(0, 0, 0, i), s.strings.Value(s.columns[0][i])), float64(i/(n/4)+1))
			}
		},
	},
	{
		"growing rank by COUNTIF", func(n int) *sheet { return newSheet(numbers(n, func(i int) float64 { return float64(i) })) },
		func(s *sheet, n int, check func(int, cell.Value, float64)) {
			for i := range n {
				check(i, s.call("COUNTIF", rows(0, 0, 0, i), cell.Str("<"+cell.FormatGeneral(float64(i)))), float64(i))
			}
		},
	},
	{
		"growing SUMIF", func(n int) *sheet {
			return newSheet(numbers(n, func(i int) float64 { return float64(i % 3) }), numbers(n, func(int) float64 { return 2 }))
		},
		func(s *sheet, n int, check func(int, cell.Value, float64)) {
			for i := range n {
				check(i, s.call("SUMIF", rows(0, 0, 0, i), cell.Num(float64(i%3)), rows(1, 1, 0, i)), float64(2*(i/3+1)))
			}
		},
	},
	{
		"SUMIFS of two columns, one formula for a hundred rows", func(n int) *sheet {
			return newSheet(numbers(n, func(i int) float64 { return float64(i % 10) }), numbers(n, func(i int) float64 { return float64(i / 10 % 100) }), numbers(n, func(int) float64 { return 1 }))
		},
		func(s *sheet, n int, check func(int, cell.Value, float64)) {
			for i := range n / 100 {
				check(i, s.call("SUMIFS", rows(2, 2, 0, n-1), rows(0, 0, 0, n-1), cell.Num(float64(i%10)), rows(1, 1, 0, n-1), cell.Num(float64(i/10%100))), float64(n/1000))
			}
		},
	},
	{
		"growing SUMIFS of a constant bound", func(n int) *sheet {
			return newSheet(numbers(n, func(i int) float64 { return float64(i%5 - 2) }), numbers(n, func(i int) float64 { return float64(i % 2) }))
		},
		func(s *sheet, n int, check func(int, cell.Value, float64)) {
			for i := range n {
				want := float64(2 * (i / 10))
				for j := i / 10 * 10; j <= i; j++ {
					if j%5-2 > 0 && j%2 > 0 {
						want++
					}
				}
				check(i, s.call("SUMIFS", rows(1, 1, 0, i), rows(0, 0, 0, i), cell.Str(">0"), rows(1, 1, 0, i), cell.Str("<>0")), want)
			}
		},
	},
	{
		"SUMIFS between two bounds", func(n int) *sheet {
			return newSheet(numbers(n, shuffled(n)), numbers(n, func(i int) float64 { return 1 }))
		},
		func(s *sheet, n int, check func(int, cell.Value, float64)) {
			for i := range n / 20 {
				check(i, s.call("SUMIFS", rows(1, 1, 0, n-1), rows(0, 0, 0, n-1), cell.Str(">="+cell.FormatGeneral(float64(20*i))),
					rows(0, 0, 0, n-1), cell.Str("<"+cell.FormatGeneral(float64(20*i+20)))), 20)
			}
		},
	},
	{
		"VLOOKUP of patterns", func(n int) *sheet {
			texts := make([]cell.Value, n)
			for i := range texts {
				texts[i] = cell.Str("Key" + cell.FormatGeneral(shuffled(n)(i)) + " of many")
			}
			return newSheet(texts, numbers(n, func(i int) float64 { return float64(i) }))
		},
		func(s *sheet, n int, check func(int, cell.Value, float64)) {
			for i := range n {
				check(i, s.call("VLOOKUP", cell.Str("kEY"+cell.FormatGeneral(shuffled(n)(i))+" *"), rows(0, 1, 0, n-1), cell.Num(2), cell.Truth(false)), float64(i))
			}
		},
	},
	{
		"MATCH approximate", func(n int) *sheet { return newSheet(numbers(n, func(i int) float64 { return float64(2 * i) })) },
		func(s *sheet, n int, check func(int, cell.Value, float64)) {
			for i := range n {
				check(i, s.call("MATCH", cell.Num(float64(2*i+1)), rows(0, 0, 0, n-1), cell.Num(1)), float64(i+1))
			}
		},
	},
	{
		"XMATCH next smaller", func(n int) *sheet { return newSheet(numbers(n, func(i int) float64 { return 2 * shuffled(n)(i) })) },
		func(s *sheet, n int, check func(int, cell.Value, float64)) {
			for i := range n {
				check(i, s.call("XMATCH", cell.Num(2*shuffled(n)(i)+1), rows(0, 0, 0, n-1), cell.Num(-1)), float64(i+1))
			}
		},
	},
}

// TestLookupReads holds that the cells read, in all the calls together, are a few times those that there are, and the
// binary probes.
func TestLookupReads(t *testing.T) {
	for _, w := range lookupWork {
		const n = 20000
		s := w.make(n)
		wrong := 0
		w.run(s, n, func(i int, got cell.Value, want float64) {
			if got != cell.Num(want) {
				if wrong++; wrong < 4 {
					t.Errorf("%s: call %d is %v, want %v", w.name, i, got, want)
				}
			}
		})
		if most, read := int64(20*n*len(s.columns)), s.read.Load(); read > most {
			t.Errorf("%s read %d cells, more than %d", w.name, read, most)
		}
		if s.builds > 10 {
			t.Errorf("%s built %d things", w.name, s.builds)
		}
	}
}

// TestLookupsTogether holds that several goroutines may search the same columns.
func TestLookupsTogether(t *testing.T) {
	for _, w := range lookupWork {
		const n = 2000
		s := w.make(n)
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				w.run(s, n, func(i int, got cell.Value, want float64) {
					if got != cell.Num(want) {
						t.Errorf("%s: call %d is %v, want %v", w.name, i, got, want)
					}
				})
			})
		}
		wait.Wait()
	}
}

// BenchmarkLookups shows the time for one size and its doubles.
func BenchmarkLookups(b *testing.B) {
	for _, w := range lookupWork {
		for _, n := range []int{20000, 40000, 80000, 160000} {
			b.Run(w.name+"/"+cell.FormatGeneral(float64(n)), func(b *testing.B) {
				for range b.N {
					b.StopTimer()
					s := w.make(n)
					b.StartTimer()
					w.run(s, n, func(int, cell.Value, float64) {})
				}
			})
		}
	}
}
