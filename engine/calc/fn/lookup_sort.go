package fn

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// sorts are the functions that order and select the rows of arrays.
var sorts = []*Func{
	{Name: "FILTER", Category: "Lookup", Takes: "A A a?", Doc: "the rows or columns of an array for which a condition holds", Body: sortFilter},
	{Name: "SORT", Category: "Lookup", Takes: "A A? A? b?", Doc: "the rows or columns of an array in order", Body: sortSort},
	{Name: "SORTBY", Category: "Lookup", Takes: "A A A? ...", Doc: "the rows or columns of an array in the order of other arrays", Body: sortSortBy},
	{Name: "UNIQUE", Category: "Lookup", Takes: "A b? b?", Doc: "the rows or columns of an array without repetitions", Body: sortUnique},
}

// The order in which sorting puts kinds: numbers, text, booleans, errors, and blanks last whatever the direction.
func sortRank(v cell.Value) int {
	switch v.Kind() {
	case cell.Number:
		return 0
	case cell.Text:
		return 1
	case cell.Bool:
		return 2
	case cell.Error:
		return 3
	}
	return 4
}

// sortCompare orders two values, downwards if that is set. Errors are in the order of ERROR.TYPE.
func sortCompare(a, b cell.Value, down bool) int {
	x, y := sortRank(a), sortRank(b)
	d := x - y
	switch {
	case d == 0 && x < 3:
		d = cell.Compare(a, b)
	case d == 0 && x == 3:
		d = int(a.Code()) - int(b.Code())
	case d != 0 && max(x, y) == 4:
		return d
	}
	if down {
		return -d
	}
	return d
}

// sortKey is one criterion of an order: a value for each row.
type sortKey struct {
	values []cell.Value
	down   bool
}

// sortedRows returns the numbers of n rows in the order of some keys. Rows that are equal by all of them stay as they
// are.
func sortedRows(c *Call, n int, keys []sortKey) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	if numbers, ok := sortKeyNumbers(keys); ok {
		slices.SortFunc(rows, func(a, b int) int {
			c.Poll()
			return cmp.Or(cmp.Compare(numbers[a], numbers[b]), a-b)
		})
		return rows
	}
	slices.SortFunc(rows, func(a, b int) int {
		c.Poll()
		for _, k := range keys {
			if d := sortCompare(k.values[a], k.values[b], k.down); d != 0 {
				return d
			}
		}
		return a - b
	})
	return rows
}

// sortKeyNumbers returns the values of the only key, turned round if it goes down, if all of them are numbers.
func sortKeyNumbers(keys []sortKey) ([]float64, bool) {
	if len(keys) != 1 {
		return nil, false
	}
	out := make([]float64, len(keys[0].values))
	for i, v := range keys[0].values {
		if v.Kind() != cell.Number {
			return nil, false
		}
		out[i] = v.Float()
		if keys[0].down {
			out[i] = -out[i]
		}
	}
	return out, true
}

// sortNumbers returns the numbers of an argument of one row or column, or other where it is left out.
func sortNumbers(c *Call, i int, other float64) ([]float64, cell.ErrorCode) {
	if !c.Has(i) {
		return []float64{other}, 0
	}
	var out []float64
	var code cell.ErrorCode
	c.ValuesOf(i, func(v cell.Value, _ bool) bool {
		if v = cell.ToNumber(v, c.Dates()); v.IsError() {
			code = v.Code()
			return false
		}
		out = append(out, math.Trunc(v.Float()))
		return true
	})
	return out, code
}

func sortSort(c *Call) cell.Value {
	g, code := wholeGrid(c, c.Args[0])
	if code != 0 {
		return cell.Err(code)
	}
	by, code := sortNumbers(c, 1, 1)
	if code != 0 {
		return cell.Err(code)
	}
	orders, code := sortNumbers(c, 2, 1)
	if code != 0 {
		return cell.Err(code)
	}
	if len(orders) != 1 && len(orders) != len(by) {
		return cell.Err(cell.ErrValue)
	}
	columns := false
	if c.Has(3) {
		columns = c.Bool(3, false)
	}
	if columns {
		g = transposed(c, g)
	}
	keys := make([]sortKey, len(by))
	for i, f := range by {
		order := orders[min(i, len(orders)-1)]
		if f < 1 || f > float64(g.Cols) || order != 1 && order != -1 {
			return cell.Err(cell.ErrValue)
		}
		keys[i] = sortKey{make([]cell.Value, g.Rows), order < 0}
		for r := range g.Rows {
			keys[i].values[r] = g.Cells[r*g.Cols+int(f)-1]
		}
	}
	g = rowsOf(c, g, sortedRows(c, g.Rows, keys))
	if columns {
		g = transposed(c, g)
	}
	return cell.Arr(g)
}

