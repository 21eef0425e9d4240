package eval

import (
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/formula"
)

// special compiles the functions that do not evaluate all of their arguments, or bind names. It returns nil for all others.
func (c *compiler) special(e *formula.Call, array bool) node {
	n := len(e.Args)
	wrong := &constant{cell.Err(cell.ErrValue)}
	arg := func(i int) node {
		if i >= n || e.Args[i] == nil {
			return &constant{cell.Omitted()}
		}
		return c.compile(e.Args[i], array)
	}
	switch e.Name {
	case "IF":
		if n < 1 || n > 3 {
			return wrong
		}
		otherwise := node(&constant{cell.Truth(false)})
		if n == 3 {
			otherwise = arg(2)
		}
		then := node(&constant{cell.Truth(true)})
		if n >= 2 {
			then = arg(1)
		}
		return &branch{c.condition(e.Args[0], array), then, otherwise}
	case "IFERROR", "IFNA":
		if n != 2 {
			return wrong
		}
		return &ifError{of: c.scalarOr(e.Args[0], array), otherwise: arg(1), onlyNA: e.Name == "IFNA"}
	case "IFS":
		if n < 2 || n%2 != 0 {
			return wrong
		}
		out := node(&constant{cell.Err(cell.ErrNA)})
		for i := n - 2; i >= 0; i -= 2 {
			out = &branch{c.condition(e.Args[i], array), arg(i + 1), out}
		}
		return out
	case "SWITCH":
		if n < 3 {
			return wrong
		}
		out := node(&constant{cell.Err(cell.ErrNA)})
		if n%2 == 0 {
			out = arg(n - 1)
		}
		key := c.scalarOr(e.Args[0], array)
		s := &choice{key: key, otherwise: out}
		for i := 1; i+1 < n; i += 2 {
			s.cases = append(s.cases, c.scalarOr(e.Args[i], array))
			s.values = append(s.values, arg(i+1))
		}
		return s
	case "CHOOSE":
		if n < 2 {
			return wrong
		}
		s := &choose{index: c.scalarOr(e.Args[0], array)}
		for i := 1; i < n; i++ {
			s.values = append(s.values, arg(i))
		}
		return s
	case "LET":
		return c.let(e, array, wrong)
	case "LAMBDA":
		return c.lambda(e, array, wrong)
	case "SINGLE":
		if n != 1 {
			return wrong
		}
		return &intersected{arg(0)}
	case "ANCHORARRAY":
		if n != 1 {
			return wrong
		}
		c.f.Dynamic = true
		return &spilled{arg(0)}
	case "ISOMITTED":
		if n != 1 {
			return wrong
		}
		return &omitted{arg(0)}
	}
	return nil
}

func (c *compiler) scalarOr(e formula.Expr, array bool) node {
	if e == nil {
		return &constant{cell.Value{}}
	}
	return c.scalar(e, array)
}

func (c *compiler) condition(e formula.Expr, array bool) node { return c.scalarOr(e, array) }

// branch is IF. Only the branch that is taken is evaluated, and its value may be a reference.
type branch struct{ condition, then, otherwise node }

func (n *branch) eval(w *Walker) cell.Value {
	v := n.condition.eval(w)
	g := v.Grid()
	if g == nil {
		v = cell.ToBool(v)
		switch {
		case v.IsError():
			return v
		case v.True():
			return present(n.then.eval(w))
		}
		return present(n.otherwise.eval(w))
	}
	return w.each(g, func(v cell.Value) (node, cell.Value) {
		switch v = cell.ToBool(v); {
		case v.IsError():
			return nil, v
		case v.True():
			return n.then, v
		}
		return n.otherwise, v
	})
}

// present makes an argument that was left out 0, as IF(TRUE,,1) is.
func present(v cell.Value) cell.Value {
	if v.Kind() == cell.Missing {
		return cell.Num(0)
	}
	return v
}

// each chooses, for every element of an array, the branch to take or the value itself, and lays the branches over each other. A branch is evaluated
// once, and only if an element takes it.
func (w *Walker) each(g *cell.Grid, choose func(cell.Value) (node, cell.Value)) cell.Value {
	type taken struct {
		of node
		g  *cell.Grid
	}
	var values []taken
	rows, cols := g.Rows, g.Cols
	picks := make([]int, len(g.Cells))
	own := make([]cell.Value, len(g.Cells))
	for i, v := range g.Cells {
		w.Poll()
		of, as := choose(v)
		picks[i], own[i] = -1, as
		if of == nil {
			continue
		}
		for j := range values {
			if values[j].of == of {
				picks[i] = j
			}
		}
		if picks[i] >= 0 {
			continue
		}
		v := w.many(present(of.eval(w)))
		grid := v.Grid()
		if grid == nil {
			grid = &cell.Grid{Rows: 1, Cols: 1, Cells: []cell.Value{v}}
		}
		rows, cols = max(rows, grid.Rows), max(cols, grid.Cols)
		picks[i] = len(values)
		values = append(values, taken{of, grid})
	}
	out := cell.NewGrid(rows, cols)
	chosen := &cell.Grid{Rows: g.Rows, Cols: g.Cols, Cells: make([]cell.Value, len(g.Cells))}
	for i := range picks {
		chosen.Cells[i] = cell.Num(float64(i))
	}
	for r := range rows {
		w.Poll()
		for c := range cols {
			at := chosen.At(r, c)
			if at.IsError() {
				out.Cells[r*cols+c] = at
				continue
			}
			i := int(at.Float())
			if picks[i] < 0 {
				out.Cells[r*cols+c] = own[i]
			} else {
				out.Cells[r*cols+c] = values[picks[i]].g.At(r, c)
			}
		}
	}
	return cell.Arr(out)
}

