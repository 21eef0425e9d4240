package fn

import (
	"math"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/criteria"
)

// databaseFunctions work on the records of a list with a header that meet a table of criteria.
var databaseFunctions = []*Func{
	{Name: "DAVERAGE", Category: "Database", Takes: "r v r", Doc: "the average of a field of the records that match", Body: databaseNumbers(func(f []float64) cell.Value {
		return databaseQuotient(databaseSum(f), float64(len(f)))
	})},
	{Name: "DCOUNT", Category: "Database", Takes: "r v r", Doc: "how many of the records that match have a number in a field", Body: databaseCount(false)},
	{Name: "DCOUNTA", Category: "Database", Takes: "r v r", Doc: "how many of the records that match have anything in a field", Body: databaseCount(true)},
	{Name: "DGET", Category: "Database", Takes: "r v r", Doc: "the field of the only record that matches", Body: databaseGet},
	{Name: "DMAX", Category: "Database", Takes: "r v r", Doc: "the greatest value of a field of the records that match", Body: databaseNumbers(func(f []float64) cell.Value {
		return databaseBest(f, func(a, b float64) bool { return a > b })
	})},
	{Name: "DMIN", Category: "Database", Takes: "r v r", Doc: "the least value of a field of the records that match", Body: databaseNumbers(func(f []float64) cell.Value {
		return databaseBest(f, func(a, b float64) bool { return a < b })
	})},
	{Name: "DPRODUCT", Category: "Database", Takes: "r v r", Doc: "the product of a field of the records that match", Body: databaseNumbers(databaseProduct)},
	{Name: "DSTDEV", Category: "Database", Takes: "r v r", Doc: "the standard deviation of a field, estimated from the records that match as a sample", Body: databaseNumbers(func(f []float64) cell.Value { return databaseRoot(databaseVariance(f, 1)) })},
	{Name: "DSTDEVP", Category: "Database", Takes: "r v r", Doc: "the standard deviation of a field of the records that match", Body: databaseNumbers(func(f []float64) cell.Value { return databaseRoot(databaseVariance(f, 0)) })},
	{Name: "DSUM", Category: "Database", Takes: "r v r", Doc: "the sum of a field of the records that match", Body: databaseNumbers(func(f []float64) cell.Value { return cell.Num(databaseSum(f)) })},
	{Name: "DVAR", Category: "Database", Takes: "r v r", Doc: "the variance of a field, estimated from the records that match as a sample", Body: databaseNumbers(func(f []float64) cell.Value { return databaseVariance(f, 1) })},
	{Name: "DVARP", Category: "Database", Takes: "r v r", Doc: "the variance of a field of the records that match", Body: databaseNumbers(func(f []float64) cell.Value { return databaseVariance(f, 0) })},
}

// database is a list whose first row names its fields.
type database struct {
	c     *Call
	list  cell.Area
	field int32 // column of the sheet, -1 where none is named
	// alternatives are the rows of the criteria: a record matches if it meets all conditions of one of them.
	alternatives [][]criteria.Test
}

func databaseOf(c *Call) (*database, cell.ErrorCode) {
	areas := c.Args[0].Areas()
	if len(areas) != 1 {
		return nil, cell.ErrValue
	}
	list, ok := c.Clip(areas[0])
	if !ok || areas[0].Rows() < 2 {
		return nil, cell.ErrValue
	}
	table, code := wholeGrid(c, c.Args[2])
	if code != 0 {
		return nil, code
	}
	d := &database{c: c, list: list, field: -1}
	switch field := c.Args[1]; field.Kind() {
	case cell.Text:
		if d.field = d.named(field.Text()); d.field < 0 {
			return nil, cell.ErrValue
		}
	case cell.Number:
		n := Trunc(field.Float())
		if n < 1 || n > list.Cols() {
			return nil, cell.ErrValue
		}
		d.field = list.C0 + int32(n) - 1
	case cell.Bool: // TRUE is the first field
		if !field.True() {
			return nil, cell.ErrValue
		}
		d.field = list.C0
	}
	if table.Rows < 2 {
		return nil, cell.ErrValue
	}
	for r := 1; r < table.Rows; r++ {
		var all []criteria.Test
		none := false
		for col := range table.Cols {
			v := table.Cells[r*table.Cols+col]
			if v.IsBlank() || v.Kind() == cell.Text && v.Text() == "" {
				continue
			}
			i := d.named(cell.ToText(table.Cells[col]).Text())
			if i < 0 {
				// Under no name of a field stands a formula of the first record, which says for each whether it
				// matches. It cannot be told from its value. Text is no such answer, so that no record matches.
				if v.Kind() != cell.Text {
					return nil, cell.ErrValue
				}
				all = nil
				none = true
				break
			}
			column := cell.Area{Sheet: list.Sheet, R0: list.R0 + 1, C0: i, R1: list.R1, C1: i}
			all = append(all, criteria.Test{Area: column, Criterion: criteria.Parse(v, c.Dates()).Prefixed(v)})
		}
		if !none {
			d.alternatives = append(d.alternatives, all)
		}
	}
	return d, 0
}

