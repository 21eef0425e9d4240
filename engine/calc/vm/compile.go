package vm

import (
	"fmt"
	"strings"
)

// Registers is the number of tiles that may be alive at once: 64 KiB.
const Registers = 16

// Program computes an expression. It may be run by several goroutines, each with a [Frame] of its own.
type Program struct {
	code      []instruction
	constants []float64 // operands that are no register
	inputs    int
	result    int16
	bool      bool
}

// instruction is one loop. An operand is a register, or a constant i as ^i.
type instruction struct {
	op         Op
	to         int16
	a, b, c, d int16
	input      int32
	k, l       float64
	one        func(float64) float64
	two        func(x, y float64) float64
	name       string
}

// Bool reports whether the results are booleans.
func (p *Program) Bool() bool { return p.bool }

// Inputs returns the number of inputs, which is one more than the greatest that was loaded.
func (p *Program) Inputs() int { return p.inputs }

// Len returns the number of loops that the program runs for each tile.
func (p *Program) Len() int { return len(p.code) + 1 }

// String writes the program, a line for each loop.
func (p *Program) String() string {
	var s strings.Builder
	operand := func(r int16) string {
		if r < 0 {
			return fmt.Sprint(p.constants[^r])
		}
		return fmt.Sprint("r", r)
	}
	for i := range p.code {
		c := &p.code[i]
		if c.op == opCheck {
			fmt.Fprintf(&s, "check %s\n", operand(c.a))
			continue
		}
		if c.op.marks() {
			fmt.Fprintf(&s, "%v %s %s\n", c.op, operand(c.a), operand(c.b))
			continue
		}
		fmt.Fprintf(&s, "r%d = %s", c.to, strings.TrimSpace(c.op.String()+" "+c.name))
		if c.op.loads() {
			fmt.Fprintf(&s, " %d", c.input)
		}
		slices, numbers := arity(c.op)
		for _, r := range []int16{c.a, c.b, c.c, c.d}[:slices] {
			fmt.Fprintf(&s, " %s", operand(r))
		}
		for _, k := range []float64{c.k, c.l}[:numbers] {
			fmt.Fprintf(&s, " %v", k)
		}
		s.WriteByte('\n')
	}
	fmt.Fprintf(&s, "return %s\n", operand(p.result))
	return s.String()
}

// arity returns how many operands are tiles and how many are constants.
func arity(o Op) (tiles, numbers int) {
	switch {
	case o.loads():
		return 0, 0
	case o < Add, o == opCall1, o == opSquare, o == opCheck:
		return 1, 0
	case opAddC <= o && o <= opGEC:
		return 1, 1
	case o == opSelect, o == opMulAdd, o == opMulSub, o == opSubMul:
		return 3, 0
	case o == opMulAddC, o == opMulCAdd:
		return 2, 1
	case o == opMulCAddC:
		return 1, 2
	case o == opMulMulAdd, o == opMulMulSub:
		return 4, 0
	}
	return 2, 0
}

// Compile makes a program whose result is x. The builder may be used further.
func (b *Builder) Compile(x Value) (*Program, error) {
	x = b.strict(x)
	if b.err != nil {
		return nil, b.err
	}
	c := &compiler{b: b, uses: make([]int, len(b.nodes)), at: map[Value]int{}}
	c.count(x)
	// A sum is not looked at where an operand is a constant 0: it is the other one.
	sum := b.last.ok && b.last.result == x && (b.nodes[b.last.operand].op != opConst || b.nodes[b.last.operand].k != 0)
	if sum {
		c.count(b.last.operand)
	}
	root := c.lower(x)
	c.p = Program{inputs: b.inputs, bool: b.nodes[x].bool}
	c.schedule(root)
	if sum {
		c.mark(opCancel, root, c.lower(b.last.operand))
	}
	if err := c.allocate(root); err != nil {
		return nil, err
	}
	return &c.p, nil
}

type compiler struct {
	b     *Builder
	uses  []int // of the nodes, by other nodes
	parts []part
	at    map[Value]int // the part that computes a node
	order []int         // of parts, as they are computed
	p     Program
}

// part is an instruction before it has registers.
type part struct {
	instruction
	args    []int // parts; a constant is one too
	clean   bool  // what is no finite number in it is marked
	need    int   // registers that it takes to compute it
	done    bool
	checked bool // a check is scheduled
	inexact bool // a comparison, see node
	last    int  // the place of the last use
	reg     int16
}

func (c *compiler) count(v Value) {
	c.uses[v]++
	if c.uses[v] > 1 {
		return
	}
	n := &c.b.nodes[v]
	for _, a := range []Value{n.a, n.b, n.c}[:operands(n)] {
		c.count(a)
	}
}

