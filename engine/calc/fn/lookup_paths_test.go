package fn_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/criteria"
)

// any of a small number of values of every kind, so that there are many equal ones.
func anyValue(r *rand.Rand) cell.Value {
	switch r.IntN(12) {
	case 0:
		return cell.Value{}
	case 1:
		return cell.Str([]string{"a", "A", "b", "ab", "", "1", "2.5", "É", "é", "b*", "0.3"}[r.IntN(11)])
	case 2:
		return cell.Truth(r.IntN(2) == 0)
	case 3:
		return cell.Err([]cell.ErrorCode{cell.ErrNA, cell.ErrDiv}[r.IntN(2)])
	case 4: // equal in 15 digits, or nearly so
		near := []float64{0.3, 1, 2.5}[r.IntN(3)]
		return cell.Num(math.Float64frombits(math.Float64bits(near) + uint64(r.IntN(40)) - 20))
	}
	return cell.Num(float64(r.IntN(12)-3) / 2)
}

func anyCriterion(r *rand.Rand) cell.Value {
	if r.IntN(3) == 0 {
		return anyValue(r)
	}
	operators := []string{"", "=", "<>", "<", "<=", ">", ">="}
	operands := []string{"1", "0", "2.5", "a", "A*", "?", "*", "", "TRUE", "#N/A", "é", "b~*", "zz", "1.5", "0.3", "0.299999999999999", "1.00000000000001"}
	return cell.Str(operators[r.IntN(len(operators))] + operands[r.IntN(len(operands))])
}

func mixedSheet(r *rand.Rand, n int) *sheet {
	columns := make([][]cell.Value, 4)
	for i := range columns {
		columns[i] = make([]cell.Value, n)
		for j := range columns[i] {
			columns[i][j] = anyValue(r)
			if i == 1 && r.IntN(20) > 0 {
				columns[i][j] = cell.Num(float64(r.IntN(n)))
			}
			if i == 3 && columns[i][j].IsError() && r.IntN(50) > 0 {
				columns[i][j] = cell.Num(0.1 * float64(j))
			}
		}
	}
	return newSheet(columns...)
}

// TestCriteriaPaths holds that every way of finding cells, and every way of adding them up, gives the bits of the
// plain one: a loop over the cells that tests each value and adds from the top.
func TestCriteriaPaths(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 60 {
		n := []int{5, 40, 700}[round%3]
		s := mixedSheet(r, n)
		s.settled = round%5 != 0
		for try := range 60 {
			first := r.IntN(n)
			last := first + r.IntN(n-first)
			if try%3 == 0 {
				first = 0
			}
			shift := 0 // the values stand some rows off
			if try%4 == 0 {
				shift = r.IntN(3)
			}
			tests := 1 + r.IntN(3)
			values := rows(3, 3, first+shift, last+shift)
			var pairs []cell.Value
			var tested []criteria.Criterion
			var of []int // the column of each test
			for i := range tests {
				v := anyCriterion(r)
				column := i
				if try%2 == 0 { // bounds of one column
					column = 1
					v = cell.Str([]string{"<", "<=", ">", ">="}[r.IntN(4)] + cell.FormatGeneral(float64(r.IntN(n))))
					if i == 1 && r.IntN(3) == 0 {
						v, column = cell.Str("a"), 0
					}
				}
				pairs = append(pairs, rows(column, column, first, last), v)
				tested = append(tested, criteria.Parse(v, cell.Dates1900))
				of = append(of, column)
			}
			count, numbers, sum, least := 0, 0, 0.0, math.Inf(1)
			var failed cell.Value
			for row := first; row <= last; row++ {
				met := true
				for i := range tested {
					met = met && tested[i].Match(s.strings.Value(s.box(int32(row), int32(of[i]))))
				}
				if !met {
					continue
				}
				count++
				switch v := s.strings.Value(s.box(int32(row+shift), 3)); {
				case v.IsError() && !failed.IsError():
					failed = v
				case v.Kind() == cell.Number && !failed.IsError():
					numbers++
					sum += v.Float()
					least = math.Min(least, v.Float())
				}
			}
			average, smallest := cell.Err(cell.ErrDiv), cell.Num(0)
			if numbers > 0 {
				average, smallest = cell.Num(sum/float64(numbers)), cell.Num(least)
			}
			want := []cell.Value{cell.Num(float64(count)), cell.Num(sum), average, smallest}
			if failed.IsError() {
				want[1], want[2], want[3] = failed, failed, failed
			}
			for range 7 {
				got := []cell.Value{s.call("COUNTIFS", pairs...)}
				for _, name := range []string{"SUMIFS", "AVERAGEIFS", "MINIFS"} {
					got = append(got, s.call(name, append([]cell.Value{values}, pairs...)...))
				}
				for i := range want {
					if got[i] != want[i] {
						t.Fatalf("round %d, rows %d to %d, shift %d, %v: result %d is %v, want %v", round, first, last, shift, pairs, i, got[i], want[i])
					}
				}
			}
			if r.IntN(4) == 0 {
				s.set(r.IntN(n), r.IntN(4), anyValue(r))
			}
		}
	}
}

