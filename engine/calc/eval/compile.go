package eval

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn"
	"github.com/napkin-infra/napkin/engine/calc/formula"
)

// Resolver knows what the words of formulas mean in a workbook. It is asked while formulas are compiled, and about
// names also while they are computed for the first time.
type Resolver interface {
	// Sheet returns the sheet of this name, in any case, and false where there is none.
	Sheet(name string) (int32, bool)
	// Name returns what a defined name stands for, as a tree relative to the first cell of a sheet, and false where there
	// is none. A name of the sheet goes before one of the workbook; sheet is that of the formula or the one before "!".
	Name(sheet int32, name string) (formula.Expr, bool)
	// Table returns where a table lies; "" is the one around the cell, and false where there is none.
	Table(name string, sheet, row, col int32) (Table, bool)
}

// Table is where a table lies.
type Table struct {
	Name    string    // as its workbook writes it
	Area    cell.Area // with header and totals
	Header  bool      // the first row holds the names of columns
	Totals  bool      // the last row holds totals
	Columns []string
}

// Formula is a formula bound to its workbook.
type Formula struct {
	root node
	// Refs are the references that are always or in some branch read, by their places. Names and structured
	// references are resolved into them. What only values tell (see Dynamic) is not among them.
	Refs []Ref
	// Volatile: the value may change without any cell that is read (NOW, RAND).
	Volatile bool
	// Dynamic: which cells are read depends on values (OFFSET, INDIRECT, areas made by ":" of functions).
	Dynamic bool
	// Unknown are the functions that are called and not known, which makes them #NAME?.
	Unknown []string
	// Array: compiled in array mode, the value may be an Array.
	Array bool
	// locals is the number of variables that the formula needs outside of any LAMBDA.
	locals int
}

// Ref is a reference bound to its sheets. First is -1 for the sheet of the formula's own cell.
type Ref struct {
	First, Last    int32 // sheets, both included
	R0, C0, R1, C1 formula.Axis
}

// At returns the area on one of the reference's sheets for a formula in this cell, clipped to the sheet, and false where it lies
// outside of the sheet. Ends are put in order.
func (r *Ref) At(on, row, col int32) (cell.Area, bool) {
	a := cell.Area{Sheet: on, R0: r.R0.At(row), C0: r.C0.At(col), R1: r.R1.At(row), C1: r.C1.At(col)}
	if a.R0 > a.R1 {
		a.R0, a.R1 = a.R1, a.R0
	}
	if a.C0 > a.C1 {
		a.C0, a.C1 = a.C1, a.C0
	}
	return a, a.R0 >= 0 && a.C0 >= 0 && a.R1 < cell.MaxRows && a.C1 < cell.MaxCols
}

// Options say how a formula is compiled.
type Options struct {
	// Array compiles for array mode.
	Array bool
	// Sheet is that of the formula, for names of sheets. Formulas of different sheets may share a compiled
	// formula where no such name is used; Row and Col matter for structured references without a table only.
	Sheet, Row, Col int32
	// Plain leaves out what computes the same in a faster way. It is for tests that compare with it.
	Plain bool
}

// Compile binds a tree. It never fails: what cannot be resolved is #NAME? or #REF! when it is computed, as in Excel.
func Compile(e formula.Expr, r Resolver, o Options) *Formula {
	f := &Formula{Array: o.Array}
	c := &compiler{resolver: r, o: o, f: f, scope: &scope{}, names: map[string]*named{}}
	f.root = c.compile(e, o.Array)
	if n, ok := f.root.(*arithmetic); ok && (n.op == '+' || n.op == '-') {
		n.last = true
	}
	f.locals = c.scope.slots
	return f
}

type compiler struct {
	resolver Resolver
	o        Options
	f        *Formula
	scope    *scope
	names    map[string]*named // being or already compiled, by mode and name
	within   int               // names that are being compiled
}

