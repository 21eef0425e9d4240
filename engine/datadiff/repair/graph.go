package repair

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// op is the work on one row of a table whose order matters.
type op struct {
	table         int32
	kind          Kind
	rows          int64
	key, old, new []byte // cells
	stored        []byte // of the old row as the target holds it
	failed        string // why it is skipped
	wants         []want
	parked        []parking // not nil: it takes two statements
}

// role is how an operation uses a value of a constraint.
type role uint8

const (
	frees    role = iota + 1 // it gives up a unique value
	provides                 // it makes a value of a parent that rows can refer to
	releases                 // it stops to refer to a value of a parent
	takes                    // it takes a unique value: nobody waits for this, but no placeholder may be it
	own                      // the other statement of the same operation
)

// want says that all operations of a role on a value must come first.
type want struct {
	value      canon.Hash128
	role       role
	constraint *constraint // of the operations that are waited for
	mine       *constraint // of this one
}

// link is an element of the list of operations under one value.
type link struct{ op, next int32 }

// node is a statement: an operation and which of its statements.
type node int32

func (n node) op() int32 { return int32(n) >> 1 }

// aux is the second kind of statement that only a parked operation has: before the main one of an
// update or deletion, behind that of an insertion.
func (n node) aux() bool { return n&1 == 1 }

func mainOf(op int32) node { return node(op << 1) }
func auxOf(op int32) node  { return node(op<<1 | 1) }

// edge leads to a statement that must come first.
type edge struct {
	to   node
	want want
}

// value hashes the cells of a constraint. Not ok when one is NULL: such a row takes no unique value and
// refers to nothing. Nor when the row does not meet the predicate of a partial index.
func (p *Plan) value(r role, c *constraint, cells [][]byte) (canon.Hash128, bool) {
	p.hashed = binary.BigEndian.AppendUint32(append(p.hashed[:0], byte(r)), uint32(c.id))
	for i, f := range c.fields {
		cell := cells[f]
		if canon.Tag(cell[0]) == canon.Null {
			return canon.Hash128{}, false
		}
		if c.folds[i] {
			p.hashed = fold(p.hashed, cell)
		} else {
			p.hashed = append(p.hashed, cell...)
		}
	}
	for _, f := range c.loose {
		if canon.Tag(cells[f][0]) == canon.Null {
			return canon.Hash128{}, false
		}
	}
	if c.holds != nil {
		if v := c.holds(cells); v == no || v == unknown {
			return canon.Hash128{}, false
		}
	}
	return canon.Hash(p.hashed), true
}

func (c *constraint) changes(old, now [][]byte) bool {
	if len(old) == 0 || len(now) == 0 {
		return true
	}
	differs := func(f int) bool { return !bytes.Equal(old[f], now[f]) }
	if slices.ContainsFunc(c.fields, differs) || slices.ContainsFunc(c.loose, differs) {
		return true
	}
	if !slices.ContainsFunc(c.depends, differs) {
		return false
	}
	return !c.readable || c.holds(old) != yes || c.holds(now) != yes
}

// has says whether one of the parked columns takes the row out of the constraint.
func (c *constraint) has(parked []parking) bool {
	for _, k := range parked {
		if slices.Contains(c.fields, k.field) || slices.Contains(c.loose, k.field) && canon.Tag(k.cell[0]) == canon.Null {
			return true
		}
	}
	return false
}

// register notes which values an operation gives up, makes and waits for.
func (p *Plan) register(i int32, t *table, old, now [][]byte) {
	o := &p.ops[i]
	if o.kind == Missing {
		old = nil
	}
	if o.kind == Extra {
		now = nil
	}
	enter := func(r role, c *constraint, cells [][]byte) {
		if cells == nil {
			return
		}
		if v, ok := p.value(r, c, cells); ok {
			head, known := p.index[v]
			if !known {
				head = -1
			}
			p.links = append(p.links, link{i, head})
			p.index[v] = int32(len(p.links) - 1)
		}
	}
	wait := func(r role, theirs, mine *constraint, cells [][]byte) {
		if cells == nil {
			return
		}
		// The value is that of my cells, under the name that the others enter it by.
		if v, ok := p.value(r, mine, cells); ok {
			o.wants = append(o.wants, want{v, r, theirs, mine})
		}
	}
	for k := range t.unique {
		if c := &t.unique[k]; c.changes(old, now) {
			enter(frees, c, old)
			enter(takes, c, now)
			wait(frees, c, c, now)
		}
	}
	for _, r := range t.refers {
		if r.child.changes(old, now) {
			enter(releases, &r.child, old)
			wait(provides, &r.parent, &r.child, now)
		}
	}
	for _, r := range t.referred {
		if r.parent.changes(old, now) {
			enter(provides, &r.parent, now)
			wait(releases, &r.child, &r.parent, old)
		}
	}
}

// prerequisites are the statements that must come before one.
func (p *Plan) prerequisites(n node) []edge {
	i := n.op()
	o := &p.ops[i]
	var edges []edge
	for _, w := range o.wants {
		if !p.waits(o, n.aux(), &w) {
			continue
		}
		at, ok := p.index[w.value]
		for ok && at >= 0 {
			l := p.links[at]
			if l.op != i {
				edges = append(edges, edge{p.statementOf(l.op, &w), w})
			}
			at = l.next
		}
	}
	switch {
	case o.parked == nil:
	case o.kind == Missing && n.aux():
		edges = append(edges, edge{to: mainOf(i), want: want{role: own}})
	case o.kind != Missing && !n.aux():
		edges = append(edges, edge{to: auxOf(i), want: want{role: own}})
	}
	return edges
}

// waits says whether it is this statement of the operation that has to wait.
func (p *Plan) waits(o *op, aux bool, w *want) bool {
	if o.parked == nil {
		return true
	}
	concerned := w.mine.has(o.parked)
	switch {
	case o.kind == Missing && w.role == provides:
		return concerned == aux // a parked reference is set by the second statement
	case o.kind == Missing:
		return !aux
	case aux:
		return w.role == releases && concerned // what rows refer to is not set aside before they let go
	}
	return true
}

// statementOf is the one of an operation's statements that does what is waited for.
func (p *Plan) statementOf(i int32, w *want) node {
	o := &p.ops[i]
	if o.parked == nil || !w.constraint.has(o.parked) {
		return mainOf(i)
	}
	// A parked insertion provides its value with the second statement, the others give theirs up with the first.
	return auxOf(i)
}
