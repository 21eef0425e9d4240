package calc_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/internal/calcrandom"
)

// endless are formulas of one cell that take longer than anybody waits, each in another part of the engine.
var endless = []string{
	"LET(f,LAMBDA(g,n,IF(n<2,n,g(g,n-1)+g(g,n-2))),f(f,90))",            // recursion
	"SUM(MAP(SEQUENCE(1000000),LAMBDA(a,SUM(SEQUENCE(100000)))))",       // a function for each element
	"SUM(MAKEARRAY(4000,4000,LAMBDA(r,c,SUM(SEQUENCE(10000)))))",        //
	"SUM(REDUCE(0,SEQUENCE(1000000),LAMBDA(a,b,VSTACK(a,b))))",          // arrays that grow
	"SUM(MMULT(SEQUENCE(4000,4000),SEQUENCE(4000,4000)))",               // matrices
	"MDETERM(RANDARRAY(4000,4000))",                                     //
	"SUM(MINVERSE(RANDARRAY(4000,4000)))",                               //
	"SUM(LINEST(SEQUENCE(1000000),RANDARRAY(1000000,16)))",              // fits
	"XIRR(SEQUENCE(1000000)-500000,SEQUENCE(1000000))",                  // iterations
	"SUM(SORT(RANDARRAY(1000000,16),SEQUENCE(1,16)))",                   // orders
	"SUM(LEN(REPT(\"x\",SEQUENCE(1000000)*0+32000)&SEQUENCE(1000000)))", // texts
	"SUM(IF(SEQUENCE(4000)>SEQUENCE(1,4000),LOG(SEQUENCE(4000,4000)),SQRT(SEQUENCE(4000,4000))))",
	"Twice64", // a name that stands for names
}

