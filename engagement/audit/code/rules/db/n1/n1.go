// Package n1 turns the flow engine's loads into findings for the family of rules on work per row:
// relations that a query should have preloaded, queries, aggregates and writes in loops.
//
// A finding is one loop, whatever it sends: its statements are summed, each is listed, and the rule
// that speaks for it is the one of its dearest kind. Relations that one query forgot are one finding
// on that query, which also names the other statements of the loops that it ends. Loops whose whole
// work is one function that queries are one finding on the function.
//
// It judges as well: how many rows, how often, what else a turn does. A claim that is true and not
// worth a page is reported as minor.
package n1

import (
	"sync"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/txn"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// The rules between which the findings are divided.
const (
	Relation  = "db.n1-relation"
	Nested    = "db.n1-nested"
	Query     = "db.n1-query-in-loop"
	Aggregate = "db.aggregate-per-row"
	Write     = "db.row-write-loop"
)

// Report reports the findings of the family that belong to the rule of the pass.
func Report(p *rule.Pass) {
	for _, f := range of(p).findings(p) {
		if f.Rule == p.Rule.Doc.ID {
			p.Report(f)
		}
	}
}

// Quiet reports whether nothing should be said about code in the file: tests, seeds and one-off
// migrations run once.
func Quiet(f *project.File) bool {
	switch f.Role {
	case project.Test, project.Seed, project.Migration, project.Vendored, project.Generated, project.Docs:
		return true
	}
	return false
}

// facts are what the family knows of a project besides the flow's result. They are made once.
type facts struct {
	*project.Project
	flow   *flow.Result
	remote *txn.Remote

	once    sync.Once
	found   []rule.Finding
	regions map[*project.File][]txn.Region
	inside  map[syntax.Ref]string // functions that a transaction calls, and the transaction's name
	hooks   map[string]bool       // names of models that have listeners elsewhere; "*" when all have
	pages   defaults
}

type key struct{}

func of(p *rule.Pass) *facts {
	return p.Derive(key{}, func() any {
		return &facts{Project: p.Project, flow: p.Flow, remote: txn.NewRemote(p.Project, p.Flow.Index), pages: pageDefaults(p.Project)}
	}).(*facts)
}

// findings computes the findings of all rules of the family: they share loops.
func (x *facts) findings(p *rule.Pass) []rule.Finding {
	x.once.Do(func() {
		loops := x.loops()
		groups, taken := x.relations(p, loops)
		x.found = append(groups, x.queries(p, loops, taken)...)
	})
	return x.found
}
