package vm_test

import (
	"fmt"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/kernel"
	"github.com/napkin-infra/napkin/engine/calc/vm"
)

// The formula =IF(A1>0,A1*B1+$D$1,0), filled down over four rows. One row has a text, which the program leaves to the tree walk.
func Example() {
	var b vm.Builder
	a, price, fee := b.Load(0), b.Load(1), b.Load(2)
	result := b.Select(
		b.Binary(vm.GT, a, b.Const(0)),
		b.Binary(vm.Add, b.Binary(vm.Mul, a, price), fee),
		b.Const(0))
	p, err := b.Compile(result)
	if err != nil {
		fmt.Println(err) // not for tiles: the tree walk computes all rows
		return
	}
	inputs := []vm.Input{
		{Boxes: []cell.Box{2, 3, cell.BoxText(1), -1}},
		{Boxes: []cell.Box{10, 20, 30, 40}, Numbers: true},
		{One: 5},
	}
	out := make([]cell.Box, 4)
	bad := make([]kernel.Mask, 1)
	marked := p.Run(vm.NewFrame(), inputs, out, bad)
	for i, x := range out {
		if bad[i/kernel.Tile].Has(i % kernel.Tile) {
			fmt.Println("row", i+1, "is for the tree walk")
			continue
		}
		fmt.Println("row", i+1, "=", x)
	}
	fmt.Println(marked, "marked")
	// Output:
	// row 1 = 25
	// row 2 = 65
	// row 3 is for the tree walk
	// row 4 = 0
	// 1 marked
}