func operands(n *node) int {
	switch o := n.op; {
	case o == opConst || o.loads():
		return 0
	case o == opSelect:
		return 3
	case o < Add, o == opCall1, o == opSquare:
		return 1
	}
	return 2
}

// constant returns the value of a node that has one.
func (c *compiler) constant(v Value) (float64, bool) {
	n := &c.b.nodes[v]
	return n.k, n.op == opConst
}

// product returns the factors of a node that is a product only used once. Where a factor is a constant it is the second.
func (c *compiler) product(v Value) (x, y Value, k float64, isConst, ok bool) {
	n := &c.b.nodes[v]
	if n.op != Mul || c.uses[v] != 1 {
		return
	}
	k, isConst = c.constant(n.b)
	return n.a, n.b, k, isConst, true
}

// lower returns the part that computes a node.
func (c *compiler) lower(v Value) int {
	if i, ok := c.at[v]; ok {
		return i
	}
	n := &c.b.nodes[v]
	var i int
	switch {
	case n.op == Add && c.fuseAdd(n.a, n.b, &i), n.op == Add && c.fuseAdd(n.b, n.a, &i), n.op == Sub && c.fuseSub(n.a, n.b, &i):
	default:
		i = c.plain(n)
		c.parts[i].inexact = n.inexact
	}
	c.at[v] = i
	return i
}

// fuseAdd makes one instruction of x + z where x is a product.
func (c *compiler) fuseAdd(x, z Value, to *int) bool {
	p, q, k, isK, ok := c.product(x)
	if !ok {
		return false
	}
	l, isL := c.constant(z)
	r, s, _, isM, ok := c.product(z)
	switch {
	case isK && isL:
		*to = c.emit(instruction{op: opMulCAddC, k: k, l: l}, p)
	case isK && ok && !isM:
		*to = c.emit(instruction{op: opMulAdd}, r, s, x) // the product with a constant is a loop of its own
	case isK:
		*to = c.emit(instruction{op: opMulCAdd, k: k}, p, z)
	case isL:
		*to = c.emit(instruction{op: opMulAddC, k: l}, p, q)
	case ok && !isM:
		*to = c.emit(instruction{op: opMulMulAdd}, p, q, r, s)
	default:
		*to = c.emit(instruction{op: opMulAdd}, p, q, z)
	}
	return true
}

// fuseSub makes one instruction of x - z where one is a product.
func (c *compiler) fuseSub(x, z Value, to *int) bool {
	p, q, k, isK, ok := c.product(x)
	r, s, m, isM, ok2 := c.product(z)
	l, isL := c.constant(z)
	y, isX := c.constant(x)
	switch {
	case ok && isK && isL:
		*to = c.emit(instruction{op: opMulCAddC, k: k, l: -l}, p)
	case ok && !isK && isL:
		*to = c.emit(instruction{op: opMulAddC, k: -l}, p, q)
	case ok && !isK && ok2 && !isM:
		*to = c.emit(instruction{op: opMulMulSub}, p, q, r, s)
	case ok && !isK:
		*to = c.emit(instruction{op: opMulSub}, p, q, z)
	case ok2 && !isM && !isX:
		*to = c.emit(instruction{op: opSubMul}, x, r, s)
	case ok2 && isM && !isX:
		*to = c.emit(instruction{op: opMulCAdd, k: -m}, r, x) // x - m*r is -m*r + x to the bit
	case ok2 && isM:
		*to = c.emit(instruction{op: opMulCAddC, k: -m, l: y}, r)
	default:
		return false
	}
	return true
}

// plain makes the instruction of one node.
func (c *compiler) plain(n *node) int {
	in := instruction{op: n.op, input: int32(n.input), k: n.k}
	switch n.op {
	case opConst:
		return c.emit(in)
	case Percent:
		return c.emit(instruction{op: opDivC, k: 100}, n.a)
	case opCall1:
		in.one, in.name = c.b.one[n.call], n.call
	case opCall2:
		in.two, in.name = c.b.two[n.call], n.call
	case Pow:
		in.op, in.two, in.name = opCall2, power, "pow"
	}
	if operands(n) == 2 {
		if k, ok := c.constant(n.b); ok && withConstant[n.op] != 0 && (n.op != Div || k != 0) {
			return c.emit(instruction{op: withConstant[n.op], k: k}, n.a)
		}
		if k, ok := c.constant(n.a); ok && (n.op == Sub || n.op == Div) {
			return c.emit(instruction{op: map[Op]Op{Sub: opCSub, Div: opCDiv}[n.op], k: k}, n.b)
		}
	}
	return c.emit(in, []Value{n.a, n.b, n.c}[:operands(n)]...)
}

