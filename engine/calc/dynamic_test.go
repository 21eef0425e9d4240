package calc_test

import (
	"fmt"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// TestTried holds that formulas with INDIRECT or OFFSET are tried again only after something changed that they have read, and are right then.
func TestTried(t *testing.T) {
	b := newBook(t, calc.Options{})
	const n = 300
	for i := 1; i <= n; i++ {
		b.set(fmt.Sprintf("A%d", i), i, fmt.Sprintf("B%d", i), fmt.Sprintf("=SUM(OFFSET(A%d,0,0,3,1))", i), fmt.Sprintf("C%d", i), fmt.Sprintf(`=INDIRECT("B"&ROW())+INDIRECT(F$%d)`, 1))
	}
	b.set("F1", "E1", "E1", 100, "E2", 1000, "G1", 5, "H1", `=COUNTBLANK(INDIRECT("J:J"))`)
	b.want("B1", "6", "C1", "106", "C300", "400", "H1", "1048576")
	tried := func(what string, least, most int64, pairs ...string) {
		t.Helper()
		if r := b.want(pairs...); r.Tried < least || r.Tried > most {
			t.Errorf("%s: %d cells were tried, want %d to %d", what, r.Tried, least, most)
		}
	}
	b.calc()
	tried("nothing", 0, 0, "C1", "106")
	b.set("G1", 6)
	tried("an edit elsewhere", 0, 1, "C1", "106")
	b.set("A2", 12)
	tried("an edit of what OFFSET reads", 1, 4*n, "B1", "16", "C1", "116", "C3", "112")
	b.set("E1", 200)
	tried("of what INDIRECT reads", n, 4*n, "C1", "216", "C300", "500")
	b.set("F1", "E2")
	tried("of where INDIRECT reads", 1, 4*n, "C1", "1016")
	b.set("E1", 300)
	tried("of where it does not read any more", 0, 4*n, "C1", "1016")
	b.set("E2", 2000)
	tried("of where it reads now", n, 4*n, "C1", "2016")
	b.set("J400", 1).want("H1", "1048575")
	// What is written on top of a region goes on without it.
	b.set("B5", 7).want("C5", "2007")
	b.set("B5", "=SUM(OFFSET(A5,0,0,3,1))", "A6", 0).want("B5", "12", "C5", "2012")
	// Random places are others at another moment.
	b.set("K1", 1, "K2", 2, "K3", 3, "L1", "=SUM(OFFSET(K1,RANDBETWEEN(0,2),0))")
	b.calc()
	for seed := range uint64(20) {
		b.SetMoment(46000, seed)
		b.calc()
		at := b.Value(0, 0, 11).Float()
		b.Set(0, int32(at)-1, 10, cell.Num(at+10))
		b.want("L1", fmt.Sprint(at+10))
		b.Set(0, int32(at)-1, 10, cell.Num(at))
		b.want("L1", fmt.Sprint(at))
	}
}
