package repair

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Kind is what is wrong with a row of the target.
type Kind uint8

// Kinds.
const (
	Missing Kind = iota + 1 // it is to be inserted
	Extra                   // it is to be deleted
	Changed                 // it is to be updated
)

// String is the work that a difference asks for.
func (k Kind) String() string {
	switch k {
	case Missing:
		return "insert"
	case Extra:
		return "delete"
	case Changed:
		return "update"
	}
	return "unknown"
}

// Difference is one row. Its cells are those of the target's relation, in its order; Add does not keep
// them.
type Difference struct {
	Kind Kind
	Key  []byte // the cells of the key; empty for a table without one
	// Source and Target are the cells of the other columns on either side: Source is empty for Extra,
	// Target for Missing.
	Source, Target []byte
	// Rows is, for a table without a key, how many equal rows are missing or extra. 0 means 1.
	Rows int64
}

// Skipped is a row that no statement is written for.
type Skipped struct {
	Table  dialect.TableName
	Kind   Kind
	Key    string // for a person
	Reason string
}

// Summary is what a plan came to.
type Summary struct {
	Inserts, Updates, Deletes int64 // rows
	Parked                    int64 // rows that take two statements
	Statements                int64
	Skipped                   int64 // rows
	Notes                     []string
}

// Plan orders the statements for a set of tables. It is used by one goroutine.
type Plan struct {
	target dialect.Database
	writer writer
	tables []*table
	emit   func(sql string) error
	skip   func(Skipped) error

	ops      []op
	index    map[canon.Hash128]int32 // value of a constraint -> head of its list in links
	links    []link
	parked   int64 // placeholders made
	scratchA [][]byte
	scratchB [][]byte
	hashed   []byte

	summary Summary
	notes   map[string]bool
	done    bool
}

// New makes a plan for relations of the target. Every table that rows of another one may refer to should
// be among them, or its order is left to the caller. Statements are given to emit in the order in which
// they are to be run, some during Add and the others during Finish; rows that cannot be repaired to skip.
// Errors of both end the plan.
func New(target dialect.Database, relations []*dialect.Relation, emit func(sql string) error, skip func(Skipped) error) (*Plan, error) {
	p := &Plan{target: target, emit: emit, skip: skip, index: map[canon.Hash128]int32{}, notes: map[string]bool{}}
	p.writer = writer{db: target, kind: target.Kind(), mariaDB: strings.Contains(target.Product(), "MariaDB"), note: p.note}
	for _, r := range relations {
		if r.Table.View {
			return nil, fmt.Errorf("repair %s: it is a view, and its rows belong to other tables; name those", r.Table.Name)
		}
		p.tables = append(p.tables, newTable(target, r))
	}
	p.connect()
	return p, nil
}

// Add takes a difference of the table with the given index in the relations of New.
func (p *Plan) Add(index int, d Difference) error {
	if p.done {
		return errors.New("repair: the plan is finished")
	}
	t := p.tables[index]
	o := op{table: int32(index), kind: d.Kind, rows: max(d.Rows, 1)}
	var err error
	if d.Kind != Missing {
		if p.scratchA, err = t.split(p.scratchA[:0], d.Key, d.Target); err != nil {
			return fmt.Errorf("repair %s: the target's row: %w", t.rel.Table.Name, err)
		}
	}
	if d.Kind != Extra {
		if p.scratchB, err = t.split(p.scratchB[:0], d.Key, d.Source); err != nil {
			return fmt.Errorf("repair %s: the source's row: %w", t.rel.Table.Name, err)
		}
	}
	o.sql, err = p.writer.whole(t, d.Kind, p.scratchA, p.scratchB)
	if err != nil {
		o.failed = err.Error()
	}
	if !t.ordered {
		return p.write(&o, t.describe(d.Kind, p.scratchA, p.scratchB))
	}
	o.key, o.old, o.new = slices.Clone(d.Key), slices.Clone(d.Target), slices.Clone(d.Source)
	p.ops = append(p.ops, o)
	p.register(int32(len(p.ops)-1), t, p.scratchA, p.scratchB)
	return nil
}