// TestGrowingPaths holds that counts and totals of areas that grow from call to call, and cannot be indexed, are those of a loop over the cells.
func TestGrowingPaths(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	for round := range 30 {
		const n = 400
		s := mixedSheet(r, n)
		s.settled = false
		tests, first := 1+round%3, r.IntN(3)
		column := func(i int) int { return []int{0, 2, 1}[i] }
		for last := first; last < n; last += []int{1, 1, 1, 1, 1, 1, 1, 2, 30, 70}[r.IntN(10)] {
			var pairs []cell.Value
			var tested []criteria.Criterion
			for i := range tests {
				v := s.strings.Value(s.box(int32(r.IntN(last+1)), int32(column(i))))
				if r.IntN(10) == 0 {
					v = anyCriterion(r)
				}
				pairs = append(pairs, rows(column(i), column(i), first, last), v)
				tested = append(tested, criteria.Parse(v, cell.Dates1900))
			}
			count, sum, most := 0, 0.0, math.Inf(-1)
			var failed cell.Value
			for row := first; row <= last; row++ {
				met := true
				for i := range tested {
					met = met && tested[i].Match(s.strings.Value(s.box(int32(row), int32(column(i)))))
				}
				if !met {
					continue
				}
				count++
				switch v := s.strings.Value(s.box(int32(row), 3)); {
				case v.IsError() && !failed.IsError():
					failed = v
				case v.Kind() == cell.Number && !failed.IsError():
					sum += v.Float()
					most = math.Max(most, v.Float())
				}
			}
			if math.IsInf(most, 0) {
				most = 0
			}
			want := []cell.Value{cell.Num(float64(count)), cell.Num(sum), cell.Num(most)}
			if failed.IsError() {
				want[1], want[2] = failed, failed
			}
			values := rows(3, 3, first, last)
			for i, got := range []cell.Value{s.call("COUNTIFS", pairs...), s.call("SUMIFS", append([]cell.Value{values}, pairs...)...), s.call("MAXIFS", append([]cell.Value{values}, pairs...)...)} {
				if got != want[i] {
					t.Fatalf("round %d, rows %d to %d, %v: result %d is %v, want %v", round, first, last, pairs, i, got, want[i])
				}
			}
			if r.IntN(100) == 0 {
				s.set(r.IntN(n), r.IntN(4), anyValue(r))
			}
		}
	}
}

// TestLookupPaths holds that searching by an index finds what searching the same values as an array does.
func TestLookupPaths(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for round := range 40 {
		n := []int{5, 60, 500}[round%3]
		s := mixedSheet(r, n)
		for try := range 60 {
			first := r.IntN(n)
			last := first + r.IntN(n-first)
			g := cell.NewGrid(last-first+1, 1)
			for i := range g.Cells {
				g.Cells[i] = s.strings.Value(s.box(int32(first+i), 0))
			}
			v := anyValue(r)
			if v.IsError() || v.Kind() == cell.Empty {
				v = cell.Str("A*")
			}
			for _, c := range []struct {
				name string
				rest []cell.Value
			}{
				{"MATCH", []cell.Value{cell.Num(0)}},
				{"MATCH", []cell.Value{cell.Num(1)}},
				{"MATCH", []cell.Value{cell.Num(-1)}},
				{"XMATCH", nil},
				{"XMATCH", []cell.Value{cell.Num(0), cell.Num(-1)}},
				{"XMATCH", []cell.Value{cell.Num(-1)}},
				{"XMATCH", []cell.Value{cell.Num(1), cell.Num(-1)}},
				{"XMATCH", []cell.Value{cell.Num(2), cell.Num(-1)}},
				{"XMATCH", []cell.Value{cell.Num(1), cell.Num(2)}},
			} {
				want := s.call(c.name, append([]cell.Value{v, cell.Arr(g)}, c.rest...)...)
				for range 7 {
					if got := s.call(c.name, append([]cell.Value{v, rows(0, 0, first, last)}, c.rest...)...); got != want {
						t.Fatalf("round %d, rows %d to %d: %s of %v with %v is %v, want %v", round, first, last, c.name, v, c.rest, got, want)
					}
				}
			}
			if try%10 == 9 {
				s.set(r.IntN(n), 0, anyValue(r))
			}
		}
	}
}

// TestTotalsOverflow holds that a sum beyond the greatest number is an error on every path.
func TestTotalsOverflow(t *testing.T) {
	huge := numbers(100, func(i int) float64 {
		if i < 2 {
			return 1.7e308
		}
		return -1.7e308
	})
	s := newSheet(numbers(100, func(int) float64 { return 1 }), huge)
	for i := range 7 {
		for last := range 99 {
			got := s.call("SUMIF", rows(0, 0, 0, last), cell.Num(1), rows(1, 1, 0, last))
			if last == 0 && got != cell.Num(1.7e308) || last > 0 && got != cell.Err(cell.ErrNum) {
				t.Fatal(fmt.Sprint("pass ", i, ", ", last, ": ", got))
			}
		}
	}
}
