package calcbench

import (
	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// The bar of B5.
const (
	graphRows    = 1_000_000
	graphColumns = 20
	mostGraph    = unit.MB
)

// graph is B5: what regions and edges take for a sheet of twenty million formulas.
func (b *bench) graph() error {
	path, err := b.make("filled-20M", xlsxtest.Options{Shape: xlsxtest.Local, Rows: graphRows, Formulas: graphColumns, Shared: true, NoValues: true})
	if err != nil {
		return err
	}
	row := Row{Bar: "B5", What: "graph of 1 M rows by 20 filled-down columns", Of: "B", Target: "at most " + mostGraph.String()}
	var k *book
	opening, err := b.measure(Row{Bar: "B5", What: "open them, 20 M shared formulas without values"}, b.sized(path, graphRows*3), 1, nil, func() error {
		k, err = b.open(path)
		return err
	})
	if err != nil {
		return err
	}
	defer k.file.Close()
	opening.Note = "once"
	regions, bytes := k.Graph()
	holds := bytes <= int64(mostGraph)
	row.Amount, row.Holds = float64(bytes), &holds
	row.Note = unit.Count(regions).String() + " regions"
	b.add(row)
	_, err = b.measure(Row{Bar: "B5", What: "recalculate them, the first time"}, b.cellsLimit(2*graphColumns*graphRows, graphColumns*graphRows), 1, nil,
		func() error { return k.recalculate(b, graphColumns*graphRows) })
	return err
}
