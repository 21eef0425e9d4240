package vm

import (
	"math/bits"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/kernel"
)

// Input is a column, or one cell for all elements.
type Input struct {
	// Boxes has the cell of element i at i. A program reads only as many as there are results.
	Boxes []cell.Box
	// One is the cell where Boxes is nil.
	One cell.Box
	// Numbers promises that all of Boxes are numbers, as the summary of a chunk may tell; they are not looked at then.
	Numbers bool
}

// Frame holds the registers of a run. It is for one goroutine and is best kept for many runs: its memory is touched once.
type Frame struct {
	tiles     [Registers][kernel.Tile]float64
	registers [Registers][]float64 // a tile, or a part of an input
	fixed     [][kernel.Tile]float64
	slots     []int // the fixed tile that each instruction loads, or -1
}

// NewFrame returns a frame, of any program.
func NewFrame() *Frame { return new(Frame) }

// Run sets out to the results for inputs, which has at least [Program.Inputs] elements; columns have at least as many
// boxes as out. It sets bad[t] to the marks of elements t*[kernel.Tile] and following, and returns how many are marked.
// What out holds at a marked element means nothing. out may be one of the columns of inputs, and must not overlap
// them otherwise.
//
// For a sum of results that are not kept, call Run for one tile at a time with the same out.
func (p *Program) Run(f *Frame, inputs []Input, out []cell.Box, bad []kernel.Mask) int {
	n := len(out)
	bad = bad[:(n+kernel.Tile-1)/kernel.Tile]
	if !p.prepare(f, inputs, min(n, kernel.Tile)) {
		for t := range bad {
			bad[t] = kernel.Mask{}
			bad[t].SetFirst(min(n-t*kernel.Tile, kernel.Tile))
		}
		return n
	}
	marked := 0
	for t := range bad {
		from := t * kernel.Tile
		to := min(from+kernel.Tile, n)
		bad[t] = kernel.Mask{}
		p.tile(f, inputs, from, to, &bad[t])
		r := f.operand(p.result, to-from)
		if p.bool {
			kernel.BoxBools(out[from:to], r)
		} else {
			kernel.BoxNumbers(out[from:to], r, &bad[t])
		}
		for _, w := range bad[t] {
			marked += bits.OnesCount64(w)
		}
	}
	return marked
}

// prepare fills the tiles that are the same for the whole run. It returns false where that marks all elements.
func (p *Program) prepare(f *Frame, inputs []Input, n int) bool {
	if cap(f.slots) < len(p.code) {
		f.slots = make([]int, len(p.code))
	}
	f.slots = f.slots[:len(p.code)]
	for len(f.fixed) < len(p.constants) {
		f.fixed = append(f.fixed, [kernel.Tile]float64{})
	}
	for i, k := range p.constants {
		kernel.Fill(f.fixed[i][:n], k)
	}
	next := len(p.constants)
	for i := range p.code {
		in := &p.code[i]
		f.slots[i] = -1
		if !in.op.loads() || inputs[in.input].Boxes != nil {
			continue
		}
		var one [1]float64
		var m kernel.Mask
		load(in.op, one[:], []cell.Box{inputs[in.input].One}, &m)
		if m[0] != 0 {
			return false
		}
		if next == len(f.fixed) {
			f.fixed = append(f.fixed, [kernel.Tile]float64{})
		}
		kernel.Fill(f.fixed[next][:n], one[0])
		f.slots[i] = next
		next++
	}
	return true
}

func load(op Op, dst []float64, src []cell.Box, bad *kernel.Mask) {
	switch op {
	case opLoadNumber:
		kernel.LoadNumber(dst, src, bad)
	case opLoadStrict:
		kernel.LoadStrict(dst, src, bad)
	case opLoadBool:
		kernel.LoadBool(dst, src, bad)
	default:
		copy(dst, src)
		kernel.NotFinite(dst, bad)
	}
}

func (f *Frame) operand(r int16, n int) []float64 {
	if r < 0 {
		return f.fixed[^r][:n]
	}
	return f.registers[r]
}

// tile runs the program for the elements from..to.
func (p *Program) tile(f *Frame, inputs []Input, from, to int, bad *kernel.Mask) {
	n := to - from
	for i := range p.code {
		in := &p.code[i]
		if in.op.loads() {
			if s := f.slots[i]; s >= 0 {
				f.registers[in.to] = f.fixed[s][:n]
				continue
			}
			x := &inputs[in.input]
			src := x.Boxes[from:to]
			if in.op != opLoadBool && (x.Numbers || kernel.AllNumbers(src)) {
				f.registers[in.to] = src // as it is
				continue
			}
			dst := f.tiles[in.to][:n]
			load(in.op, dst, src, bad)
			f.registers[in.to] = dst
			continue
		}
		a := f.operand(in.a, n)
		switch in.op {
		case opCheck:
			kernel.NotFinite(a, bad)
			continue
		case opNear:
			kernel.NearlyEqual(a, f.operand(in.b, n), bad)
			continue
		case opCancel:
			kernel.Cancelled(a, f.operand(in.b, n), bad)
			continue
		}
		dst := f.tiles[in.to][:n]
		f.step(in, dst, a, bad)
		f.registers[in.to] = dst
	}
}

