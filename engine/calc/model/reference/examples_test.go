package reference_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
)

func TestExamplesRun(t *testing.T) {
	for _, name := range []string{"saas-revenue.nap", "headcount.nap", "inventory.nap", "infrastructure-cost.nap"} {
		r := example(t, name, model.Options{})
		for _, tab := range r.Tables {
			t.Log(tab.Title, tab.Keys)
			for i, row := range tab.Rows {
				if i > 12 {
					break
				}
				line := row
				for _, c := range tab.Columns {
					t.Log(line, c.Title, c.Values[i])
				}
			}
		}
		t.Log(r.Notes)
	}
	r := example(t, "billion-cells.nap", model.Options{Dims: map[string]int{"Store": 5, "Product": 4}})
	t.Log(r.Tables[0].Rows, r.Tables[0].Columns)
}
