package calcconform

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// ReadExcelize finds the tables in excelize's calc_test.go: in each test the maps from formulas to values, or to errors, and the rows of
// cells around them. What a test builds otherwise is left out.
func ReadExcelize(src []byte) ([]TableCase, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "calc_test.go", src, 0)
	if err != nil {
		return nil, fmt.Errorf("read excelize's tables: %w", err)
	}
	var out []TableCase
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil && strings.HasPrefix(f.Name.Name, "Test") {
			out = append(out, excelizeTest(f)...)
		}
	}
	return out, nil
}

func excelizeTest(f *ast.FuncDecl) []TableCase {
	var out []TableCase
	sheet := &Sheet{Name: "Sheet1", Cells: map[At]*Cell{}}
	var at *At    // of the formulas of the tables
	known := true // all that the test puts into cells
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			s, ok := n.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			switch s.Sel.Name {
			case "SetCellFormula":
				row, col, ok := cell.ParseAddress(stringLiteral(argument(n, 1)))
				text := strings.TrimPrefix(stringLiteral(argument(n, 2)), "=")
				switch {
				case ok && text != "":
					// The tables before do not see it.
					sheet = &Sheet{Name: sheet.Name, Cells: maps.Clone(sheet.Cells)}
					sheet.Cells[At{row, col}] = &Cell{Excel: text}
				case ok && at == nil:
					at = &At{row, col}
				}
			case "SetCellValue", "SetSheetRow", "SetDefinedName", "NewSheet", "SetCellStr", "SetCellInt", "SetSheetCol":
				known = false
			}
		case *ast.CompositeLit:
			switch typeName(n.Type) {
			case "[][]interface{}":
				sheet = &Sheet{Name: "Sheet1", Cells: map[At]*Cell{}}
				excelizeCells(sheet, n)
			case "map[string]string", "map[string][]string":
				for _, e := range n.Elts {
					kv, ok := e.(*ast.KeyValueExpr)
					if !ok {
						continue
					}
					want := stringLiteral(kv.Value)
					if list, ok := kv.Value.(*ast.CompositeLit); ok && len(list.Elts) > 0 {
						want = stringLiteral(list.Elts[0])
					}
					if text := strings.TrimPrefix(stringLiteral(kv.Key), "="); text != "" {
						out = append(out, TableCase{Source: "excelize", Test: f.Name.Name, Formula: text, Want: want, Cells: sheet})
					}
				}
			}
		}
		return true
	})
	if !known || at == nil {
		return nil
	}
	for i := range out {
		out[i].At = *at
	}
	return out
}

func argument(c *ast.CallExpr, i int) ast.Expr {
	if i < len(c.Args) {
		return c.Args[i]
	}
	return nil
}

func stringLiteral(e ast.Expr) string {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(l.Value)
	if err != nil {
		return ""
	}
	return s
}

// typeName writes the few types that matter.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.ArrayType:
		if e.Len == nil {
			return "[]" + typeName(e.Elt)
		}
	case *ast.MapType:
		return "map[" + typeName(e.Key) + "]" + typeName(e.Value)
	case *ast.InterfaceType:
		return "interface{}"
	}
	return ""
}

// excelizeCells fills a sheet with rows of literals from A1 on.
func excelizeCells(s *Sheet, rows *ast.CompositeLit) {
	for r, row := range rows.Elts {
		cells, ok := row.(*ast.CompositeLit)
		if !ok {
			continue
		}
		for c, e := range cells.Elts {
			sign := 1.0
			if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.SUB {
				sign, e = -1, u.X
			}
			var v cell.Value
			switch e := e.(type) {
			case *ast.BasicLit:
				if e.Kind == token.STRING {
					v = cell.Str(stringLiteral(e))
				} else if f, err := strconv.ParseFloat(strings.ReplaceAll(e.Value, "_", ""), 64); err == nil {
					v = cell.Num(sign * f)
				}
			case *ast.Ident:
				if e.Name == "true" || e.Name == "false" {
					v = cell.Truth(e.Name == "true")
				}
			}
			if !v.IsBlank() {
				s.Cells[At{int32(r), int32(c)}] = &Cell{Value: v}
			}
		}
	}
}