func sortSortBy(c *Call) cell.Value {
	g, code := wholeGrid(c, c.Args[0])
	if code != 0 {
		return cell.Err(code)
	}
	var keys []sortKey
	columns, n := false, 0
	for i := 1; i < len(c.Args); i += 2 {
		by, code := wholeGrid(c, c.Args[i])
		if code != 0 {
			return cell.Err(code)
		}
		order, code := sortNumbers(c, i+1, 1)
		switch {
		case code != 0:
			return cell.Err(code)
		case len(order) != 1 || order[0] != 1 && order[0] != -1:
			return cell.Err(cell.ErrValue)
		}
		fitting, across, ok := sortBeside(c, g, by)
		if !ok || i > 1 && (across != columns || len(by.Cells) != n) {
			return cell.Err(cell.ErrValue)
		}
		g, columns, n = fitting, across, len(by.Cells)
		keys = append(keys, sortKey{by.Cells, order[0] < 0})
	}
	if columns {
		return cell.Arr(transposed(c, rowsOf(c, transposed(c, g), sortedRows(c, g.Cols, keys))))
	}
	return cell.Arr(rowsOf(c, g, sortedRows(c, g.Rows, keys)))
}

// sortBeside tells whether the values of by stand beside the rows of g, argument 0, or above its columns. Where g has
// empty cells behind the end of the sheet and by, computed from such a reference, has none, these are left out.
func sortBeside(c *Call, g, by *cell.Grid) (out *cell.Grid, columns, ok bool) {
	for range 2 {
		switch {
		case by.Cols == 1 && by.Rows == g.Rows:
			return g, false, true
		case by.Rows == 1 && by.Cols == g.Cols:
			return g, true, true
		}
		clipped, code := GridOf(c, c.Args[0])
		if code != 0 {
			break
		}
		g = clipped
	}
	return g, false, false
}

func sortFilter(c *Call) cell.Value {
	g, code := wholeGrid(c, c.Args[0])
	if code != 0 {
		return cell.Err(code)
	}
	include, code := wholeGrid(c, c.Args[1])
	if code != 0 {
		return cell.Err(code)
	}
	g, columns, ok := sortBeside(c, g, include)
	if !ok {
		return cell.Err(cell.ErrValue)
	}
	if columns {
		g = transposed(c, g)
	}
	var rows []int
	for i, v := range include.Cells {
		if v.Kind() == cell.Text {
			return cell.Err(cell.ErrValue)
		}
		if v = cell.ToBool(v); v.IsError() {
			return v
		}
		if v.True() {
			rows = append(rows, i)
		}
	}
	switch {
	case len(rows) > 0:
		g = rowsOf(c, g, rows)
	case c.Has(2):
		return c.Args[2]
	default:
		return cell.Err(cell.ErrCalc)
	}
	if columns {
		g = transposed(c, g)
	}
	return cell.Arr(g)
}

func sortUnique(c *Call) cell.Value {
	g, code := wholeGrid(c, c.Args[0])
	if code != 0 {
		return cell.Err(code)
	}
	columns, once := c.Bool(1, false), c.Bool(2, false)
	if columns {
		g = transposed(c, g)
	}
	seen := map[string]int{} // index into rows
	var rows, times []int
	var key []byte
	for r := range g.Rows {
		c.Poll()
		key = key[:0]
		for _, v := range g.Cells[r*g.Cols : (r+1)*g.Cols] {
			key = appendUniqueKey(key, v)
		}
		if i, ok := seen[string(key)]; ok {
			times[i]++
			continue
		}
		seen[string(key)] = len(rows)
		rows, times = append(rows, r), append(times, 1)
	}
	if once {
		kept := rows[:0]
		for i, r := range rows {
			if times[i] == 1 {
				kept = append(kept, r)
			}
		}
		rows = kept
	}
	if len(rows) == 0 {
		return cell.Err(cell.ErrCalc)
	}
	g = rowsOf(c, g, rows)
	if columns {
		g = transposed(c, g)
	}
	return cell.Arr(g)
}

// appendUniqueKey appends what is equal for values that UNIQUE takes for equal, and never the beginning of another's.
func appendUniqueKey(key []byte, v cell.Value) []byte {
	key = append(key, byte('0'+sortRank(v)))
	switch v.Kind() {
	case cell.Number, cell.Bool:
		key = strconv.AppendUint(key, math.Float64bits(v.Float()), 16)
	case cell.Error:
		key = strconv.AppendUint(key, uint64(v.Code()), 16)
	case cell.Text:
		s := cell.Fold(v.Text())
		key = strconv.AppendInt(key, int64(len(s)), 10)
		key = append(append(key, ':'), s...)
	}
	return append(key, ';')
}
