package calc

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/fn"
	"github.com/napkin-infra/napkin/engine/calc/formula"
)

// scan is a formula of arithmetic as code for a stack of numbers, for cells that must be computed one after the other: balances, running
// counts, growth from the row before. What is not a number, or would not give one, is left to the tree walk for that cell.
type scan struct {
	code  []scanOp
	loads []eval.Ref
	depth int
}

type scanOp struct {
	op   byte // a character of arithmetic, or one of the codes below
	k    float64
	arg  int  // load, or where to go on
	last bool // a + or - that stands last in the formula
	call func(float64) float64
}

const (
	scanLoad  = 'L'
	scanConst = 'k'
	scanNeg   = 'n'
	scanPct   = '%'
	scanLT    = '<'
	scanLE    = 'l'
	scanGT    = '>'
	scanGE    = 'g'
	scanEQ    = '='
	scanNE    = '!'
	scanElse  = '?' // takes a condition; where it is false goes on at arg
	scanJump  = 'j'
	scanCall  = 'f'
	scanMin   = 'm'
	scanMax   = 'M'
)

const maxScanDepth = 32

// scanned returns the code of a formula, or nil where there is none.
func (b *Workbook) scanned(t *template) *scan {
	if !t.scanTried {
		t.scanTried = true
		if t.kind == single && !b.options.Tree && !t.formula.Volatile && !t.formula.Dynamic {
			s := &scan{}
			if s.number(t.tree, 0) {
				if _, ok := sumOf(t.tree); ok {
					s.code[len(s.code)-1].last = true
				}
				t.scan = s
			}
		}
	}
	return t.scan
}

func (s *scan) emit(o scanOp) int {
	s.code = append(s.code, o)
	return len(s.code) - 1
}

var scanComparisons = map[string]byte{"<": scanLT, "<=": scanLE, ">": scanGT, ">=": scanGE, "=": scanEQ, "<>": scanNE}

// number writes code that leaves a number, and reports whether it could.
func (s *scan) number(e formula.Expr, depth int) bool {
	if depth >= maxScanDepth {
		return false
	}
	s.depth = max(s.depth, depth+1)
	switch e := e.(type) {
	case *formula.Const:
		if e.Value.Kind() != cell.Number {
			return false
		}
		s.emit(scanOp{op: scanConst, k: e.Value.Float()})
		return true
	case *formula.Ref:
		if !e.Cell || e.Sheets.Given {
			return false
		}
		s.loads = append(s.loads, eval.Ref{First: -1, Last: -1, R0: e.R0, C0: e.C0, R1: e.R1, C1: e.C1})
		s.emit(scanOp{op: scanLoad, arg: len(s.loads) - 1})
		return true
	case *formula.Unary:
		if e.Op == formula.Parentheses {
			return s.number(e.X, depth)
		}
		op := map[string]byte{"-": scanNeg, "%": scanPct}[e.Op]
		if op == 0 || !s.number(e.X, depth) {
			return false
		}
		s.emit(scanOp{op: op})
		return true
	case *formula.Binary:
		if len(e.Op) != 1 || e.Op != "+" && e.Op != "-" && e.Op != "*" && e.Op != "/" && e.Op != "^" {
			return false
		}
		if !s.number(e.X, depth) || !s.number(e.Y, depth+1) {
			return false
		}
		s.emit(scanOp{op: e.Op[0]})
		return true
	case *formula.Call:
		return s.call(e, depth)
	}
	return false
}

func (s *scan) call(e *formula.Call, depth int) bool {
	for _, a := range e.Args {
		if a == nil {
			return false
		}
	}
	switch {
	case e.Of != nil:
	case e.Name == "IF" && len(e.Args) == 3:
		c, ok := e.Args[0].(*formula.Binary)
		if !ok || scanComparisons[c.Op] == 0 || !s.number(c.X, depth) || !s.number(c.Y, depth+1) {
			return false
		}
		s.emit(scanOp{op: scanComparisons[c.Op]})
		branch := s.emit(scanOp{op: scanElse})
		if !s.number(e.Args[1], depth) {
			return false
		}
		jump := s.emit(scanOp{op: scanJump})
		s.code[branch].arg = len(s.code)
		if !s.number(e.Args[2], depth) {
			return false
		}
		s.code[jump].arg = len(s.code)
		return true
	case (e.Name == "MIN" || e.Name == "MAX") && len(e.Args) == 2:
		if !s.strict(e.Args[0]) || !s.strict(e.Args[1]) || !s.number(e.Args[0], depth) || !s.number(e.Args[1], depth+1) {
			return false
		}
		s.emit(scanOp{op: map[string]byte{"MIN": scanMin, "MAX": scanMax}[e.Name]})
		return true
	case e.Name == "ABS" && len(e.Args) == 1:
		return s.function(math.Abs, e.Args[0], depth)
	case e.Name == "SQRT" && len(e.Args) == 1:
		return s.function(math.Sqrt, e.Args[0], depth)
	case e.Name == "INT" && len(e.Args) == 1:
		return s.function(fn.Int, e.Args[0], depth)
	}
	return false
}

