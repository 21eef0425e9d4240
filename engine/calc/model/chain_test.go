package model_test

import (
	"slices"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
)

// TestChains rolls up along mappings that follow on each other: one mapping is made of them, with the items that belong nowhere
// on the way, and a mapping that the model writes counts before it.
func TestChains(t *testing.T) {
	const text = `
dimension Person = Ada, Bob, Cyd, Dee, Eve
dimension Team = T1, T2, T3
dimension Department = D1, D2
dimension Country = Italy
map Person -> Team = Ada: T2, Bob: T1, Cyd: T3, Dee: T2
map Team -> Department = T1: D2, T2: D1
map Department -> Country = D1: Italy
map Department -> Team = D1: T2
pay[Person] = position(Person)
grant[Team] = 7
budget[Department] = 100
rate[Country] = 2
both[Person, Team] = pay * grant
`
	m := check(t, text, model.Options{Show: []string{"pay by Department", "pay by Country", "both by Department"}, Set: []string{"grant = 3"}})
	if len(m.Maps) != 6 || !slices.Equal(m.Maps[4].Target, []int32{0, 1, -1, 0, -1}) || m.Maps[4].Missing != 2 || !slices.Equal(m.Maps[5].Target, []int32{0, -1, -1, 0, -1}) {
		t.Errorf("the mappings are %v and %v of %d", m.Maps[4], m.Maps[5], len(m.Maps))
	}
	// Of a variable over persons and teams the teams have a mapping of their own, and persons have none.
	e := m.Vars[m.Outputs[2].Columns[0].View].Expr.(*model.VarRef)
	if both := m.Vars[e.Var]; both.Name != "both" || e.Dims[0].Kind != model.All || e.Dims[1] != (model.DimRef{Kind: model.Group, Map: 1}) {
		t.Errorf("%s is rolled up by %+v", both.Name, e.Dims)
	}
	m = check(t, text+"cost[Person] = budget[by Person] + rate[by Person]\nspent[Department] = pay[by Department]\nscenario S\n    cost = budget[by Person]\nshow cost by Person\nshow spent by Department", model.Options{})
	if len(m.Maps) != 6 {
		t.Errorf("%d mappings", len(m.Maps))
	}
}
