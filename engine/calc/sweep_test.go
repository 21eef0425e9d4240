package calc_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/internal/calcrandom"
)

// TestSumProduct holds that SUMPRODUCT over columns has the bits of the one over arrays, whatever the cells hold.
func TestSumProduct(t *testing.T) {
	const rows = 1200
	random := rand.New(rand.NewPCG(3, 1))
	column := func() string {
		c := random.IntN(6)
		switch letter := string(rune('A' + c)); random.IntN(9) {
		case 0:
			return letter + ":" + letter
		case 1:
			return fmt.Sprintf("%s3:%s%d", letter, letter, rows+2) // of another place
		case 2:
			return letter + "$1:" + letter + "%d" // growing
		default:
			return fmt.Sprintf("%s$1:%s$%d", letter, letter, rows)
		}
	}
	one := func() string {
		return []string{"3", "0", "\"ab\"", "H%d", "G%d", "TRUE", "1/3", "(2>1)", "-2", "H%d+1", "LEFT(\"abc\",2)", "DATE(2020,1,1)", "1E308", "Twice", "\"\""}[random.IntN(15)]
	}
	var number func(depth int) string
	condition := func(depth int) string {
		op := []string{"=", "<>", "<", "<=", ">", ">="}[random.IntN(6)]
		x, y := column(), one()
		switch random.IntN(6) {
		case 0:
			y = column()
		case 1:
			x, y = y, x
		case 2:
			if depth > 0 {
				y = number(depth - 1)
			}
		case 3:
			if depth > 0 {
				x = number(depth - 1)
			}
		}
		return "(" + x + op + y + ")"
	}
	number = func(depth int) string {
		if depth == 0 {
			return column()
		}
		part := func() string {
			switch random.IntN(4) {
			case 0:
				return condition(depth - 1)
			case 1:
				return one()
			}
			return number(depth - 1)
		}
		switch random.IntN(8) {
		case 0:
			return "--" + condition(depth-1)
		case 1:
			return "(" + part() + ")%%"
		case 2:
			return "IF(" + condition(depth-1) + "," + part() + ",0)"
		}
		return "(" + part() + []string{"+", "-", "*", "*", "*", "/"}[random.IntN(6)] + part() + ")"
	}
	kinds := []string{"int", "number", "text", "int", "mixed", "wide", "bool", "empty"}
	for round := range 12 {
		var books [2]*calc.Workbook
		for i := range books {
			books[i] = newBook(t, calc.Options{Tree: i == 0, Threads: 1 + round%2}).Workbook
			if err := books[i].Define(-1, "Twice", "Sheet1!$A1*2"); err != nil {
				t.Fatal(err)
			}
		}
		put := func(row, col int32, v cell.Value) {
			for _, b := range books {
				if err := b.Set(0, row, col, v); err != nil {
					t.Fatal(err)
				}
			}
		}
		for col := range int32(8) {
			kind := kinds[random.IntN(len(kinds))]
			if round%2 == 0 && kind == "mixed" {
				kind = "int" // else most formulas are an error
			}
			for row := range int32(rows) {
				put(row, col, calcrandom.Value(random, kind, row))
			}
		}
		for f := range int32(20) {
			text := number(1 + random.IntN(3))
			for range random.IntN(3) {
				text += "," + number(random.IntN(3))
			}
			if round%4 == 0 { // all growing
				text = growing.ReplaceAllString(text, "$1%d")
			}
			for row := int32(505); row < 517; row++ {
				at := text
				if n := countVerbs(text); n > 0 {
					args := make([]any, n)
					for i := range args {
						args[i] = row + 1
					}
					at = fmt.Sprintf(text, args...)
				}
				for _, b := range books {
					if err := b.SetFormula(0, row, 10+f, "SUMPRODUCT("+at+")", false); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		for _, b := range books {
			(&book{b, t}).calc()
		}
		same(t, fmt.Sprintf("round %d", round), books[1], books[0])
	}
}

// growing are the ends of ranges.
var growing = regexp.MustCompile(`([A-F]\$1:[A-F])\$?[0-9]+`)

func countVerbs(text string) int {
	n := 0
	for i := range len(text) - 1 {
		if text[i] == '%' && text[i+1] == 'd' {
			n++
		}
	}
	return n
}
