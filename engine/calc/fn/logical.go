package fn

import "github.com/napkin-infra/napkin/engine/calc/cell"

// logical are the functions of conditions. Those without a body evaluate only some of their arguments, or bind names:
// the evaluator knows them.
var logical = []*Func{
	{Name: "AND", Category: "Logical", Takes: "a ...", Doc: "whether all conditions are true; text and empty cells in references are passed over", Body: func(c *Call) cell.Value {
		return c.conditions(func(all, yes int) bool { return yes == all })
	}},
	{Name: "FALSE", Category: "Logical", Takes: "", Doc: "the value FALSE", Body: func(*Call) cell.Value { return cell.Truth(false) }},
	{Name: "NOT", Category: "Logical", Takes: "b", Doc: "the opposite of a condition", Body: func(c *Call) cell.Value { return cell.Truth(!c.Bool(0, false)) }},
	{Name: "OR", Category: "Logical", Takes: "a ...", Doc: "whether any condition is true; text and empty cells in references are passed over", Body: func(c *Call) cell.Value {
		return c.conditions(func(_, yes int) bool { return yes > 0 })
	}},
	{Name: "TRUE", Category: "Logical", Takes: "", Doc: "the value TRUE", Body: func(*Call) cell.Value { return cell.Truth(true) }},
	{Name: "XOR", Category: "Logical", Takes: "a ...", Doc: "whether an odd number of conditions is true; text and empty cells in references are passed over", Body: func(c *Call) cell.Value {
		return c.conditions(func(_, yes int) bool { return yes%2 != 0 })
	}},

	{Name: "CHOOSE", Category: "Lookup", Takes: "n a ...", Doc: "the value at a place, counted from 1, among those that follow"},
	{Name: "IF", Category: "Logical", Takes: "b a? a?", Doc: "one value where a condition is true, another where it is false"},
	{Name: "IFERROR", Category: "Logical", Takes: "v a", Doc: "a value, or another one where it is an error"},
	{Name: "IFNA", Category: "Logical", Takes: "v a", Doc: "a value, or another one where it is #N/A"},
	{Name: "IFS", Category: "Logical", Takes: "(b a) ...", Doc: "the value behind the first condition that is true; #N/A where none is"},
	{Name: "ISOMITTED", Category: "Information", Takes: "v", Doc: "whether a parameter of LAMBDA was left out"},
	{Name: "LAMBDA", Category: "Logical", Takes: "a ...", Doc: "a function: the names of its parameters, and its body last"},
	{Name: "LET", Category: "Logical", Takes: "a a a ...", Doc: "the value of an expression last, with names for values before it"},
	{Name: "SWITCH", Category: "Logical", Takes: "v v a a? ...", Doc: "the result behind the first value that equals an expression, else the last argument if it stands alone"},
}

// conditions counts the conditions among the arguments, and those that are true, for decide. In references and arrays only
// numbers and booleans are conditions; where there are none at all it is #VALUE!.
func (c *Call) conditions(decide func(all, yes int) bool) cell.Value {
	all, yes := 0, 0
	var code cell.ErrorCode
	c.Values(0, func(v cell.Value, single bool) bool {
		if !single {
			switch v.Kind() {
			case cell.Number, cell.Bool, cell.Error:
			default:
				return true
			}
		} else if v.Kind() == cell.Text && v.Text() == "" {
			return true // as workbooks saved by Excel have it
		}
		if v = cell.ToBool(v); v.IsError() {
			code = v.Code()
			return false
		}
		all++
		if v.True() {
			yes++
		}
		return true
	})
	switch {
	case code != 0:
		return cell.Err(code)
	case all == 0:
		return cell.Err(cell.ErrValue)
	}
	return cell.Truth(decide(all, yes))
}
