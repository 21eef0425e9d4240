package render

import (
	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

// Document is a result with what a reader must know of how it came about.
type Document struct {
	Model     string // its name, or that of its file
	File      string // the name of its file, without the folder
	Scenarios []string
	Set       []string // definitions that replaced those of the model: "churn = 3%"
	Cut       []string // dimensions that were cut short: "Store to its first 100 items"
	Seed      uint64   // of the samples
	Tool      string   // the version of the program
	*result.Result
}
