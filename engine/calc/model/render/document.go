package render

import (
	"fmt"

	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

// Document is a result with what a reader must know of how it came about.
type Document struct {
	Model     string // its name, or that of its file
	Scenarios []string
	Set       []string // definitions that replaced those of the model: "churn = 3%"
	Cut       []string // dimensions that were cut short: "Store to its first 100 items"
	Seed      uint64   // of the samples
	Tool      string   // the version of the program
	*result.Result
}

// figures names the figures of a column: the column alone, or its mean and percentiles.
func figures(c *result.Column, percentiles []float64) (titles []string, values [][]float64) {
	titles, values = []string{c.Title}, [][]float64{c.Values}
	if !c.Random {
		return titles, values
	}
	for i, p := range percentiles {
		titles = append(titles, c.Title+" "+percentile(p))
		values = append(values, c.Percentiles[i])
	}
	return titles, values
}

func percentile(p float64) string { return fmt.Sprintf("p%g", p) }