// doubling defines names each of which is the one before twice: a few lines that stand for 2^64 additions.
func doubling(t *testing.T, b *book) {
	t.Helper()
	for i := range 64 {
		if err := b.Define(-1, fmt.Sprintf("Twice%d", i+1), fmt.Sprintf("Twice%d+Twice%[1]d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Define(-1, "Twice0", "Sheet1!$B$1"); err != nil {
		t.Fatal(err)
	}
}

// TestCancelOneFormula holds that a recalculation ends when it is told to in the midst of one formula, by whichever executor computes it.
func TestCancelOneFormula(t *testing.T) {
	for _, shape := range []struct {
		name  string
		place func(b *book, f string)
	}{
		{"cell", func(b *book, f string) { b.set("A1", "="+f) }},
		{"array", func(b *book, f string) { b.set("A1", "{="+f) }},
		{"dynamic", func(b *book, f string) { b.set("A1", "=INDIRECT(\"B1\")+"+f) }},
		{"wave", func(b *book, f string) {
			for i := 2; i < 40; i++ {
				b.set(fmt.Sprintf("A%d", i), fmt.Sprintf("=A%d+%s", i-1, f))
			}
		}},
		{"column", func(b *book, f string) {
			for i := 1; i < 40; i++ {
				b.set(fmt.Sprintf("A%d", i), fmt.Sprintf("=C%d+%s", i, f))
			}
		}},
	} {
		for i, f := range endless {
			if shape.name != "cell" && i > 0 && i < len(endless)-1 {
				continue // what ends them is the same
			}
			t.Run(fmt.Sprint(shape.name, " ", i), func(t *testing.T) {
				b := newBook(t, calc.Options{Threads: 2}).set("B1", 1)
				doubling(t, b)
				shape.place(b, f)
				ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
				defer cancel()
				ended := make(chan error, 1)
				go func() {
					_, err := b.Recalculate(ctx)
					ended <- err
				}()
				select {
				case err := <-ended:
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Fatalf("%s gives %v", f, err)
					}
				case <-time.After(time.Minute): // 0.1 s on a machine of one's own
					t.Fatalf("%s goes on", f)
				}
				// What was interrupted is stale still, and does not stand in the way of what is computed next.
				for i := 1; i < 40; i++ {
					b.set(fmt.Sprintf("A%d", i), nil)
				}
				b.set("A1", "=SUM(SORT({3;1;2}))+B1").want("A1", "7")
			})
		}
	}
}

// TestCancelSpill holds that an array which is interrupted while it is written leaves no cells behind.
func TestCancelSpill(t *testing.T) {
	b := newBook(t, calc.Options{}).set("R1", "=COUNT(A:P)")
	ended := 0
	for after := 20 * time.Millisecond; after < time.Second; after *= 2 {
		b.set("A1", "{=SEQUENCE(200000,16)")
		ctx, cancel := context.WithTimeout(t.Context(), after)
		_, err := b.Recalculate(ctx)
		cancel()
		if err != nil {
			ended++
		}
		b.set("A1", "{=SEQUENCE(2,2)").want("A1", "1", "B2", "4", "C3", "empty", "R1", "4")
		b.set("B2", "x").want("A1", "#SPILL!", "R1", "0")
		b.set("B2", nil).want("B2", "4", "R1", "4")
		b.set("A1", nil).want("R1", "0")
	}
	if ended == 0 {
		t.Skip("this machine is quicker")
	}
}

// TestMemory holds that formulas which make arrays and texts without measure end with an error that names the cell, and leave the workbook usable.
func TestMemory(t *testing.T) {
	const most = 256 << 20
	for _, f := range []string{
		`SUM(LEN(REPT("x",SEQUENCE(1000000)*0+32000)))`,
		`SUM(LEN(SCAN("",SEQUENCE(32000),LAMBDA(a,b,a&"x"))))`,
		`SUM(LEN(SEQUENCE(1000000)&REPT("x",32000)))`,
		"LET(a,SEQUENCE(1000000),b,a+1,c,b+1,d,c+1,e,d+1,f,e+1,g,f+1,h,g+1,SUM(MAP(a,LAMBDA(x,SUM(a,b,c,d,e,f,g,h)))))",
	} {
		b := newBook(t, calc.Options{Threads: 2, Heap: most}).set("B1", 1, "C7", "="+f)
		_, err := b.Recalculate(t.Context())
		if !errors.Is(err, calc.ErrMemory) || !strings.HasPrefix(err.Error(), "Sheet1!C7: ") {
			t.Errorf("%s gives %v", f, err)
		}
		b.set("C7", "=B1+1").want("C7", "2")
	}
	// Garbage is not memory in use.
	b := newBook(t, calc.Options{Threads: 2, Heap: most}).set("A1", `=SUM(MAP(SEQUENCE(300),LAMBDA(i,SUM(SEQUENCE(50000)))))`)
	b.want("A1", "375007500000")
}

// TestInterruptedEdits holds that recalculations which end at any moment leave nothing behind: the one that is let through has the values of an engine that
// begins with the result.
func TestInterruptedEdits(t *testing.T) {
	defer calc.SetParallel(16, 1)()
	interrupted := 0
	for _, s := range shapes {
		for seed := range uint64((books(s.books) + 2) / 3) {
			seed += first()
			r := calcrandom.New(seed, s.Options)
			random := rand.New(rand.NewPCG(seed, 3))
			edits := last(r.Edits)
			b := empty(t, r, calc.Options{Threads: 2})
			for _, e := range edits {
				enter(t, b, e)
			}
			for range 4 {
				for range 6 {
					ctx, cancel := context.WithCancel(t.Context())
					timer := time.AfterFunc(time.Duration(random.IntN(3000))*time.Microsecond, cancel)
					if _, err := b.Recalculate(ctx); errors.Is(err, context.Canceled) {
						interrupted++
					} else if err != nil {
						t.Fatalf("%s, seed %d: %v", s.name, seed, err)
					}
					timer.Stop()
					cancel()
					for range random.IntN(4) {
						e := r.Draw(random, s.Options)
						edits = append(edits, e)
						enter(t, b, e)
					}
					if random.IntN(3) == 0 {
						b.All()
					}
				}
				report, err := b.Recalculate(t.Context())
				if err != nil {
					t.Fatalf("%s, seed %d: %v", s.name, seed, err)
				}
				edits = last(edits)
				fresh, again := computed(t, r, edits, calc.Options{Tree: true, Threads: 1})
				if again.Circular > 0 || report.Circular > 0 {
					break
				}
				same(t, fmt.Sprintf("%s, seed %d", s.name, seed), b, fresh)
				if t.Failed() {
					return
				}
			}
		}
	}
	if interrupted == 0 {
		t.Error("no recalculation was interrupted")
	}
	t.Logf("%d recalculations were interrupted", interrupted)
}
