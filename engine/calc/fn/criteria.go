package fn

import (
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/criteria"
)

// criteriaFunctions count and add up the cells that meet conditions. Conditions may be errors, which are then counted.
// How the cells are found is in package criteria.
var criteriaFunctions = []*Func{
	{Name: "AVERAGEIF", Category: "Statistical", Takes: "r v r?", Errors: true, Doc: "the average of the cells that meet a condition", Body: func(c *Call) cell.Value { return criteriaAverage(criteriaOne(c)) }},
	{Name: "AVERAGEIFS", Category: "Statistical", Takes: "r (r v) ...", Errors: true, Doc: "the average of the cells that meet several conditions", Body: func(c *Call) cell.Value { return criteriaAverage(criteriaMany(c, 1)) }},
	{Name: "COUNTBLANK", Category: "Statistical", Takes: "r", Doc: "the number of cells that are empty or hold empty text", Body: criteriaBlank},
	{Name: "COUNTIF", Category: "Statistical", Takes: "r v", Errors: true, Doc: "the number of cells that meet a condition", Body: func(c *Call) cell.Value { return criteriaCount(criteriaMany(c, 0)) }},
	{Name: "COUNTIFS", Category: "Statistical", Takes: "(r v) ...", Errors: true, Doc: "the number of places where cells meet several conditions", Body: func(c *Call) cell.Value { return criteriaCount(criteriaMany(c, 0)) }},
	{Name: "MAXIFS", Category: "Statistical", Takes: "r (r v) ...", Errors: true, Doc: "the greatest of the cells that meet several conditions", Body: func(c *Call) cell.Value { return criteriaTotal(criteria.Max, c) }},
	{Name: "MINIFS", Category: "Statistical", Takes: "r (r v) ...", Errors: true, Doc: "the least of the cells that meet several conditions", Body: func(c *Call) cell.Value { return criteriaTotal(criteria.Min, c) }},
	{Name: "SUMIF", Category: "Math", Takes: "r v r?", Errors: true, Doc: "the sum of the cells that meet a condition", Body: criteriaSumIf},
	{Name: "SUMIFS", Category: "Math", Takes: "r (r v) ...", Errors: true, Doc: "the sum of the cells that meet several conditions", Body: func(c *Call) cell.Value { return criteriaTotal(criteria.Sum, c) }},
}

// criteriaMany reads pairs of area and condition from argument i on, behind the area of the values if i is 1.
func criteriaMany(c *Call, i int) (q *criteria.Query, values cell.Area, code cell.ErrorCode) {
	tests := make([]criteria.Test, 0, len(c.Args)/2)
	for n, v := range c.Args {
		if n > i && (n-i)%2 != 0 {
			continue // a condition
		}
		areas := v.Areas()
		if len(areas) != 1 {
			return nil, cell.Area{}, cell.ErrValue
		}
		if n == 0 {
			values = areas[0]
		} else if areas[0].Rows() != values.Rows() || areas[0].Cols() != values.Cols() {
			return nil, cell.Area{}, cell.ErrValue
		}
		if n >= i {
			tests = append(tests, criteria.Test{Area: areas[0], Criterion: criteria.Parse(c.Args[n+1], c.Dates())})
		}
	}
	return criteria.NewQuery(c, tests), values, 0
}

// criteriaOne reads the arguments of SUMIF and AVERAGEIF. Of the area of values only the first cell counts: its shape
// is that of the cells that are tested.
func criteriaOne(c *Call) (q *criteria.Query, values cell.Area, code cell.ErrorCode) {
	areas := c.Args[0].Areas()
	if len(areas) != 1 {
		return nil, cell.Area{}, cell.ErrValue
	}
	tested := areas[0]
	values = tested
	if c.Has(2) {
		areas = c.Args[2].Areas()
		if len(areas) != 1 {
			return nil, cell.Area{}, cell.ErrValue
		}
		values = areas[0]
		// What would lie outside of the sheet is left out on both sides.
		rows := min(tested.R1-tested.R0, cell.MaxRows-1-values.R0)
		cols := min(tested.C1-tested.C0, cell.MaxCols-1-values.C0)
		tested.R1, tested.C1 = tested.R0+rows, tested.C0+cols
		values.R1, values.C1 = values.R0+rows, values.C0+cols
	}
	return criteria.NewQuery(c, []criteria.Test{{Area: tested, Criterion: criteria.Parse(c.Args[1], c.Dates())}}), values, 0
}

func criteriaCount(q *criteria.Query, _ cell.Area, code cell.ErrorCode) cell.Value {
	if code != 0 {
		return cell.Err(code)
	}
	return cell.Num(float64(q.Count()))
}

func criteriaSumIf(c *Call) cell.Value {
	q, values, code := criteriaOne(c)
	if code != 0 {
		return cell.Err(code)
	}
	return q.Total(criteria.Sum, values)
}

// criteriaTotal is SUMIFS, MINIFS and MAXIFS. Where no number is found it is 0.
func criteriaTotal(of criteria.Total, c *Call) cell.Value {
	q, values, code := criteriaMany(c, 1)
	if code != 0 {
		return cell.Err(code)
	}
	if v := q.Total(of, values); v.Kind() != cell.Empty {
		return v
	}
	return cell.Num(0)
}

func criteriaAverage(q *criteria.Query, values cell.Area, code cell.ErrorCode) cell.Value {
	if code != 0 {
		return cell.Err(code)
	}
	n := q.Total(criteria.Count, values)
	switch {
	case n.IsError():
		return n
	case n.Float() == 0:
		return cell.Err(cell.ErrDiv)
	}
	sum := q.Total(criteria.Sum, values)
	if sum.IsError() {
		return sum
	}
	return cell.Num(sum.Float() / n.Float())
}

func criteriaBlank(c *Call) cell.Value {
	n := int64(0)
	for _, a := range c.Args[0].Areas() {
		n += a.Cells()
		if a, ok := c.Clip(a); ok {
			s := c.Summary(a)
			n -= s.Filled - s.Blank
		}
	}
	return cell.Num(float64(n))
}