// mostWithin bounds how deep names stand for names when they are compiled. It keeps a hostile file from using up the stack; at maxApply their
// evaluation ends.
const mostWithin = 1 << 14

// scope is the variables of one function body: the whole formula or a LAMBDA.
type scope struct {
	outer    *scope
	visible  []variable
	slots    int
	captures []capture // of a LAMBDA: where its first slots come from
}

type variable struct {
	name string
	slot int
}

// capture is a variable of the surrounding body that a LAMBDA uses.
type capture struct{ from, to int }

func (s *scope) declare(name string) int {
	s.visible = append(s.visible, variable{strings.ToLower(name), s.slots})
	s.slots++
	return s.slots - 1
}

// find returns the slot of a variable in this body, taking it from an outer one where it must.
func (s *scope) find(name string) (int, bool) {
	for i := len(s.visible) - 1; i >= 0; i-- {
		if s.visible[i].name == name {
			return s.visible[i].slot, true
		}
	}
	if s.outer == nil {
		return 0, false
	}
	from, ok := s.outer.find(name)
	if !ok {
		return 0, false
	}
	to := s.declare(name)
	// It stays visible for the whole body, below what the body declares itself.
	s.visible = append([]variable{s.visible[len(s.visible)-1]}, s.visible[:len(s.visible)-1]...)
	s.captures = append(s.captures, capture{from, to})
	return to, true
}

func (c *compiler) compile(e formula.Expr, array bool) node {
	switch e := e.(type) {
	case *formula.Const:
		return &constant{e.Value}
	case *formula.Array:
		return &constant{cell.Arr(e.Grid)}
	case *formula.Ref:
		return c.ref(e)
	case *formula.BadRef:
		return &constant{cell.Err(cell.ErrRef)}
	case *formula.Name:
		return c.name(e, array)
	case *formula.Structured:
		return c.structured(e)
	case *formula.Unary:
		return c.unary(e, array)
	case *formula.Binary:
		return c.binary(e, array)
	case *formula.Call:
		return c.call(e, array)
	}
	return &constant{cell.Err(cell.ErrName)}
}

// scalar compiles an operand that must be one value: in the mode of single values references are intersected.
func (c *compiler) scalar(e formula.Expr, array bool) node {
	n := c.compile(e, array)
	switch n.(type) {
	case *constant, *arithmetic, *comparison, *concat, *negate, *percent:
		return n
	case *one:
		return n
	}
	if r, ok := n.(*reference); ok && r.single {
		return &one{Ref: r.Ref}
	}
	return &value{n, array}
}

func (c *compiler) ref(e *formula.Ref) node {
	r := Ref{First: -1, Last: -1, R0: e.R0, C0: e.C0, R1: e.R1, C1: e.C1}
	if !c.on(e.Sheets, &r) {
		return &constant{cell.Err(cell.ErrRef)}
	}
	c.reads(r)
	return &reference{Ref: r, single: e.Cell && r.First == r.Last}
}

// on resolves the sheets of a reference.
func (c *compiler) on(s formula.Sheets, r *Ref) bool {
	if !s.Given {
		return true
	}
	var ok bool
	if s.External != "" && s.External != "0" { // a sheet of another workbook is known as [1]Sheet1
		r.First, ok = c.resolver.Sheet("[" + s.External + "]" + s.First)
		r.Last = r.First
		return ok && s.Last == ""
	}
	if r.First, ok = c.resolver.Sheet(s.First); !ok {
		return false
	}
	r.Last = r.First
	if s.Last != "" {
		if r.Last, ok = c.resolver.Sheet(s.Last); !ok {
			return false
		}
		r.First, r.Last = min(r.First, r.Last), max(r.First, r.Last)
	}
	return true
}

func (c *compiler) reads(r Ref) {
	for _, known := range c.f.Refs {
		if known == r {
			return
		}
	}
	c.f.Refs = append(c.f.Refs, r)
}

