// Package evidence joins predictions with measurements: it sorts the statements of the matrix by the kind
// that the prediction gives them, so that a prediction of a kind can name what a real server did.
package evidence

import (
	"sync"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/matrix"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Row is a measured statement.
type Row struct {
	ID     string
	Major  int
	Effect effect.Effect
}

// Of returns the measured statements that are like an action, on exactly this version of a server and in the
// order of the matrix; none when the version was not measured. Like it are those that the prediction gives
// the same kind and that are the same form of the same statement.
func Of(kind predict.Kind, action *statement.Action, server predict.Server) []Row {
	product, major := Product(server)
	if product == "" {
		return nil
	}
	var out []Row
	for _, r := range kinds(server, product)[kind] {
		if r.form != formOf(action) {
			continue
		}
		a, ok := matrix.Embedded().Lookup(product, r.id, major)
		if ok && a.Exact && a.Refused == "" {
			out = append(out, Row{r.id, a.Major, a.Effect})
		}
	}
	return out
}

// Product is the matrix's name of a product and version; empty for one that it does not measure.
func Product(server predict.Server) (matrix.Product, int) {
	switch server.Product {
	case predict.PostgreSQL:
		return matrix.Postgres, server.Major
	case predict.MariaDB:
		return matrix.MariaDB, server.Major*100 + server.Minor
	}
	return "", 0
}

// Predict predicts a statement of the matrix, with the fixture and its setup as the schema. The actions of
// a statement are folded into one impact: the strongest locks and all work.
func Predict(row matrix.Row, product matrix.Product, server predict.Server) []predict.Impact {
	return predictor(row, product, server).Predict(row.SQL)
}

// predictor reads the schema of a row.
func predictor(row matrix.Row, product matrix.Product, server predict.Server) *lint.Predictor {
	dialect := schema.Postgres
	if product == matrix.MariaDB {
		dialect = schema.MySQL
	}
	return lint.NewPredictor(matrix.Fixture(product, matrix.FixtureRows(product))+";\n"+row.Setup+";\n"+row.Session, dialect, server)
}

// Fold joins the impacts of one statement.
func Fold(impacts []predict.Impact) effect.Effect {
	var e effect.Effect
	for _, im := range impacts {
		o := im.Effect
		e.Target, e.Index, e.Parent, e.Other = max(e.Target, o.Target), max(e.Index, o.Index), max(e.Parent, o.Parent), max(e.Other, o.Other)
		e.Algorithm, e.Admits = max(e.Algorithm, o.Algorithm), max(e.Admits, o.Admits)
		e.OutsideTransaction = e.OutsideTransaction || o.OutsideTransaction
		e.Unwritten = e.Unwritten || o.Unwritten // one statement has one target
		e.Work |= o.Work
	}
	return e
}

// form tells apart what the kinds of a prediction put together because it does the same: COMMENT and SET,
// row security and inheritance.
type form struct {
	kind         statement.Kind
	option       string
	concurrently bool
}

func formOf(a *statement.Action) form { return form{a.Kind, a.Option, a.Concurrently} }

// sample is a statement of the matrix.
type sample struct {
	id   string
	form form
}

var (
	mu     sync.Mutex
	sorted = map[predict.Server]map[predict.Kind][]sample{}
)

// kinds sorts the statements of the matrix by kind, once for each server.
func kinds(server predict.Server, product matrix.Product) map[predict.Kind][]sample {
	mu.Lock()
	defer mu.Unlock()
	if have := sorted[server]; have != nil {
		return have
	}
	out := map[predict.Kind][]sample{}
	_, major := Product(server)
	plain := predictor(matrix.Row{}, product, server) // most rows run on the fixture as it is
	for _, row := range matrix.Rows(product) {
		if !row.On(major) {
			continue
		}
		p := plain
		if row.Setup != "" || row.Session != "" {
			p = predictor(row, product, server)
		}
		if actions, impacts := p.Actions(row.SQL); len(impacts) == 1 {
			out[impacts[0].Kind] = append(out[impacts[0].Kind], sample{row.ID, formOf(&actions[0])})
		}
	}
	sorted[server] = out
	return out
}
