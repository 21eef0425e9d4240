package calc

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"

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
	if i := strings.LastIndexByte(text, '!'); i > 0 {
		// A name of a sheet may come without its apostrophes, which shells take away.
		if _, ok := b.Sheet(text[:i]); ok {
			text = "'" + strings.ReplaceAll(text[:i], "'", "''") + "'" + text[i:]
		}
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
			return nil, fmt.Errorf("there is no sheet %q; %s", r.Sheets.First, alternatives(r.Sheets.First, b.Sheets()))
		}
	}
	if i := strings.LastIndexByte(text, '!'); i > 0 {
		return nil, fmt.Errorf("%s is no cell or area of a sheet; the sheets are %s", text, list(b.Sheets()))
	}
	if n, ok := tree.(*formula.Name); ok {
		if e, ok := (resolver{b}).Name(0, n.Text); ok {
			return nil, fmt.Errorf("%s is a name of =%s and not of cells", text, formula.Text(e, 0, 0))
		}
		if near := nearest(n.Text, b.defined); near != "" {
			return nil, fmt.Errorf("%s is no cell, area or name of one; did you mean %s?", text, near)
		}
	}
	return nil, fmt.Errorf("%s is no cell, area or name of one", text)
}

// alternatives is what to write instead of a name that is unknown: the one that was meant, or those that there are.
func alternatives(name string, known []string) string {
	if near := nearest(name, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "there are " + list(known)
}

// nearest returns the name that differs from another one by at most two letters, and by less than a third of them; "" where none does.
func nearest(name string, known []string) string {
	best, least := "", min(3, len(name)/3+1)
	for _, k := range known {
		if d := levenshtein.Distance(cell.Fold(k), cell.Fold(name), nil); d < least {
			best, least = k, d
		}
	}
	return best
}

// list is some names for a sentence.
func list(names []string) string {
	const most = 10
	var quoted []string
	for _, n := range names[:min(len(names), most)] {
		quoted = append(quoted, fmt.Sprintf("%q", n))
	}
	if more := len(names) - most; more > 0 {
		quoted = append(quoted, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(quoted, ", ")
}