// strict reports whether an argument of MIN or MAX is no cell, which counts only where it holds a number.
func (s *scan) strict(e formula.Expr) bool {
	_, ok := e.(*formula.Ref)
	return !ok
}

func (s *scan) function(f func(float64) float64, x formula.Expr, depth int) bool {
	if !s.number(x, depth) {
		return false
	}
	s.emit(scanOp{op: scanCall, call: f})
	return true
}

// load is a reference bound to the column of the cell that reads it.
type load struct {
	c     *column
	row   int32 // fixed, or the distance
	fixed bool
}

// bind finds the columns that a formula reads from a column, and reports false where one is outside of the sheet.
func (s *scan) bind(b *Workbook, sheet, col int32, dst []load) ([]load, bool) {
	dst = dst[:0]
	for _, r := range s.loads {
		at := r.C0.At(col)
		if at < 0 || at >= cell.MaxCols {
			return dst, false
		}
		l := load{row: r.R0.N, fixed: r.R0.Fixed}
		if columns := b.sheets[sheet].columns; int(at) < len(columns) {
			l.c = &columns[at]
		}
		dst = append(dst, l)
	}
	return dst, true
}

// scanStack is where a formula is computed. It is kept from cell to cell.
type scanStack [maxScanDepth + 1]float64

// value computes the formula for a row, and reports false where the tree walk must.
func (s *scan) value(stack *scanStack, loads []load, row int32) (float64, bool) {
	top := -1
	code := s.code
	for i := 0; i < len(code); i++ {
		switch o := &code[i]; o.op {
		case scanLoad:
			l := &loads[o.arg]
			at := l.row
			if !l.fixed {
				at += row
			}
			if at < 0 || at >= cell.MaxRows {
				return 0, false
			}
			top++
			if l.c == nil {
				stack[top] = 0
				continue
			}
			x := l.c.Get(int(at))
			if x != x {
				switch cell.BoxKind(x) {
				case cell.Empty:
					x = 0
					// An empty cell beside a text or boolean is compared as one; only arithmetic is sure to take it for 0.
					if next := i + 1; next < len(code) && code[next].op != '+' && code[next].op != '-' && code[next].op != '*' && code[next].op != '/' {
						return 0, false
					}
				default:
					return 0, false
				}
			}
			stack[top] = x
		case scanConst:
			top++
			stack[top] = o.k
		case scanNeg:
			stack[top] = -stack[top]
		case scanPct:
			stack[top] /= 100
		case scanCall:
			stack[top] = o.call(stack[top])
		case scanElse:
			top--
			if stack[top+1] == 0 {
				i = o.arg - 1
			}
		case scanJump:
			i = o.arg - 1
		default:
			x, y := stack[top-1], stack[top]
			top--
			switch o.op {
			case '+', '-':
				sum := x + y
				if o.op == '-' {
					sum = x - y
				}
				if o.last {
					sum = cell.Settle(x, sum)
				}
				x = sum
			case '*':
				x *= y
			case '/':
				if y == 0 || y-y != 0 {
					return 0, false
				}
				x /= y
			case '^':
				if x-x != 0 || y-y != 0 {
					return 0, false
				}
				v := fn.Power(x, y)
				if v.IsError() {
					return 0, false
				}
				x = v.Float()
			default:
				// What is not finite would vanish where one of two is chosen and in a comparison.
				if x-x != 0 || y-y != 0 {
					return 0, false
				}
				switch o.op {
				case scanMin:
					x = min(x, y)
				case scanMax:
					x = max(x, y)
				default:
					x = truth(compareNumbers(o.op, x, y))
				}
			}
			stack[top] = x
		}
	}
	x := stack[0]
	if x-x != 0 {
		return 0, false
	}
	return x + 0, true
}

func compareNumbers(op byte, x, y float64) bool {
	d := cell.CompareNumbers(x, y)
	switch op {
	case scanLT:
		return d < 0
	case scanLE:
		return d <= 0
	case scanGT:
		return d > 0
	case scanGE:
		return d >= 0
	case scanEQ:
		return d == 0
	}
	return d != 0
}

// sumOf returns the addition or subtraction that stands last in a formula, if one does.
func sumOf(tree formula.Expr) (*formula.Binary, bool) {
	e, ok := tree.(*formula.Binary)
	return e, ok && (e.Op == "+" || e.Op == "-")
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
