package calcbench

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
)

// growthShapes are, in this order: financial models, large tables with lookups, helper columns and totals, ranges that grow, shrink and slide,
// formulas of which each is other than its neighbours, and sheets.
var growthShapes = []growthShape{
	{name: "months filled right", n: 125, book: monthsRight, inputs: func(n int) []cell.Area { return []cell.Area{{R1: int32(n*12/10) - 1}} }, edit: top(0)},
	{name: "months with subtotals", n: 13_000, table: tableWith(1, "A#*2", "C^+B#", "C#/$A$1").every(13, "SUM(B<-12>:B<-1>)", "C^", "C#/$A$1").from(2), inputs: columns(0), edit: top(0)},
	{name: "amortization", n: 10_000, table: tableWith(1, "IF(D^>0,D^,A$1)", "B#*A#/5000", "B#-C#+A#").from(2), inputs: columns(0), edit: bottom(0)},
	{name: "balance", n: 25_000, table: tableWith(1, "B^+A#").from(2), inputs: columns(0), edit: bottom(0)},
	{name: "counter of groups", n: 25_000, table: tableWith(1, "IF(A#=A^,B^+1,1)", "IF(A#<>A>,B#,\"\")").from(2), inputs: columns(0), edit: bottom(0)},
	{name: "row-local", n: 25_000, table: tableWith(2, "A#*B#", "C#+A#", "IF(D#>100,C#,D#)", "ROUND(D#/3,2)"), inputs: columns(0, 1), edit: top(0)},
	{name: "texts", n: 10_000, table: tableWith(2, "A#&\"-\"&B#", "LEFT(C#,3)", "IF(D#=\"1\",A#,0)"), inputs: columns(0, 1), edit: top(0)},

	{name: "VLOOKUP, exact", n: 10_000, table: tableWith(2, "IFERROR(VLOOKUP(B#,$A$1:$B$<n>,2,FALSE),0)"), inputs: columns(0, 1), edit: top(1)},
	{name: "VLOOKUP, approximate", n: 10_000, table: tableWith(2, "VLOOKUP(B#,$A$1:$B$<n>,2)"), inputs: columns(0, 1), edit: top(1)},
	{name: "INDEX and MATCH", n: 10_000, table: tableWith(2, "INDEX($B$1:$B$<n>,MATCH(A#,$A$1:$A$<n>,0))"), inputs: columns(0, 1), edit: top(1)},
	{name: "XLOOKUP of whole columns", n: 10_000, table: tableWith(2, "XLOOKUP(A#,A:A,B:B,0)"), inputs: columns(0, 1), edit: top(1)},
	{name: "key made of two columns", n: 10_000, table: tableWith(2, "A#&\"|\"&B#", "MATCH(A#&\"|\"&B#,C$1:C$<n>,0)"), inputs: columns(0, 1), edit: bottom(1)},
	{name: "SUMIFS", n: 10_000, table: tableWith(2, "SUMIFS(B:B,A:A,A#,B:B,\">\"&B#)"), inputs: columns(0, 1), edit: bottom(1)},
	{name: "running COUNTIF", n: 2_000, table: tableWith(2, "COUNTIF($A$1:A#,A#)"), inputs: columns(0), edit: bottom(0)},
	{name: "running SUMIF", n: 2_000, table: tableWith(2, "SUMIF($A$1:A#,A#,$B$1:B#)"), inputs: columns(0, 1), edit: bottom(0)},
	{name: "running COUNTIFS of two", n: 2_000, table: tableWith(2, "COUNTIFS($A$1:A#,A#,$B$1:B#,B#)"), inputs: columns(0, 1), edit: bottom(0)},
	{name: "first time seen", n: 2_000, table: tableWith(1, "IF(MATCH(A#,A$1:A$<n>,0)=ROW(),1,0)", "IF(COUNTIF(A$1:A#,A#)>1,\"\",A#)"), inputs: columns(0), edit: bottom(0)},
	{name: "RANK and share of total", n: 5_000, table: tableWith(1, "RANK(A#,A$1:A$<n>)", "A#/SUM(A$1:A$<n>)"), inputs: columns(0), edit: bottom(0)},
	{name: "numbering of filtered rows", n: 2_000, table: tableWith(1, "SUBTOTAL(3,A$1:A#)"), inputs: columns(0), edit: bottom(0)},
	{name: "SUBTOTAL of blocks and of all", n: 2_600, table: tableWith(1, "A#*2").every(13, "SUBTOTAL(9,B<-12>:B<-1>)").from(2).with("SUBTOTAL(9,B$1:B$<n>)", 5), inputs: columns(0), edit: bottom(0)},
	{name: "growing COUNTIF of one condition", n: 2_000, table: tableWith(1, "COUNTIF(A$1:A#,\">500\")", "COUNTBLANK(A$1:A#)"), inputs: columns(0), edit: bottom(0)},
	{name: "summary by key and month", n: 5_000, table: tableWith(3).with("SUMIFS($C:$C,$A:$A,#,$B:$B,\">=\"&#*20,$B:$B,\"<\"&#*20+40)", 500), inputs: columns(0, 1, 2), edit: bottom(2)},
	{name: "INDEX in two directions", n: 5_000, table: tableWith(4, "INDEX($A$1:$D$<n>,MATCH(A#,$A$1:$A$<n>,0),MATCH(D#,$A#:$D#,0))"), inputs: columns(0, 1, 2, 3), edit: bottom(1)},
	{name: "LARGE and percentile", n: 5_000, table: tableWith(1, "LARGE(A$1:A$<n>,#)", "PERCENTRANK(A$1:A$<n>,A#)", "SMALL(A:A,#)"), inputs: columns(0), edit: bottom(0)},
	{name: "last match by LOOKUP", n: 250, table: tableWith(2, "LOOKUP(2,1/(A$1:A$250=A#),B$1:B$250)"), inputs: columns(0, 1), edit: bottom(0)},
	{name: "last match before", n: 500, table: tableWith(2, "IFERROR(LOOKUP(2,1/(A$1:A^=A#),B$1:B^),0)").from(2), inputs: columns(0, 1), edit: bottom(0), squared: "each makes an array of its whole range"},
	{name: "MATCH before", n: 5_000, table: tableWith(2, "IFERROR(MATCH(A#,A$1:A^,0),0)").from(2), inputs: columns(0, 1), edit: bottom(0)},
	{name: "wildcards", n: 1_000, table: tableWith(1, "\"key \"&A#", "COUNTIF(B$1:B$500,\"*\"&A#)"), inputs: columns(0), edit: bottom(0), squared: "each pattern is tried on every text of the column"},
	{name: "INDEX of a row", n: 10_000, table: tableWith(1, "INDEX(A:A,ROW())*2", "INDEX(A$1:A$<n>,<n>-ROW()+1)"), inputs: columns(0), edit: bottom(0)},
	{name: "conditional SUMPRODUCT over 1000", n: 250, table: tableWith(2, "SUMPRODUCT((A$1:A$250=A#)*(B$1:B$250>3)*B$1:B$250)"), inputs: columns(0, 1), edit: bottom(0)},

	{name: "growing SUM", n: 10_000, table: tableWith(1, "SUM(A$1:A#)"), inputs: columns(0), edit: bottom(0)},
	{name: "growing AVERAGE, MIN, COUNT", n: 10_000, table: tableWith(1, "AVERAGE(A$1:A#)", "MIN(A$1:A#)", "COUNT(A$1:A#)", "COUNTA(A$1:A#)"), inputs: columns(0), edit: bottom(0)},
	{name: "growing SUM of six columns", n: 5_000, table: tableWith(6, "SUM($A$1:F#)"), inputs: columns(0, 1, 2, 3, 4, 5), edit: bottom(0)},
	{name: "growing SUMPRODUCT", n: 1_000, table: tableWith(2, "SUMPRODUCT($A$1:A#,$B$1:B#)"), inputs: columns(0, 1), edit: bottom(0)},
	{name: "growing PRODUCT and STDEV", n: 1_000, table: tableWith(1, "PRODUCT(A$1:A#)", "STDEV(A$1:A#,1,2)"), inputs: columns(0), edit: bottom(0), squared: "each reads its whole range"},
	{name: "growing MEDIAN", n: 500, table: tableWith(1, "MEDIAN(A$1:A#)"), inputs: columns(0), edit: bottom(0), squared: "each sorts its whole range"},
	{name: "shrinking SUM", n: 5_000, table: tableWith(1, "SUM(A#:A$<n>)"), inputs: columns(0), edit: top(0)},
	{name: "shrinking AVERAGE and MAX", n: 5_000, table: tableWith(1, "AVERAGE(A#:A$<n>)", "MAX(A#:A$<n>)"), inputs: columns(0), edit: top(0)},
	{name: "backward chain", n: 25_000, table: tableWith(1, "B>+A#"), inputs: columns(0), edit: top(0)},
	{name: "shrinking SUM of its own column", n: 5_000, table: tableWith(1, "A#-SUM(B>:B$<n+1>)"), inputs: columns(0), edit: top(0)},
	{name: "growing SUM of its own column", n: 5_000, table: tableWith(1, "A#-SUM(B$1:B^)").from(2), inputs: columnsFrom(2, 0), edit: bottom(0)},
	{name: "sliding AVERAGE of a quarter", n: 5_000, table: tableWith(1, "AVERAGE(A#:A<n/4>)"), inputs: columns(0), edit: top(0)},
	{name: "sliding AVERAGE of 12", n: 25_000, table: tableWith(1, "AVERAGE(A#:A<11>)"), inputs: columns(0), edit: top(0)},
	{name: "sliding SUM in its own column", n: 5_000, table: tableWith(1, "A#-SUM(B<-12>:B^)/20").from(20), inputs: columnsFrom(20, 0), edit: bottom(0)},

	{name: "one-off formulas with totals", n: 5_000, table: tableWith(1, "A#*#-7", "A#+#").with("SUM(B1:B<n>)", 20), inputs: columns(0), edit: top(0)},
	{name: "one-off growing SUM", n: 2_000, table: tableWith(1, "A#*#", "SUM(B$1:B#)+#"), inputs: columns(0), edit: bottom(0)},
	{name: "one-off growing SUM of its own column", n: 2_000, table: tableWith(1, "A#-SUM(B$1:B^)+#*0").from(2), inputs: columnsFrom(2, 0), edit: bottom(0)},
	{name: "one-off shrinking SUM of its own column", n: 2_000, table: tableWith(1, "A#-SUM(B>:B$<n+1>)+#*0"), inputs: columns(0), edit: top(0)},
	{name: "one-off chain", n: 5_000, table: tableWith(1, "B^+A#*#").from(2), inputs: columns(0), edit: bottom(0)},
	{name: "one-off, all over all", n: 2_000, table: tableWith(1, "A#*#", "B#/SUM(B$1:B$<n>)+#"), inputs: columns(0), edit: bottom(0)},
	{name: "two formulas by turns", n: 10_000, table: tableWith(1, "A#*2").every(2, "A#+1"), inputs: columns(0), edit: top(0)},
	{name: "chain of two formulas by turns", n: 10_000, table: tableWith(1, "B^+A#").every(2, "B^*0.5+A#").from(2), inputs: columns(0), edit: bottom(0)},
	{name: "checkerboard", n: 1_000, book: checkerboard, inputs: columns(0), edit: bottom(0)},
	{name: "diagonal", n: 1_000, book: diagonal, inputs: rowOf(0), edit: func(n int) cell.Area { return cell.At(0, 0, 0) }},
	{name: "transposed", n: 1_000, book: transposed, inputs: columns(0), edit: top(0)},
	{name: "mutual, up and down", n: 2_000, table: tableWith(1, "C<-2>+A#", "A#+B>/2").from(3), inputs: columnsFrom(3, 0), edit: bottom(0)},
	{name: "mutual, by turns", n: 10_000, table: tableWith(1, "C^/2+A#", "B#/2+1").from(2), inputs: columns(0), edit: bottom(0)},
	{name: "mutual, growing and down", n: 2_000, table: tableWith(1, "A#-SUM(C$1:C<-2>)/<n>", "B>/2+A#").from(3), inputs: columnsFrom(3, 0), edit: bottom(0)},
	{name: "mutual, shrinking and up", n: 2_000, table: tableWith(1, "A#-SUM(C<2>:C$<n+4>)/<n>", "B^/2+A#").from(3), inputs: columnsFrom(3, 0), edit: bottom(0)},
	{name: "OFFSET", n: 1_000, table: tableWith(1, "SUM(OFFSET(A#,0,0,3,1))"), inputs: columns(0), edit: bottom(0)},

	{name: "sheets of twenty formulas", n: 250, book: manySheets, inputs: sheetInputs, edit: top(0)},
	{name: "sheets, each of the one before", n: 50, book: chainedSheets, inputs: chainInputs, edit: top(0)},
}

