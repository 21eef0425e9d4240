package calc

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/formula"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

// Other workbooks are not opened. What the file remembers of their cells stands in sheets behind its own, which are called as formulas call
// them, [1]Sheet1, and which nothing can change; a sheet of which nothing is remembered is not there, so that formulas that name it are #REF!.

// externalName is under which a sheet of the n-th other workbook is known, from 0.
func externalName(n int, sheet string) string { return "[" + strconv.Itoa(n+1) + "]" + sheet }

// externalSheets returns the names of the sheets that are remembered.
func externalSheets(links []xlsx.External) (names []string) {
	known := map[string]bool{}
	for i, x := range links {
		for _, s := range x.Sheets {
			name := externalName(i, s.Name)
			if s.Known && !known[cell.Fold(name)] {
				known[cell.Fold(name)] = true
				names = append(names, name)
			}
		}
	}
	return names
}

// fillExternals fills the sheets of other workbooks.
func (b *Workbook) fillExternals(links []xlsx.External) {
	for i, x := range links {
		for _, s := range x.Sheets {
			sheet, ok := b.sheetOf(externalName(i, s.Name))
			if !ok {
				continue
			}
			for _, c := range s.Cells {
				b.column(sheet, c.Col, c.Row).Set(int(c.Row), b.strings.Box(c.Value))
			}
		}
	}
}

// defineExternals defines the names of other workbooks.
func (b *Workbook) defineExternals(links []xlsx.External) {
	for i, x := range links {
		for _, n := range x.Names {
			scope := externalName(i, "")
			if n.Sheet >= 0 {
				scope = externalName(i, x.Sheets[n.Sheet].Name)
			}
			tree, err := formula.Parse(n.Formula, 0, 0)
			if err != nil {
				continue // it stays unknown
			}
			formula.Walk(tree, func(e formula.Expr) bool {
				switch e := e.(type) {
				case *formula.Ref:
					e.Sheets.External = strconv.Itoa(i + 1)
				case *formula.Name:
					e.Sheets = formula.Sheets{Given: true, External: strconv.Itoa(i + 1), First: e.Sheets.First}
				}
				return unwrap(e)
			})
			b.names[nameKey{-1, strings.ToLower(scope + "!" + n.Name)}] = tree
		}
	}
}
