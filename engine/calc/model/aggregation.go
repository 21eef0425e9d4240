package model

// Agg is a way of making one number of many.
type Agg uint8

// Aggregations. Over nothing, Sum and Count are 0 and the others are NaN.
const (
	Sum Agg = iota
	Average
	Min
	Max
	Median
	// Count counts the values that are not zero.
	Count
	// First and Last take the value of the first and the last item in the order of the dimension, or of the first and
	// the last period; over time the language calls them initial and final.
	First
	Last
	// Formula is a setting of variables only: roll up what the formula reads, then apply the formula. No expression of
	// a checked model has it.
	Formula
)

var aggNames = [...]string{"sum", "average", "min", "max", "median", "count", "first", "last", "formula"}

// String gives the word of the language.
func (a Agg) String() string { return aggNames[a] }

// Fold aggregates values that are all at hand. It is the definition of each aggregation but Formula: a sum is
// compensated in the order of the values, a median of an even number of values is the mean of the middle two, and NaN
// among the values makes the result NaN except for Count, First and Last. It sorts values for a median.
func (a Agg) Fold(values []float64) float64 {
	f := NewFolder(a)
	for _, v := range values {
		f.Add(v)
	}
	return f.Value()
}