// write emits an operation of one statement, or says why there is none.
func (p *Plan) write(o *op, key string) error {
	t := p.tables[o.table]
	if o.failed != "" {
		p.summary.Skipped += o.rows
		return p.skip(Skipped{t.rel.Table.Name, o.kind, key, o.failed})
	}
	for range o.rows {
		if err := p.statement(o.sql); err != nil {
			return err
		}
	}
	p.count(o)
	return nil
}

func (p *Plan) statement(sql string) error {
	p.summary.Statements++
	return p.emit(sql)
}

func (p *Plan) count(o *op) {
	t := p.tables[o.table]
	switch o.kind {
	case Missing:
		p.summary.Inserts += o.rows
		if t.counter != "" && p.target.Kind() == dialect.Postgres {
			p.note("the sequence behind " + t.counter + " is not moved by inserted values; set it with setval")
		}
	case Extra:
		p.summary.Deletes += o.rows
	case Changed:
		p.summary.Updates += o.rows
	}
	if o.parked != nil {
		p.summary.Parked++
	}
}

// note keeps a remark once.
func (p *Plan) note(text string) {
	if !p.notes[text] {
		p.notes[text] = true
		p.summary.Notes = append(p.summary.Notes, text)
	}
}

// Finish orders and emits what Add has held back.
func (p *Plan) Finish() (Summary, error) {
	if p.done {
		return p.summary, errors.New("repair: the plan is finished")
	}
	p.done = true
	for i := range p.ops {
		p.letGo(int32(i))
	}
	order := newSorter(p).sort()
	p.spread(order)
	for _, n := range order {
		o := &p.ops[n.op()]
		if o.failed != "" {
			continue
		}
		if o.parked == nil {
			if err := p.write(o, ""); err != nil {
				return p.summary, err
			}
			continue
		}
		sql, err := p.stage(o, n.aux())
		if err == nil {
			err = p.statement(sql)
		}
		if err != nil {
			return p.summary, err
		}
		if !n.aux() {
			p.count(o)
		}
	}
	for i := range p.ops {
		if o := &p.ops[i]; o.failed != "" {
			if err := p.write(o, p.row(o)); err != nil {
				return p.summary, err
			}
		}
	}
	return p.summary, nil
}

// spread fails every operation that waits for one that failed.
func (p *Plan) spread(order []node) {
	failed := false
	for i := range p.ops {
		failed = failed || p.ops[i].failed != ""
	}
	for again := failed; again; {
		again = false
		for _, n := range order {
			o := &p.ops[n.op()]
			if o.failed != "" {
				continue
			}
			for _, e := range p.prerequisites(n) {
				if other := e.to.op(); p.ops[other].failed != "" {
					o.failed = "it needs " + p.describe(other) + ", which is not repaired"
					again = true
					break
				}
			}
		}
	}
}

// describe names the row of an operation.
func (p *Plan) describe(i int32) string {
	o := &p.ops[i]
	return p.tables[o.table].rel.Table.Name.String() + " " + p.row(o)
}

func (p *Plan) row(o *op) string {
	old, now := p.cells(o)
	return p.tables[o.table].describe(o.kind, old, now)
}

// cells returns the whole rows of an operation before and after. They are valid until the next call.
func (p *Plan) cells(o *op) (old, now [][]byte) {
	t := p.tables[o.table]
	p.scratchA, p.scratchB = p.scratchA[:0], p.scratchB[:0]
	// They were split once without an error.
	if o.kind != Missing {
		p.scratchA, _ = t.split(p.scratchA, o.key, o.old)
	}
	if o.kind != Extra {
		p.scratchB, _ = t.split(p.scratchB, o.key, o.new)
	}
	return p.scratchA, p.scratchB
}