// emit appends a part.
func (c *compiler) emit(in instruction, args ...Value) int {
	p := part{instruction: in}
	needs := []int{}
	allClean := true
	for _, v := range args {
		a := c.lower(v)
		p.args = append(p.args, a)
		allClean = allClean && c.parts[a].clean
		needs = append(needs, c.parts[a].need)
	}
	switch o := in.op; {
	case o == opConst, o.loads(), o.comparison(), opEQC <= o && o <= opGEC, o == And, o == Or, o == Not,
		o == opCall1, o == opCall2, o == opSquare, o == opMinC, o == opMaxC, o == Min, o == Max:
		p.clean = true
	case o == Neg, o == Abs, Floor <= o && o <= Round:
		p.clean = allClean
	case o == opSelect:
		p.clean = c.parts[p.args[1]].clean && c.parts[p.args[2]].clean
	}
	// Operands are computed in the order of their needs, so that few results wait.
	for i := range needs {
		for j := range i {
			if needs[j] < needs[i] {
				needs[i], needs[j] = needs[j], needs[i]
			}
		}
	}
	p.need = 1
	if in.op == opConst {
		p.need = 0
	}
	for i, k := range needs {
		p.need = max(p.need, k+i)
	}
	c.parts = append(c.parts, p)
	return len(c.parts) - 1
}

// mark schedules an instruction that marks elements of two parts.
func (c *compiler) mark(op Op, x, y int) {
	c.schedule(x)
	c.schedule(y)
	c.order = append(c.order, len(c.parts))
	c.parts = append(c.parts, part{instruction: instruction{op: op}, args: []int{x, y}})
}

// schedule puts a part and what it needs in order.
func (c *compiler) schedule(i int) {
	if c.parts[i].done {
		return
	}
	c.parts[i].done = true
	op, args := c.parts[i].op, c.parts[i].args
	for want := Registers + 1; want >= 0; want-- { // the neediest operand first
		for _, a := range args {
			if min(c.parts[a].need, Registers+1) == want {
				c.schedule(a)
			}
		}
	}
	switch {
	case op == opConst:
		c.parts[i].reg = ^int16(len(c.p.constants))
		c.p.constants = append(c.p.constants, c.parts[i].k)
		return
	case op.comparison(), opEQC <= op && op <= opGEC, op == Min, op == Max, op == opMinC, op == opMaxC:
		// A NaN or infinite number that is compared leaves no trace.
		for _, a := range args {
			if q := &c.parts[a]; !q.clean && !q.checked {
				q.checked = true
				c.order = append(c.order, len(c.parts))
				c.parts = append(c.parts, part{instruction: instruction{op: opCheck}, args: []int{a}})
			}
		}
	}
	if c.parts[i].inexact {
		c.near(i)
	}
	c.order = append(c.order, i)
}

// near marks what a comparison cannot tell. What differs from 0 differs in its digits.
func (c *compiler) near(i int) {
	p := &c.parts[i]
	x := p.args[0]
	if len(p.args) == 2 {
		c.mark(opNear, x, p.args[1])
	} else if p.k != 0 {
		c.parts = append(c.parts, part{instruction: instruction{op: opConst, k: p.k}})
		c.mark(opNear, x, len(c.parts)-1)
	}
}

// allocate gives registers to the parts in their order.
func (c *compiler) allocate(root int) error {
	for at, i := range c.order {
		for _, a := range c.parts[i].args {
			c.parts[a].last = at
		}
	}
	c.parts[root].last = len(c.order)
	var free []int16
	for r := range int16(Registers) {
		free = append(free, Registers-1-r)
	}
	for at, i := range c.order {
		p := &c.parts[i]
		operands := [4]*int16{&p.a, &p.b, &p.c, &p.d}
		for j, a := range p.args {
			q := &c.parts[a]
			*operands[j] = q.reg
			if q.last == at && q.reg >= 0 {
				free = append(free, q.reg)
				q.last = -1 // the same operand twice frees one register
			}
		}
		if !p.op.marks() {
			if len(free) == 0 {
				return fmt.Errorf("more than %d values at once: %w", Registers, ErrUnsupported)
			}
			p.reg = free[len(free)-1]
			free = free[:len(free)-1]
			p.to = p.reg
		}
		c.p.code = append(c.p.code, p.instruction)
	}
	c.p.result = c.parts[root].reg
	return nil
}