// columns makes the cells of rows 1 to n of some columns.
func columns(cols ...int32) func(int) []cell.Area { return columnsFrom(1, cols...) }

func columnsFrom(first int32, cols ...int32) func(int) []cell.Area {
	return func(n int) []cell.Area {
		var out []cell.Area
		for _, c := range cols {
			out = append(out, cell.Area{R0: first - 1, C0: c, R1: int32(n) - 1, C1: c})
		}
		return out
	}
}

func rowOf(row int32) func(int) []cell.Area {
	return func(n int) []cell.Area { return []cell.Area{{R0: row, R1: row, C1: 0}} }
}

func top(col int32) func(int) cell.Area { return func(int) cell.Area { return cell.At(0, 1, col) } }
func bottom(col int32) func(int) cell.Area {
	return func(n int) cell.Area { return cell.At(0, int32(n)-2, col) }
}

// given is the number of an input: a whole one, and the same in some rows.
func given(row, col int) float64 { return float64(xlsxtest.Scatter(row*64+col)%(1000*(col+1)) + 1) }

// tableShape is a table of n rows, with columns of inputs and of formulas behind them.
type tableShape struct {
	inputs   int
	formulas []string
	first    int // row with formulas
	period   int // of every so manyth row the formulas are others
	others   []string
	total    string // a formula behind the table
	totals   int    // rows that have it
}

