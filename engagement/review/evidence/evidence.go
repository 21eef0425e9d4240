// Package evidence joins predictions with measurements: it sorts the statements of the matrix by the kind
// that the prediction gives them, so that a prediction of a kind can name what a real server did.
package evidence

import (
	"sync"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/matrix"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Row is a measured statement.
type Row struct {
	ID     string
	Major  int
	Effect effect.Effect
}

// Of returns the measured statements of a kind on exactly this version of a server, in the order of the
// matrix; none when the version was not measured.
func Of(kind predict.Kind, server predict.Server) []Row {
	product, major := Product(server)
	if product == "" {
		return nil
	}
	var out []Row
	for _, id := range kinds(server, product)[kind] {
		a, ok := matrix.Embedded().Lookup(product, id, major)
		if ok && a.Exact && a.Refused == "" {
			out = append(out, Row{id, a.Major, a.Effect})
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

var (
	mu     sync.Mutex
	sorted = map[predict.Server]map[predict.Kind][]string{}
)

// kinds sorts the statements of the matrix by kind, once for each server.
func kinds(server predict.Server, product matrix.Product) map[predict.Kind][]string {
	mu.Lock()
	defer mu.Unlock()
	if have := sorted[server]; have != nil {
		return have
	}
	out := map[predict.Kind][]string{}
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
		impacts := p.Predict(row.SQL)
		if len(impacts) == 1 {
			out[impacts[0].Kind] = append(out[impacts[0].Kind], row.ID)
		}
	}
	sorted[server] = out
	return out
}
