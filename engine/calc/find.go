package calc

import (
	"fmt"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/formula"
)

// Find returns the areas that a text means: a reference such as B2, 'My sheet'!A1:C9 or Sales[Price], or a name that stands for one. Without a
// sheet it is of the first one.
func (b *Workbook) Find(text string) ([]cell.Area, error) {
	if len(b.sheets) == 0 {
		return nil, fmt.Errorf("the workbook has no sheets")
	}
	tree, err := formula.Parse(text, 0, 0)
	if err != nil {
		return nil, fmt.Errorf("%s is no reference: %w", text, err)
	}
	f := eval.Compile(tree, resolver{b}, eval.Options{})
	e := b.newEnv()
	v := f.Raw(e.walker, 0, 0, 0)
	if areas := v.Areas(); areas != nil {
		return areas, nil
	}
	if r, ok := tree.(*formula.Ref); ok && r.Sheets.Given {
		if _, ok := b.Sheet(r.Sheets.First); !ok {
			return nil, fmt.Errorf("there is no sheet %q", r.Sheets.First)
		}
	}
	return nil, fmt.Errorf("%s is no cell, area or name of one", text)
}
