package model

import "github.com/napkin-infra/napkin/engine/calc/model/lang"

// Data is where an input's values come from: a table in the text, or a file or query outside of it. One of the two
// fields is set. Cells that it does not give have the variable's Fill.
type Data struct {
	Boxes    []Box
	External *External
}

// Box gives all cells of a block one value. Of overlapping boxes the later one counts.
type Box struct {
	// Low and High are the first and the last item of each dimension of the variable, then of its periods if it has a
	// grain.
	Low, High []int32
	Value     float64
}

// External names rows outside of the model's text. Each row gives the items, the date and the value of one cell.
type External struct {
	Source lang.DataSource
	// Items are the names of the columns with the items of each dimension of the variable, Date that of the column with
	// the date (empty where the variable does not vary with time), Value that of the column with the number.
	Items []string
	Date  string
	Value string
	// Repeated says what several rows of one cell mean.
	Repeated Repeated
	// SkipUnknown leaves out rows of unknown items, and counts them; else they are an error.
	SkipUnknown bool
}

// Repeated says what several rows of one cell mean.
type Repeated uint8

// Meanings of repeated rows.
const (
	RepeatedError Repeated = iota // an error that names the cell
	RepeatedSum                   // add them, as of a journal
	RepeatedAverage
	RepeatedLast // the last one counts
)

var repeatedNames = [...]string{"error", "sum", "average", "last"}

// String gives the word of the language.
func (r Repeated) String() string { return repeatedNames[r] }
