package xlsxtest

import "strings"

// Cells is the row that an [Options.Fill] fills. Its cells must be put in from left to right.
type Cells struct {
	s   *sheet
	row int
}

// Number puts a number into a column, counted from 0.
func (c *Cells) Number(col int, v float64) { row{c.s, c.row}.input(column(col), v) }

// Text puts a text into a column.
func (c *Cells) Text(col int, text string) {
	row{c.s, c.row}.open(column(col))
	c.s.text(` t="inlineStr"><is><t>` + escape.Replace(text) + `</t></is></c>`)
}

// Formula puts a formula, without "=", into a column.
func (c *Cells) Formula(col int, text string) {
	row{c.s, c.row}.open(column(col))
	c.s.text(`><f>` + escape.Replace(text) + `</f></c>`)
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Column returns the letters of a column, counted from 0.
func Column(i int) string { return column(i) }

// Scatter gives each number one that looks drawn at random, from 0 to 2^31-1.
func Scatter(i int) int { return scatter(i) }
