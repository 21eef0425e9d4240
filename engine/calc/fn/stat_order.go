package fn

import (
	"encoding/binary"
	"math"
	"slices"
	"sort"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

var statOrderTable = []*Func{
	{Name: "FREQUENCY", Category: statistical, Takes: "A A", Doc: "how many numbers fall into each interval, and above the last", Body: statFrequency},
	{Name: "LARGE", Category: statistical, Takes: "a n", Doc: "the number that is in place k from the greatest", Body: statLarge},
	{Name: "MEDIAN", Category: statistical, Takes: "a ...", Doc: "the number in the middle", Body: statMedian},
	{Name: "MODE", Category: statCompatibility, Takes: "A ...", Doc: "the number that occurs most often", Body: statMode},
	{Name: "MODE.MULT", Category: statistical, Takes: "A ...", Doc: "the numbers that occur most often", Body: statModeMult},
	{Name: "MODE.SNGL", Category: statistical, Takes: "A ...", Doc: "the number that occurs most often", Body: statMode},
	{Name: "PERCENTILE", Category: statCompatibility, Takes: "a n", Doc: "the value below which a share of the numbers lies, with 0 and 1", Body: statPercentileInc},
	{Name: "PERCENTILE.EXC", Category: statistical, Takes: "a n", Doc: "the value below which a share of the numbers lies, without 0 and 1", Body: statPercentileExc},
	{Name: "PERCENTILE.INC", Category: statistical, Takes: "a n", Doc: "the value below which a share of the numbers lies, with 0 and 1", Body: statPercentileInc},
	{Name: "PERCENTRANK", Category: statCompatibility, Takes: "a n n?", Doc: "the share of the numbers that lies below a value, from 0 to 1", Body: statPercentRankInc},
	{Name: "PERCENTRANK.EXC", Category: statistical, Takes: "a n n?", Doc: "the share of the numbers that lies below a value, between 0 and 1", Body: statPercentRankExc},
	{Name: "PERCENTRANK.INC", Category: statistical, Takes: "a n n?", Doc: "the share of the numbers that lies below a value, from 0 to 1", Body: statPercentRankInc},
	{Name: "QUARTILE", Category: statCompatibility, Takes: "a n", Doc: "the value below which quarters of the numbers lie, with 0 and 4", Body: statQuartileInc},
	{Name: "QUARTILE.EXC", Category: statistical, Takes: "a n", Doc: "the value below which quarters of the numbers lie, from 1 to 3", Body: statQuartileExc},
	{Name: "QUARTILE.INC", Category: statistical, Takes: "a n", Doc: "the value below which quarters of the numbers lie, with 0 and 4", Body: statQuartileInc},
	{Name: "RANK", Category: statCompatibility, Takes: "n r n?", Doc: "the place of a number among others, equal ones all in the first place", Body: statRankEq},
	{Name: "RANK.AVG", Category: statistical, Takes: "n r n?", Doc: "the place of a number among others, equal ones all in the mean place", Body: statRankAvg},
	{Name: "RANK.EQ", Category: statistical, Takes: "n r n?", Doc: "the place of a number among others, equal ones all in the first place", Body: statRankEq},
	{Name: "SMALL", Category: statistical, Takes: "a n", Doc: "the number that is in place k from the least", Body: statSmall},
	{Name: "TRIMMEAN", Category: statistical, Takes: "a n", Doc: "the mean without a share of the numbers at both ends", Body: statTrimMean},
}

// statOrdered is the numbers of an argument in ascending order, or the first error among them.
type statOrdered struct {
	numbers []float64
	code    cell.ErrorCode
}

// statAreasKey tells apart what is cached of areas.
type statAreasKey struct {
	what  string
	first cell.Area
	more  string // the other areas, as bytes
}

func statKeyOf(what string, areas []cell.Area) statAreasKey {
	k := statAreasKey{what: what, first: areas[0]}
	if len(areas) > 1 {
		b, _ := binary.Append(nil, binary.LittleEndian, areas[1:])
		k.more = string(b)
	}
	return k
}

// statFewCells is a number of cells that is quicker read again than looked up.
const statFewCells = 64

// statCachedOf builds what is asked of an argument, once for all formulas where it is a reference to more than a few cells.
func statCachedOf[T any](c *Call, i int, what string, build func() *T) *T {
	areas := c.Args[i].Areas()
	cells := int64(0)
	for _, a := range areas {
		if a, ok := c.Clip(a); ok {
			cells += a.Cells()
		}
	}
	if cells <= statFewCells {
		return build()
	}
	return c.Cached(statKeyOf(what, areas), areas, func() any { return build() }).(*T)
}

// statOrder returns the numbers of argument i in ascending order. Over a column of formulas, and over an array of places,
// they are sorted once.
func statOrder(c *Call, i int) ([]float64, cell.ErrorCode) {
	o, ok := c.Memo.(*statOrdered)
	if !ok {
		o = statCachedOf(c, i, "order", func() *statOrdered {
			o := &statOrdered{}
			o.code = c.NumbersOf(i, func(f float64) bool { o.numbers = append(o.numbers, f); return true })
			slices.Sort(o.numbers)
			return o
		})
		c.Memo = o
	}
	return o.numbers, o.code
}

// statOfOrder makes a body that needs the numbers of the first argument in order. No numbers at all are #NUM!.
func statOfOrder(f func(c *Call, numbers []float64) cell.Value) func(*Call) cell.Value {
	return func(c *Call) cell.Value {
		numbers, code := statOrder(c, 0)
		if code != 0 {
			return cell.Err(code)
		}
		if len(numbers) == 0 {
			return cell.Err(cell.ErrNum)
		}
		return f(c, numbers)
	}
}

// statPlace returns the number in place k from the least, or #NUM!.
func statPlace(numbers []float64, k float64) cell.Value {
	if !(k >= 1 && k <= float64(len(numbers))) {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(numbers[int(k)-1])
}

// Places with a fraction are those after them from either end: LARGE rounds up, SMALL down.
var (
	statLarge = statOfOrder(func(c *Call, numbers []float64) cell.Value {
		return statPlace(numbers, float64(len(numbers))+1-math.Ceil(c.Num(1)))
	})
	statSmall = statOfOrder(func(c *Call, numbers []float64) cell.Value { return statPlace(numbers, math.Floor(c.Num(1))) })
)

func statMedian(c *Call) cell.Value {
	var numbers []float64
	var code cell.ErrorCode
	if len(c.Args) == 1 {
		numbers, code = statOrder(c, 0)
	} else {
		code = c.Numbers(0, func(f float64) bool { numbers = append(numbers, f); return true })
		slices.Sort(numbers)
	}
	if code != 0 {
		return cell.Err(code)
	}
	n := len(numbers)
	switch {
	case n == 0:
		return cell.Err(cell.ErrNum)
	case n%2 == 1:
		return cell.Num(numbers[n/2])
	}
	return cell.Num(statBetween(numbers, float64(n-1)/2))
}

// statBetween returns the value at a place that counts from 0 and may have a fraction.
func statBetween(numbers []float64, at float64) float64 {
	i := int(at)
	if i >= len(numbers)-1 {
		return numbers[len(numbers)-1]
	}
	lo, hi := numbers[i], numbers[i+1]
	if at-float64(i) == 0.5 {
		return lo/2 + hi/2
	}
	return lo + (at-float64(i))*(hi-lo)
}

func statInc(numbers []float64, share float64) cell.Value {
	if !(share >= 0 && share <= 1) {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(statBetween(numbers, share*float64(len(numbers)-1)))
}

func statExc(numbers []float64, share float64) cell.Value {
	n := float64(len(numbers))
	// A share such as 1/49 of 48 numbers is the first, though their product is just below it.
	const rounding = 1e-12
	at := share*(n+1) - 1
	if !(share > 0 && share < 1 && at >= -rounding && at <= n-1+rounding) {
		return cell.Err(cell.ErrNum)
	}
	return cell.Num(statBetween(numbers, max(at, 0)))
}

var (
	statPercentileInc = statOfOrder(func(c *Call, numbers []float64) cell.Value { return statInc(numbers, c.Num(1)) })
	statPercentileExc = statOfOrder(func(c *Call, numbers []float64) cell.Value { return statExc(numbers, c.Num(1)) })
	statQuartileInc   = statOfOrder(func(c *Call, numbers []float64) cell.Value { return statInc(numbers, math.Trunc(c.Num(1))/4) })
	statQuartileExc   = statOfOrder(func(c *Call, numbers []float64) cell.Value { return statExc(numbers, math.Trunc(c.Num(1))/4) })
)

var (
	statPercentRankInc = statOfOrder(func(c *Call, numbers []float64) cell.Value {
		if len(numbers) == 1 && numbers[0] == c.Num(1) {
			return statDigits(c, 1, 1)
		}
		return statPercentRank(c, numbers, 0, float64(len(numbers)-1))
	})
	statPercentRankExc = statOfOrder(func(c *Call, numbers []float64) cell.Value {
		return statPercentRank(c, numbers, 1, float64(len(numbers)+1))
	})
)

// statPercentRank is the place of a value, counted from first, as a share of a whole.
func statPercentRank(c *Call, numbers []float64, first, whole float64) cell.Value {
	x := c.Num(1)
	if x < numbers[0] || x > numbers[len(numbers)-1] {
		return cell.Err(cell.ErrNA)
	}
	below := sort.SearchFloat64s(numbers, x)
	at := float64(below)
	if numbers[below] != x {
		lo, hi := numbers[below-1], numbers[below]
		at += (x-lo)/(hi-lo) - 1
	}
	return statDigits(c, at+first, whole)
}

// statDigits is part/whole, cut off after as many decimal digits as the third argument says.
func statDigits(c *Call, part, whole float64) cell.Value {
	n := c.IntOr(2, 3)
	if n < 1 {
		return cell.Err(cell.ErrNum)
	}
	scale := math.Pow(10, float64(min(n, 15)))
	// Multiplied first, so that what has so many digits keeps the last.
	return cell.Num(math.Floor(part*scale/whole*(1+0x1p-51)) / scale)
}

func statRankEq(c *Call) cell.Value {
	return statRank(c, func(first, _ int) float64 { return float64(first) })
}

func statRankAvg(c *Call) cell.Value {
	return statRank(c, func(first, last int) float64 { return float64(first+last) / 2 })
}

// statRank finds the places from first to last that the number and its equals take.
func statRank(c *Call, of func(first, last int) float64) cell.Value {
	numbers, code := statOrder(c, 1)
	if code != 0 {
		return cell.Err(code)
	}
	x := c.Num(0)
	lo := sort.SearchFloat64s(numbers, x)
	if lo == len(numbers) || numbers[lo] != x {
		return cell.Err(cell.ErrNA)
	}
	hi := lo + sort.Search(len(numbers)-lo, func(i int) bool { return numbers[lo+i] > x })
	if c.Num(2) != 0 {
		return cell.Num(of(lo+1, hi))
	}
	return cell.Num(of(len(numbers)-hi+1, len(numbers)-lo))
}

var statTrimMean = statOfOrder(func(c *Call, numbers []float64) cell.Value {
	share := c.Num(1)
	if !(share >= 0 && share < 1) {
		return cell.Err(cell.ErrNum)
	}
	cut := int(float64(len(numbers)) * share / 2 * (1 + 0x1p-51))
	sum := 0.0
	for _, f := range numbers[cut : len(numbers)-cut] {
		sum += f
	}
	return cell.Num(sum / float64(len(numbers)-2*cut))
})

// statModes are the numbers that occur most often, in the order in which they come first.
type statModes struct {
	numbers []float64
	code    cell.ErrorCode
}

func statModesOf(c *Call) *statModes {
	if len(c.Args) == 1 {
		return statCachedOf(c, 0, "modes", func() *statModes { return statFindModes(c) })
	}
	return statFindModes(c)
}

func statFindModes(c *Call) *statModes {
	type found struct {
		times int
		first int64
	}
	seen := map[float64]found{}
	out := &statModes{}
	most := 2 // what occurs once is no mode
	add := func(f float64, at int64) {
		c.Poll()
		s, ok := seen[f]
		if !ok || at < s.first {
			s.first = at
		}
		s.times++
		seen[f] = s
		most = max(most, s.times)
	}
	at := int64(0)
	for i, v := range c.Args {
		if v.Kind() == cell.Text { // even one that reads as a number
			out.code = cell.ErrValue
			return out
		}
		if v.Kind() != cell.Ref {
			if out.code = c.NumbersOf(i, func(f float64) bool { add(f, at); at++; return true }); out.code != 0 {
				return out
			}
			continue
		}
		if areas := v.Areas(); len(areas) == 1 && areas[0].Single() && len(c.Args) > 1 {
			// One cell is to hold a number, unlike those of a range.
			switch x := c.Cell(areas[0].Sheet, areas[0].R0, areas[0].C0); x.Kind() {
			case cell.Number:
			case cell.Error:
				out.code = x.Code()
				return out
			default:
				out.code = cell.ErrValue
				return out
			}
		}
		for _, a := range v.Areas() {
			a, ok := c.Clip(a)
			if !ok {
				continue
			}
			// Cells come column by column, the first is told row by row.
			c.Boxes(a, func(row, col int32, run []cell.Box) bool {
				for r, b := range run {
					switch cell.BoxKind(b) {
					case cell.Number:
						add(b, at+int64(int(row-a.R0)+r)*int64(a.Cols())+int64(col-a.C0))
					case cell.Error:
						out.code = cell.BoxedError(b)
						return false
					}
				}
				return true
			})
			if out.code != 0 {
				return out
			}
			at += a.Cells()
		}
	}
	for f, s := range seen {
		if s.times == most {
			out.numbers = append(out.numbers, f)
		}
	}
	slices.SortFunc(out.numbers, func(x, y float64) int { return int(max(min(seen[x].first-seen[y].first, 1), -1)) })
	return out
}

func statMode(c *Call) cell.Value {
	m := statModesOf(c)
	switch {
	case m.code != 0:
		return cell.Err(m.code)
	case len(m.numbers) == 0:
		return cell.Err(cell.ErrNA)
	}
	return cell.Num(m.numbers[0])
}

func statModeMult(c *Call) cell.Value {
	m := statModesOf(c)
	switch {
	case m.code != 0:
		return cell.Err(m.code)
	case len(m.numbers) == 0:
		return cell.Err(cell.ErrNA)
	}
	out := cell.NewGrid(len(m.numbers), 1)
	for i, f := range m.numbers {
		out.Cells[i] = cell.Num(f)
	}
	return cell.Arr(out)
}

// statFrequency counts numbers up to each bound that are above the next lower one. Bounds stay in their places, in whatever
// order they are; of equal ones the first counts.
func statFrequency(c *Call) cell.Value {
	var bounds []float64
	// The counts are in the order of the bounds, which are read row by row.
	if code := flowNumbers(c, 1, 2, func(f float64) { bounds = append(bounds, f) }); code != 0 {
		return cell.Err(code)
	}
	places := make([]int, len(bounds))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(i, j int) int {
		c.Poll()
		switch {
		case bounds[i] < bounds[j]:
			return -1
		case bounds[i] > bounds[j]:
			return 1
		}
		return 0
	})
	counts := make([]float64, len(bounds)+1)
	code := c.NumbersOf(0, func(f float64) bool {
		i := sort.Search(len(places), func(i int) bool { return bounds[places[i]] >= f })
		if i < len(places) {
			counts[places[i]]++
		} else {
			counts[len(bounds)]++
		}
		return true
	})
	if code != 0 {
		return cell.Err(code)
	}
	out := cell.NewGrid(len(counts), 1)
	for i, n := range counts {
		out.Cells[i] = cell.Num(n)
	}
	return cell.Arr(out)
}
