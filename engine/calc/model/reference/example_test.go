package reference_test

import (
	"context"
	"fmt"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
	"github.com/napkin-infra/napkin/engine/calc/model/reference"
)

// A model from text to figures: revenue by region, and the margin of sums.
func Example() {
	file, err := lang.Parse(lang.Source{Name: "shop.nap", Text: `
time quarter 2025-Q1 to 2025-Q4
dimension Region = North, South
input revenue[Region, quarter] = North others: 100, South others: 300
input cost[Region, quarter] = North others: 50, South others: 270
margin = (revenue - cost) / revenue
    rollup: formula
show revenue, margin by Region, year
show margin by year
`})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := model.Check(context.Background(), file, model.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := reference.Run(context.Background(), m, reference.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, table := range result.Tables {
		for i, row := range table.Rows {
			for _, column := range table.Columns {
				fmt.Println(row, column.Title, column.Values[i])
			}
		}
	}
	// Output:
	// [North 2025] revenue 400
	// [North 2025] margin 0.5
	// [South 2025] revenue 1200
	// [South 2025] margin 0.1
	// [2025] margin 0.2
}
