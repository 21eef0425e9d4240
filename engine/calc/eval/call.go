package eval

import (
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn"
)

// function is a call of a function of the library.
type function struct {
	f     *fn.Func
	args  []node
	array bool
}

func (n *function) eval(w *Walker) cell.Value {
	w.Poll()
	c := w.take(len(n.args))
	lifted := false
	for i, a := range n.args {
		v := a.eval(w)
		p := n.f.Param(i)
		if p.Scalar() {
			if v.Kind() == cell.Array {
				lifted = true
				c.Args[i] = v
				continue
			}
			v = w.coerce(p.Kind, v)
			if v.IsError() && !n.f.Errors {
				w.give(c)
				return v
			}
		} else {
			v = n.whole(p.Kind, v)
			if v.IsError() && (p.Kind == 'r' || p.Kind == 'f') {
				w.give(c)
				return v
			}
		}
		c.Args[i] = v
	}
	var out cell.Value
	if lifted {
		out = n.lift(w, c)
	} else {
		out = n.f.Body(c)
	}
	w.give(c)
	return out
}

// whole checks an argument that is not one value.
func (n *function) whole(kind byte, v cell.Value) cell.Value {
	switch {
	case kind == 'r' && v.Kind() != cell.Ref && v.Kind() != cell.Missing && !v.IsError(),
		kind == 'f' && v.Kind() != cell.Lambda && v.Kind() != cell.Missing && !v.IsError():
		return cell.Err(cell.ErrValue)
	}
	return v
}

// coerce makes v what the parameter asks for. A missing argument stays one.
func (w *Walker) coerce(kind byte, v cell.Value) cell.Value {
	if v.Kind() == cell.Missing || v.IsError() {
		return v
	}
	switch kind {
	case 'n':
		return cell.ToNumber(v, w.dates)
	case 't':
		return cell.ToText(v)
	case 'b':
		return cell.ToBool(v)
	}
	if v.Kind() == cell.Lambda {
		return cell.Err(cell.ErrValue)
	}
	return v
}

// lift calls the function for each element of the arrays among its single values. Where the result is an array itself, its
// first value stands.
func (n *function) lift(w *Walker, c *fn.Call) cell.Value {
	rows, cols := 1, 1
	for i, v := range c.Args {
		if g := v.Grid(); g != nil && n.f.Param(i).Scalar() {
			rows, cols = max(rows, g.Rows), max(cols, g.Cols)
		}
	}
	if rows*cols > fn.MaxGrid {
		return cell.Err(cell.ErrNum)
	}
	out := cell.NewGrid(rows, cols)
	each := w.take(len(c.Args))
	defer w.give(each)
	for r := range rows {
		for col := range cols {
			w.Poll()
			failed := cell.Value{}
			for i, v := range c.Args {
				p := n.f.Param(i)
				if g := v.Grid(); g != nil && p.Scalar() {
					v = w.coerce(p.Kind, g.At(r, col))
					if v.IsError() && !n.f.Errors && !failed.IsError() {
						failed = v
					}
				}
				each.Args[i] = v
			}
			if !failed.IsError() {
				failed = n.f.Body(each)
				if g := failed.Grid(); g != nil {
					failed = g.Cells[0]
				} else if failed.Kind() == cell.Ref {
					failed = w.many(failed)
					if g := failed.Grid(); g != nil {
						failed = g.Cells[0]
					}
				}
			}
			out.Cells[r*cols+col] = failed
		}
	}
	return cell.Arr(out)
}

// take returns a call with room for n arguments, and give takes it back: calls nest as expressions do.
func (w *Walker) take(n int) *fn.Call {
	if last := len(w.calls) - 1; last >= 0 {
		c := w.calls[last]
		w.calls = w.calls[:last]
		if cap(c.Args) >= n {
			c.Args = c.Args[:n]
		} else {
			c.Args = make([]cell.Value, n, 2*n)
		}
		return c
	}
	return &fn.Call{Env: w, Args: make([]cell.Value, n, max(n, 4))}
}

func (w *Walker) give(c *fn.Call) {
	clear(c.Args)
	c.Memo = nil
	w.calls = append(w.calls, c)
}

// applied is the call of a function value.
type applied struct {
	f    node
	args []node
}

func (n *applied) eval(w *Walker) cell.Value {
	f := n.f.eval(w)
	args := make([]cell.Value, len(n.args))
	for i, a := range n.args {
		args[i] = a.eval(w)
	}
	if f.IsError() {
		return f
	}
	return w.Apply(f, args...)
}

// closure is a function value.
type closure struct {
	of       *lambda
	captured []cell.Value
}

// lambda is LAMBDA: its parameters are the first slots of its body after those that it captured.
type lambda struct {
	params   []int // slots
	captures []capture
	slots    int
	body     node
}

func (n *lambda) eval(w *Walker) cell.Value {
	c := &closure{of: n}
	for _, capture := range n.captures {
		c.captured = append(c.captured, w.locals[capture.from])
	}
	return cell.Func(c)
}

// Apply implements [fn.Env].
func (w *Walker) Apply(f cell.Value, args ...cell.Value) cell.Value {
	c, ok := f.Lambda().(*closure)
	if !ok {
		return cell.Err(cell.ErrValue)
	}
	if len(args) > len(c.of.params) {
		return cell.Err(cell.ErrValue)
	}
	w.Poll()
	if w.depth >= maxApply {
		return cell.Err(cell.ErrNum)
	}
	locals := make([]cell.Value, c.of.slots)
	for i, capture := range c.of.captures {
		locals[capture.to] = c.captured[i]
	}
	for i, slot := range c.of.params {
		if i < len(args) {
			locals[slot] = args[i]
		} else {
			locals[slot] = cell.Omitted()
		}
	}
	outer := w.locals
	w.locals = locals
	w.depth++
	v := c.of.body.eval(w)
	w.depth--
	w.locals = outer
	return v
}
