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
	// Stored are the cells of all columns of the target's row as it holds them, in the form that each
	// column offers first, where Key and Target may say the same in other words; see [Resolver].
	Stored []byte
	// Refused says why no statement may be written for the row; empty when one may.
	Refused string
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
	// Triggers are those that fire for the statements, Lasting the tables that keep what a statement has
	// done though a later one fails.
	Triggers, Lasting []string
	Tables            []TableSummary
}

// TableSummary counts the rows of one table.
type TableSummary struct {
	Table                              dialect.TableName
	Inserts, Updates, Deletes, Skipped int64
}

// MostHeld bounds the memory of the rows that are held until their order is known, in bytes.
const MostHeld = 256 << 20

// heldRow is what a row costs beside its cells.
const heldRow = 450

// ErrTooMany ends a plan of more rows than are held.
var ErrTooMany = errors.New("the rows that differ in tables with foreign keys, with further unique values or without a key take more than 256 MiB, and they are all held until their order is known; repair fewer at a time, with --table, --where or --limit, or copy the table anew")

// Plan orders the statements for a set of tables. It is used by one goroutine.
type Plan struct {
	target dialect.Database
	writer writer
	tables []*table
	emit   func(Statement) error
	skip   func(Skipped) error
	around *dialect.Surroundings
	held   int

	ops      []op
	index    map[canon.Hash128]int32 // value of a constraint -> head of its list in links
	links    []link
	parked   int64  // placeholders made
	objected string // why a column was last not set aside though it could be
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
// Errors of both end the plan. around is what the target says of the relations' tables.
func New(target dialect.Database, relations []*dialect.Relation, around *dialect.Surroundings, emit func(Statement) error, skip func(Skipped) error) (*Plan, error) {
	p := &Plan{target: target, emit: emit, skip: skip, around: around, index: map[canon.Hash128]int32{}, notes: map[string]bool{}}
	p.writer = writer{db: target, kind: target.Kind(), mariaDB: strings.Contains(target.Product(), "MariaDB"), note: p.note}
	for _, r := range relations {
		if r.Table.View {
			return nil, fmt.Errorf("repair %s: it is a view, and its rows belong to other tables; name those", r.Table.Name)
		}
		p.tables = append(p.tables, newTable(target, r))
		p.summary.Tables = append(p.summary.Tables, TableSummary{Table: r.Table.Name})
	}
	p.connect(around)
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
	st, err := p.whole(t, &d)
	o.failed = d.Refused
	if err != nil && o.failed == "" {
		o.failed = err.Error()
	}
	if !t.ordered {
		return p.write(&o, st, t.describe(d.Kind, p.scratchA, p.scratchB))
	}
	o.key, o.old, o.new, o.stored = slices.Clone(d.Key), slices.Clone(d.Target), slices.Clone(d.Source), slices.Clone(d.Stored)
	p.ops = append(p.ops, o)
	p.register(int32(len(p.ops)-1), t, p.scratchA, p.scratchB)
	p.held += heldRow + len(o.key) + len(o.old) + len(o.new) + len(o.stored) + 48*len(p.ops[len(p.ops)-1].wants)
	if p.held > MostHeld {
		return ErrTooMany
	}
	return nil
}

// whole writes the one statement of a difference, whose cells are split already.
func (p *Plan) whole(t *table, d *Difference) (Statement, error) {
	if err := p.writer.from(d.Stored); err != nil {
		return Statement{}, err
	}
	defer p.writer.from(nil) //nolint:errcheck // nothing cannot be split wrongly
	return p.writer.whole(t, d.Kind, p.scratchA, p.scratchB)
}

// from makes the writer find old values as they are stored.
func (w *writer) from(stored []byte) error {
	w.stored = nil
	for rest := stored; len(rest) > 0; {
		cell, next, err := canon.Next(rest)
		if err != nil {
			return err
		}
		w.stored, rest = append(w.stored, cell), next
	}
	return nil
}

// write emits an operation of one statement, or says why there is none.
func (p *Plan) write(o *op, st Statement, key string) error {
	t := p.tables[o.table]
	if o.failed != "" {
		p.summary.Skipped += o.rows
		p.summary.Tables[o.table].Skipped += o.rows
		return p.skip(Skipped{t.rel.Table.Name, o.kind, key, o.failed})
	}
	for range o.rows {
		if err := p.statement(t, o.kind, st); err != nil {
			return err
		}
	}
	p.count(o)
	return nil
}

func (p *Plan) statement(t *table, kind Kind, st Statement) error {
	p.summary.Statements++
	t.written[kind] = true
	return p.emit(st)
}

func (p *Plan) count(o *op) {
	t, sum := p.tables[o.table], &p.summary.Tables[o.table]
	switch o.kind {
	case Missing:
		p.summary.Inserts += o.rows
		sum.Inserts += o.rows
		if t.counter != "" && p.target.Kind() == dialect.Postgres {
			p.note("the sequence behind " + t.counter + " is not moved by inserted values; set it with setval")
		}
	case Extra:
		p.summary.Deletes += o.rows
		sum.Deletes += o.rows
	case Changed:
		p.summary.Updates += o.rows
		sum.Updates += o.rows
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
		t := p.tables[o.table]
		var err error
		var st Statement
		if o.parked == nil {
			d := Difference{Kind: o.kind, Stored: o.stored}
			p.cells(o)
			if st, err = p.whole(t, &d); err == nil {
				err = p.write(o, st, "")
			}
		} else {
			if st, err = p.stage(o, n.aux()); err == nil {
				kind := Changed
				if !n.aux() {
					kind = o.kind
					p.count(o)
				}
				err = p.statement(t, kind, st)
			}
		}
		if err != nil {
			return p.summary, err
		}
	}
	for i := range p.ops {
		if o := &p.ops[i]; o.failed != "" {
			if err := p.write(o, Statement{}, p.row(o)); err != nil {
				return p.summary, err
			}
		}
	}
	p.warn()
	return p.summary, nil
}

// warn lists what acts beside the statements.
func (p *Plan) warn() {
	for _, t := range p.tables {
		if len(t.expressions) > 0 && (t.written[Missing] || t.written[Changed]) {
			p.note("the order of the statements does not heed the unique indexes on expressions of " + t.rel.Table.Name.String() + ": " + strings.Join(t.expressions, ", "))
		}
		for _, g := range p.around.Triggers {
			if p.same(g.Table, t) && (g.Insert && t.written[Missing] || g.Update && t.written[Changed] || g.Delete && t.written[Extra]) {
				p.summary.Triggers = append(p.summary.Triggers, g.Name+" of "+g.Table.String())
			}
		}
		for name, engine := range p.around.Lasting {
			if p.same(name, t) && (t.written[Missing] || t.written[Changed] || t.written[Extra]) {
				p.summary.Lasting = append(p.summary.Lasting, name.String()+" ("+engine+")")
			}
		}
	}
}

// spread fails every operation that waits for one that failed.
func (p *Plan) spread(order []node) {
	failed := false
	for i := range p.ops {
		failed = failed || p.ops[i].failed != ""
	}
	for again := failed; again; {
		again = p.keepInstead()
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

// keepInstead fails deletions of rows that may be the only likeness of one that cannot be inserted: in a
// table without a key all of them, and elsewhere that of a row which holds a unique value that the other
// was to take.
func (p *Plan) keepInstead() (failed bool) {
	short := map[int32]bool{}
	for i := range p.ops {
		o := &p.ops[i]
		if o.failed == "" || o.kind != Missing {
			continue
		}
		if p.tables[o.table].keys == 0 {
			short[o.table] = true
		}
		for _, w := range o.wants {
			if w.role != frees {
				continue
			}
			at, ok := p.index[w.value]
			for ok && at >= 0 {
				l := p.links[at]
				if other := &p.ops[l.op]; other.kind == Extra && other.failed == "" {
					other.failed = "it holds a unique value of " + p.describe(int32(i)) + ", which is not inserted, so it is kept"
					failed = true
				}
				at = l.next
			}
		}
	}
	for i := range p.ops {
		if o := &p.ops[i]; o.kind == Extra && o.failed == "" && short[o.table] {
			o.failed = "the table has no key and misses rows that cannot be inserted; which of them this one stands for is not known, so it is kept"
			failed = true
		}
	}
	return failed
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