// structured turns a structured reference into the cells that it means.
func (c *compiler) structured(e *formula.Structured) node {
	t, ok := c.resolver.Table(e.Table, c.o.Sheet, c.o.Row, c.o.Col)
	if !ok || e.Sheets.External != "" { // of other workbooks only cells are known
		return &constant{cell.Err(cell.ErrRef)}
	}
	r := Ref{First: t.Area.Sheet, Last: t.Area.Sheet}
	first, last := t.Area.C0, t.Area.C1
	if e.First != "" {
		i, j := column(t.Columns, e.First), column(t.Columns, e.Last)
		if i < 0 || j < 0 {
			return &constant{cell.Err(cell.ErrRef)}
		}
		first, last = t.Area.C0+int32(min(i, j)), t.Area.C0+int32(max(i, j))
	}
	r.C0, r.C1 = formula.Axis{N: first, Fixed: true}, formula.Axis{N: last, Fixed: true}
	top, bottom := t.Area.R0, t.Area.R1
	if t.Header {
		top++
	}
	if t.Totals {
		bottom--
	}
	switch parts := e.Parts; {
	case parts&formula.ThisRow != 0:
		c.reads(r)
		return &reference{Ref: r, single: first == last}
	case parts == formula.Headers && t.Header:
		top, bottom = t.Area.R0, t.Area.R0
	case parts == formula.Totals && t.Totals:
		top, bottom = t.Area.R1, t.Area.R1
	case parts == formula.Headers, parts == formula.Totals:
		return &constant{cell.Err(cell.ErrRef)}
	default:
		if parts&formula.Headers != 0 && t.Header {
			top--
		}
		if parts&formula.Totals != 0 && t.Totals {
			bottom++
		}
	}
	r.R0, r.R1 = formula.Axis{N: top, Fixed: true}, formula.Axis{N: bottom, Fixed: true}
	c.reads(r)
	return &reference{Ref: r, single: first == last && top == bottom}
}

func column(columns []string, name string) int {
	for i, c := range columns {
		if strings.EqualFold(c, name) {
			return i
		}
	}
	return -1
}

func (c *compiler) unary(e *formula.Unary, array bool) node {
	switch e.Op {
	case "-":
		return &negate{c.scalar(e.X, array)}
	case formula.Parentheses:
		return &enclosed{c.compile(e.X, array)}
	case "+":
		return c.compile(e.X, array) // which changes nothing, not even text
	case "%":
		return &percent{c.scalar(e.X, array)}
	case "@":
		return &intersected{c.compile(e.X, array)}
	case "#":
		c.f.Dynamic = true
		return &spilled{c.compile(e.X, array)}
	}
	return &constant{cell.Err(cell.ErrName)}
}

func (c *compiler) binary(e *formula.Binary, array bool) node {
	switch e.Op {
	case ":":
		c.f.Dynamic = true
		return &span{c.compile(e.X, array), c.compile(e.Y, array)}
	case " ":
		return &shared{c.compile(e.X, array), c.compile(e.Y, array)}
	case ",":
		return &union{c.compile(e.X, array), c.compile(e.Y, array)}
	case "&":
		return &concat{c.scalar(e.X, array), c.scalar(e.Y, array)}
	case "+", "-", "*", "/", "^":
		return &arithmetic{op: e.Op[0], x: c.scalar(e.X, array), y: c.scalar(e.Y, array)}
	}
	return &comparison{e.Op, c.scalar(e.X, array), c.scalar(e.Y, array)}
}

func (c *compiler) name(e *formula.Name, array bool) node {
	if !e.Sheets.Given {
		if slot, ok := c.scope.find(strings.ToLower(e.Text)); ok {
			return &local{slot}
		}
	}
	return c.defined(e, array)
}