// step runs one instruction whose first operand is a.
func (f *Frame) step(in *instruction, dst, a []float64, bad *kernel.Mask) {
	n := len(dst)
	switch in.op {
	case Neg:
		kernel.Neg(dst, a)
	case Abs:
		kernel.Abs(dst, a)
	case Sqrt:
		kernel.Sqrt(dst, a)
	case Floor:
		kernel.Floor(dst, a)
	case Ceil:
		kernel.Ceil(dst, a)
	case Trunc:
		kernel.Trunc(dst, a)
	case Round:
		kernel.Round(dst, a)
	case Exp:
		kernel.NotFinite(a, bad)
		kernel.Exp(dst, a)
	case Ln:
		kernel.Log(dst, a)
	case Not:
		kernel.Not(dst, a)
	case Add:
		kernel.Add(dst, a, f.operand(in.b, n))
	case Sub:
		kernel.Sub(dst, a, f.operand(in.b, n))
	case Mul:
		kernel.Mul(dst, a, f.operand(in.b, n))
	case Div:
		b := f.operand(in.b, n)
		kernel.NotDivisor(b, bad)
		kernel.Div(dst, a, b)
	case Min:
		kernel.Min(dst, a, f.operand(in.b, n))
	case Max:
		kernel.Max(dst, a, f.operand(in.b, n))
	case EQ:
		kernel.Equal(dst, a, f.operand(in.b, n))
	case NE:
		kernel.NotEqual(dst, a, f.operand(in.b, n))
	case LT:
		kernel.Less(dst, a, f.operand(in.b, n))
	case LE:
		kernel.LessEqual(dst, a, f.operand(in.b, n))
	case GT:
		kernel.Greater(dst, a, f.operand(in.b, n))
	case GE:
		kernel.GreaterEqual(dst, a, f.operand(in.b, n))
	case And:
		kernel.And(dst, a, f.operand(in.b, n))
	case Or:
		kernel.Or(dst, a, f.operand(in.b, n))
	case opSelect:
		kernel.Select(dst, a, f.operand(in.b, n), f.operand(in.c, n))
	case opCall1:
		kernel.Map(dst, a, in.one, bad)
	case opSquare:
		kernel.Map(dst, a, square, bad)
	case opCall2:
		kernel.Map2(dst, a, f.operand(in.b, n), in.two, bad)
	case opAddC:
		kernel.AddC(dst, a, in.k)
	case opSubC:
		kernel.SubC(dst, a, in.k)
	case opCSub:
		kernel.CSub(dst, a, in.k)
	case opMulC:
		kernel.MulC(dst, a, in.k)
	case opDivC:
		kernel.DivC(dst, a, in.k)
	case opCDiv:
		kernel.NotDivisor(a, bad)
		kernel.CDiv(dst, a, in.k)
	case opMinC:
		kernel.MinC(dst, a, in.k)
	case opMaxC:
		kernel.MaxC(dst, a, in.k)
	case opEQC:
		kernel.EqualC(dst, a, in.k)
	case opNEC:
		kernel.NotEqualC(dst, a, in.k)
	case opLTC:
		kernel.LessC(dst, a, in.k)
	case opLEC:
		kernel.LessEqualC(dst, a, in.k)
	case opGTC:
		kernel.GreaterC(dst, a, in.k)
	case opGEC:
		kernel.GreaterEqualC(dst, a, in.k)
	case opMulAdd:
		kernel.MulAdd(dst, a, f.operand(in.b, n), f.operand(in.c, n))
	case opMulAddC:
		kernel.MulAddC(dst, a, f.operand(in.b, n), in.k)
	case opMulCAdd:
		kernel.MulCAdd(dst, a, f.operand(in.b, n), in.k)
	case opMulCAddC:
		kernel.MulCAddC(dst, a, in.k, in.l)
	case opMulSub:
		kernel.MulSub(dst, a, f.operand(in.b, n), f.operand(in.c, n))
	case opSubMul:
		kernel.SubMul(dst, a, f.operand(in.b, n), f.operand(in.c, n))
	case opMulMulAdd:
		kernel.MulMulAdd(dst, a, f.operand(in.b, n), f.operand(in.c, n), f.operand(in.d, n))
	case opMulMulSub:
		kernel.MulMulSub(dst, a, f.operand(in.b, n), f.operand(in.c, n), f.operand(in.d, n))
	}
}