// tableWith is a table with formulas filled down. In the formulas # is the number of the row, ^ and > behind a letter are that of the row above and below, <k> of
// a row so many further down, <n> of the last one, <n+k> of one below it, and <n/4> of the row that is a quarter of all further down.
func tableWith(inputs int, formulas ...string) tableShape {
	return tableShape{inputs: inputs, formulas: formulas, first: 1}
}

func (t tableShape) from(first int) tableShape {
	t.first = first
	return t
}

func (t tableShape) every(period int, formulas ...string) tableShape {
	t.period, t.others = period, formulas
	return t
}

func (t tableShape) with(total string, totals int) tableShape {
	t.total, t.totals = total, totals
	return t
}

func (t tableShape) options(n int) xlsxtest.Options {
	return xlsxtest.Options{Rows: n, Fill: func(_, row int, put *xlsxtest.Cells) {
		for col := range t.inputs {
			put.Number(col, given(row, col))
		}
		formulas := t.formulas
		if t.period > 0 && row%t.period == 0 {
			formulas = t.others
		}
		if row < t.first {
			formulas = nil
		}
		for i, f := range formulas {
			put.Formula(t.inputs+i, expand(f, row, n))
		}
		if row <= t.totals {
			put.Formula(t.inputs+len(t.formulas), expand(t.total, row, n))
		}
	}}
}