// named returns the column of the field of this name in any case, and -1 where there is none.
func (d *database) named(name string) int32 {
	name = strings.TrimSpace(name)
	for col := d.list.C0; name != "" && col <= d.list.C1; col++ {
		if t := cell.ToText(d.c.Cell(d.list.Sheet, d.list.R0, col)); t.Kind() == cell.Text && cell.CompareText(strings.TrimSpace(t.Text()), name) == 0 {
			return col
		}
	}
	return -1
}

// matches calls f with the field of each record that matches, until it returns false. Where no field is named the
// value is empty.
func (d *database) matches(f func(v cell.Value) bool) {
	first := d.list.R0 + 1
	rows := int(d.list.R1 - d.list.R0) // of records
	if rows == 0 {
		return
	}
	met := make([]bool, rows)
	for _, all := range d.alternatives {
		if len(all) == 0 {
			for i := range met {
				met[i] = true
			}
			break
		}
		criteria.NewQuery(d.c, all).Rows(func(i int) { met[i] = true })
	}
	for i, ok := range met {
		if !ok {
			continue
		}
		v := cell.Value{}
		if d.field >= 0 {
			v = d.c.Cell(d.list.Sheet, first+int32(i), d.field)
		}
		if !f(v) {
			return
		}
	}
}

// databaseNumbers is the body of a function of the numbers of a field.
func databaseNumbers(of func([]float64) cell.Value) func(*Call) cell.Value {
	return func(c *Call) cell.Value {
		d, code := databaseOf(c)
		if code == 0 && d.field < 0 {
			code = cell.ErrValue
		}
		if code != 0 {
			return cell.Err(code)
		}
		var numbers []float64
		d.matches(func(v cell.Value) bool {
			switch v.Kind() {
			case cell.Number:
				numbers = append(numbers, v.Float())
			case cell.Error:
				code = v.Code()
			}
			return code == 0
		})
		if code != 0 {
			return cell.Err(code)
		}
		return of(numbers)
	}
}

func databaseCount(everything bool) func(*Call) cell.Value {
	return func(c *Call) cell.Value {
		d, code := databaseOf(c)
		if code != 0 {
			return cell.Err(code)
		}
		n := 0
		d.matches(func(v cell.Value) bool {
			if d.field < 0 || v.Kind() == cell.Number || everything && !v.IsBlank() {
				n++
			}
			return true
		})
		return cell.Num(float64(n))
	}
}

func databaseGet(c *Call) cell.Value {
	d, code := databaseOf(c)
	if code == 0 && d.field < 0 {
		code = cell.ErrValue
	}
	if code != 0 {
		return cell.Err(code)
	}
	n, out := 0, cell.Value{}
	d.matches(func(v cell.Value) bool {
		n, out = n+1, v
		return n < 2
	})
	switch n {
	case 0:
		return cell.Err(cell.ErrValue)
	case 1:
		return out
	}
	return cell.Err(cell.ErrNum)
}

func databaseSum(f []float64) float64 {
	sum := 0.0
	for _, x := range f {
		sum += x
	}
	return sum
}

func databaseQuotient(x, n float64) cell.Value {
	if n == 0 {
		return cell.Err(cell.ErrDiv)
	}
	return cell.Num(x / n)
}

// databaseBest returns the number that is better than all others, and 0 where there is none.
func databaseBest(f []float64, better func(a, b float64) bool) cell.Value {
	if len(f) == 0 {
		return cell.Num(0)
	}
	best := f[0]
	for _, x := range f[1:] {
		if better(x, best) {
			best = x
		}
	}
	return cell.Num(best)
}

func databaseProduct(f []float64) cell.Value {
	if len(f) == 0 {
		return cell.Num(0)
	}
	product := 1.0
	for _, x := range f {
		product *= x
	}
	return cell.Num(product)
}

// databaseVariance is the mean square of the distances from the mean, over as many as there are less freedom.
func databaseVariance(f []float64, freedom int) cell.Value {
	mean := databaseSum(f) / float64(len(f))
	squares := 0.0
	for _, x := range f {
		squares += float64((x - mean) * (x - mean))
	}
	return databaseQuotient(squares, float64(max(len(f)-freedom, 0)))
}

func databaseRoot(v cell.Value) cell.Value {
	if v.IsError() {
		return v
	}
	return cell.Num(math.Sqrt(v.Float()))
}