// defined compiles a defined name once, for all its uses in this formula; a name may use itself through a LAMBDA.
func (c *compiler) defined(e *formula.Name, array bool) node {
	sheet := c.o.Sheet
	if e.Sheets.External == "0" { // the workbook itself
		e = &formula.Name{Sheets: e.Sheets, Text: e.Text}
		e.Sheets.External = ""
	}
	if e.Sheets.Given && e.Sheets.External == "" && e.Sheets.First != "" {
		var ok bool
		if sheet, ok = c.resolver.Sheet(e.Sheets.First); !ok {
			return &constant{cell.Err(cell.ErrRef)}
		}
	}
	key := strings.ToLower(e.Sheets.External + "]" + e.Sheets.First + "!" + e.Text)
	if array {
		key = "{}" + key
	}
	if n := c.names[key]; n != nil {
		return n
	}
	tree, ok := c.resolver.Name(sheet, e.Text)
	if x := e.Sheets.External; x != "" { // a name of another workbook is known as [1]!name, or [1]Sheet1!name
		if tree, ok = c.resolver.Name(-1, "["+x+"]"+e.Sheets.First+"!"+e.Text); !ok {
			tree, ok = c.resolver.Name(-1, "["+x+"]!"+e.Text)
		}
		if !ok {
			return &constant{cell.Err(cell.ErrName)}
		}
	}
	if !ok {
		if t, ok := c.resolver.Table(e.Text, c.o.Sheet, c.o.Row, c.o.Col); ok && e.Text != "" && len(t.Columns) > 0 {
			return c.structured(&formula.Structured{Table: e.Text})
		}
		return &constant{cell.Err(cell.ErrName)}
	}
	if c.within >= mostWithin {
		return &constant{cell.Err(cell.ErrNum)}
	}
	n := &named{}
	c.names[key] = n
	outer := c.scope
	c.scope = &scope{}
	c.within++
	n.node = c.compile(tree, array)
	c.within--
	n.locals = c.scope.slots
	c.scope = outer
	return n
}

func (c *compiler) call(e *formula.Call, array bool) node {
	if e.Of != nil {
		return c.apply(c.compile(e.Of, array), e.Args, array)
	}
	if slot, ok := c.scope.find(strings.ToLower(e.Name)); ok {
		return c.apply(&local{slot}, e.Args, array)
	}
	if special := c.special(e, array); special != nil {
		return special
	}
	f := fn.Lookup(e.Name)
	if f == nil || f.Body == nil {
		if _, ok := c.resolver.Name(c.o.Sheet, e.Name); ok {
			return c.apply(c.defined(&formula.Name{Text: e.Name}, array), e.Args, array)
		}
		if !slices.Contains(c.f.Unknown, e.Name) {
			c.f.Unknown = append(c.f.Unknown, e.Name)
		}
		for _, a := range e.Args {
			if a != nil {
				c.compile(a, array) // for what it reads
			}
		}
		return &constant{cell.Err(cell.ErrName)}
	}
	if !f.Accepts(len(e.Args)) {
		return &constant{cell.Err(cell.ErrValue)}
	}
	c.f.Volatile = c.f.Volatile || f.Volatile
	c.f.Dynamic = c.f.Dynamic || f.Dynamic
	n := &function{f: f, args: make([]node, len(e.Args)), array: array}
	for i, a := range e.Args {
		if a == nil {
			n.args[i] = &constant{cell.Omitted()}
			continue
		}
		switch p := f.Param(i); {
		case p.Scalar():
			n.args[i] = c.scalar(a, array)
		case p.Kind == 'A':
			n.args[i] = c.compile(a, true)
		default:
			n.args[i] = c.compile(a, array)
		}
	}
	if f.Name == "SUMPRODUCT" && !c.f.Volatile && !c.o.Plain {
		if s := sweepOf(n); s != nil {
			return s
		}
	}
	return n
}

func (c *compiler) apply(f node, args []formula.Expr, array bool) node {
	n := &applied{f: f, args: make([]node, len(args))}
	for i, a := range args {
		if a == nil {
			n.args[i] = &constant{cell.Omitted()}
		} else {
			n.args[i] = c.compile(a, array)
		}
	}
	return n
}