// expand writes the formula of a table for a row.
func expand(text string, row, n int) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		behind := i > 0 && 'A' <= text[i-1] && text[i-1] <= 'Z'
		end := strings.IndexByte(text[i:], '>')
		switch {
		case c == '#':
			fmt.Fprint(&b, row)
		case c == '^' && behind:
			fmt.Fprint(&b, max(row-1, 1))
		case c == '>' && behind:
			fmt.Fprint(&b, row+1)
		case c == '<' && end > 1 && strings.Trim(text[i+1:i+end], "n0123456789+-/") == "":
			fmt.Fprint(&b, rowAt(text[i+1:i+end], row, n))
			i += end
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func rowAt(what string, row, n int) int {
	if what == "n/4" {
		return row + n/4
	}
	if behind, ok := strings.CutPrefix(what, "n"); ok {
		row, what = n, behind
	}
	k, _ := strconv.Atoi(what) // nothing behind n is 0
	return row + k
}

// monthsRight has blocks of ten lines over sixty months, each line of the month before and of the line above, a subtotal for each block, and at the
// end of each line a total of the year.
func monthsRight(n int) xlsxtest.Options {
	const lines, months = 12, 60
	return xlsxtest.Options{Rows: n * lines / 10, Fill: func(_, row int, put *xlsxtest.Cells) {
		put.Number(0, given(row, 0)/1000)
		line := row % lines
		for m := 1; m <= months; m++ {
			col, left := xlsxtest.Column(m), xlsxtest.Column(m-1)
			switch {
			case line == 1:
				put.Formula(m, fmt.Sprintf("%s%d*(1+$A%d/100)", left, row, row))
			case line == lines-1:
				put.Formula(m, fmt.Sprintf("SUM(%s%d:%s%d)", col, row-lines+2, col, row-1))
			case line == 0:
				put.Formula(m, fmt.Sprintf("%s%d+%s%d-$A%d", left, row, col, row-1, row)) // cash carried forward
			default:
				put.Formula(m, fmt.Sprintf("%s%d*$A%d+%s%d*0.01", col, row-1, row, left, row))
			}
		}
		put.Formula(months+1, fmt.Sprintf("SUM(B%d:%s%d)", row, xlsxtest.Column(months), row))
	}}
}

// checkerboard has two formulas on the fields of a board twenty columns wide.
func checkerboard(n int) xlsxtest.Options {
	return xlsxtest.Options{Rows: n, Fill: func(_, row int, put *xlsxtest.Cells) {
		put.Number(0, given(row, 0))
		for col := 1; col <= 20; col++ {
			left := xlsxtest.Column(col - 1)
			if (row+col)%2 == 0 {
				put.Formula(col, fmt.Sprintf("%s%d+1", left, row))
			} else {
				put.Formula(col, fmt.Sprintf("%s%d*0.5", left, row))
			}
		}
	}}
}

// diagonal has one formula in each row and column, of the one before.
func diagonal(n int) xlsxtest.Options {
	return xlsxtest.Options{Rows: n, Fill: func(_, row int, put *xlsxtest.Cells) {
		if row == 1 {
			put.Number(0, 1)
			return
		}
		put.Formula(row-1, fmt.Sprintf("%s%d+1", xlsxtest.Column(row-2), row-1))
	}}
}

// transposed has a column of inputs, a row that reads them one by one, and a column that reads the row.
func transposed(n int) xlsxtest.Options {
	return xlsxtest.Options{Rows: n, Fill: func(_, row int, put *xlsxtest.Cells) {
		put.Number(0, given(row, 0))
		put.Formula(1, fmt.Sprintf("%s1*2+A%d", xlsxtest.Column(row+2), row))
		if row > 1 {
			return
		}
		for i := 1; i <= n; i++ {
			put.Formula(2+i, fmt.Sprintf("A%d+1", i))
		}
	}}
}

// manySheets has n sheets with twenty formulas each, and a sum over all on the first one.
func manySheets(n int) xlsxtest.Options {
	return xlsxtest.Options{Sheets: n, Rows: 20, Fill: func(sheet, row int, put *xlsxtest.Cells) {
		put.Number(0, given(sheet*20+row, 0))
		put.Formula(1, fmt.Sprintf("A%d*2", row))
		if sheet == 1 && row == 1 {
			put.Formula(2, fmt.Sprintf("SUM(Sheet1:Sheet%d!B1)", n))
		}
	}}
}

func sheetInputs(n int) []cell.Area {
	var out []cell.Area
	for s := range int32(n) {
		out = append(out, cell.Area{Sheet: s, R1: 19})
	}
	return out
}

// chainedSheets has n sheets of twenty rows by ten columns, each of which reads the one before.
func chainedSheets(n int) xlsxtest.Options {
	return xlsxtest.Options{Sheets: n, Rows: 20, Fill: func(sheet, row int, put *xlsxtest.Cells) {
		put.Number(0, given(row, 0))
		for col := 1; col <= 10; col++ {
			if sheet == 1 {
				put.Formula(col, fmt.Sprintf("A%d+%d", row, col))
			} else {
				put.Formula(col, fmt.Sprintf("Sheet%d!%s%d*0.5+$A%d", sheet-1, xlsxtest.Column(col), row, row))
			}
		}
	}}
}

func chainInputs(n int) []cell.Area { return []cell.Area{{R1: 19}} }