type ifError struct {
	of, otherwise node
	onlyNA        bool
}

func (n *ifError) caught(v cell.Value) bool {
	return v.IsError() && (!n.onlyNA || v.Code() == cell.ErrNA)
}

func (n *ifError) eval(w *Walker) cell.Value {
	v := n.of.eval(w)
	g := v.Grid()
	if g == nil {
		if n.caught(v) {
			return emptyText(n.otherwise.eval(w))
		}
		if v.Kind() == cell.Empty {
			return cell.Num(0)
		}
		return v
	}
	return w.each(g, func(v cell.Value) (node, cell.Value) {
		if n.caught(v) {
			return n.otherwise, v
		}
		return nil, v
	})
}

func emptyText(v cell.Value) cell.Value {
	if v.Kind() == cell.Missing {
		return cell.Str("")
	}
	return v
}

// choice is SWITCH.
type choice struct {
	key           node
	cases, values []node
	otherwise     node
}

func (n *choice) eval(w *Walker) cell.Value {
	key := n.key.eval(w)
	if g := key.Grid(); g != nil {
		cases := make([]cell.Value, len(n.cases))
		for i, c := range n.cases {
			cases[i] = first(c.eval(w))
		}
		return w.each(g, func(v cell.Value) (node, cell.Value) {
			if v.IsError() {
				return nil, v
			}
			for i, c := range cases {
				if same(v, c) {
					return n.values[i], v
				}
			}
			return n.otherwise, v
		})
	}
	if key.IsError() {
		return key
	}
	for i, c := range n.cases {
		v := first(c.eval(w))
		if v.IsError() {
			return v
		}
		if same(key, v) {
			return present(n.values[i].eval(w))
		}
	}
	return present(n.otherwise.eval(w))
}

func same(a, b cell.Value) bool { return !b.IsError() && cell.Compare(a, b) == 0 }

func first(v cell.Value) cell.Value {
	if g := v.Grid(); g != nil {
		return g.Cells[0]
	}
	return v
}

// choose is CHOOSE.
type choose struct {
	index  node
	values []node
}

func (n *choose) eval(w *Walker) cell.Value {
	pick := func(v cell.Value) (node, cell.Value) {
		v = cell.ToNumber(v, w.dates)
		if v.IsError() {
			return nil, v
		}
		i := v.Float()
		if i < 1 || i >= float64(len(n.values)+1) {
			return nil, cell.Err(cell.ErrValue)
		}
		return n.values[int(i)-1], v
	}
	v := n.index.eval(w)
	if g := v.Grid(); g != nil {
		return w.each(g, pick)
	}
	of, v := pick(v)
	if of == nil {
		return v
	}
	return present(of.eval(w))
}

type omitted struct{ of node }

func (n *omitted) eval(w *Walker) cell.Value {
	return cell.Truth(n.of.eval(w).Kind() == cell.Missing)
}

// let binds names to values one after the other.
type let struct {
	slots  []int
	values []node
	body   node
}

func (n *let) eval(w *Walker) cell.Value {
	for i, v := range n.values {
		w.locals[n.slots[i]] = v.eval(w)
	}
	return n.body.eval(w)
}

func (c *compiler) let(e *formula.Call, array bool, wrong node) node {
	if len(e.Args) < 3 || len(e.Args)%2 == 0 {
		return wrong
	}
	out := &let{}
	for i := 0; i+1 < len(e.Args); i += 2 {
		name, ok := e.Args[i].(*formula.Name)
		if !ok || e.Args[i+1] == nil {
			return wrong
		}
		out.values = append(out.values, c.compile(e.Args[i+1], array))
		out.slots = append(out.slots, c.scope.declare(name.Text))
	}
	if last := e.Args[len(e.Args)-1]; last != nil {
		out.body = c.compile(last, array)
	} else {
		return wrong
	}
	// The names end with LET; those that were captured meanwhile were put before them and stay.
	c.scope.visible = c.scope.visible[:len(c.scope.visible)-len(out.slots)]
	return out
}

func (c *compiler) lambda(e *formula.Call, array bool, wrong node) node {
	if len(e.Args) == 0 {
		return wrong
	}
	inner := &scope{outer: c.scope}
	out := &lambda{}
	for _, a := range e.Args[:len(e.Args)-1] {
		name, ok := a.(*formula.Name)
		if !ok {
			return wrong
		}
		out.params = append(out.params, inner.declare(name.Text))
	}
	body := e.Args[len(e.Args)-1]
	if body == nil {
		return wrong
	}
	c.scope = inner
	out.body = c.compile(body, array)
	c.scope = inner.outer
	out.captures, out.slots = inner.captures, inner.slots
	return out
}
