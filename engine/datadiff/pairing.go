package datadiff

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Pairing says which column of A is compared with which of B, as what, and by which key rows are told
// apart. The rows of both sides are then sequences of cells of the same forms in the same order.
type Pairing struct {
	A, B dialect.Relation
	// Columns describe the cells of a row in order, the key's first.
	Columns []PairedColumn
	// Key is the number of columns that make the key; 0 for tables without one, whose rows are compared
	// as a multiset.
	Key int
	// KeyFrom says where the key comes from: "primary key", "unique index", "--key", or empty.
	KeyFrom string
	// Unique: on both sides no two rows share a key.
	Unique bool
	// OnlyA and OnlyB are columns that stand on one side only and were not asked for.
	OnlyA, OnlyB []string
	// ordered: both sides sort the key alike, so that it can be cut into the same ranges on both.
	ordered bool
	// ranked: each side sorts the key in some order, so that borders that both sides hold for increasing
	// cut it; see align.
	ranked bool
	// sorted: moreover, a row without a partner in its range has none anywhere.
	sorted bool
}

// PairedColumn is one compared column.
type PairedColumn struct {
	A, B dialect.Column
	Form dialect.Form
	// Notes say what the comparison takes for granted, one sentence each.
	Notes []string
	// Tolerance is the greatest difference of two numbers that counts as none; 0 for exact.
	Tolerance float64
}

// Name is the column's name on side A.
func (c PairedColumn) Name() string { return c.A.Name }

// Inexact says whether the column is compared by the products' text, so that equal values may be
// reported as different.
func (c PairedColumn) Inexact() bool { return c.Form == dialect.Inexact }

// Selection says what the user wants compared. Names are those of side A.
type Selection struct {
	Key       []string          // empty: found
	Columns   []string          // empty: all that both have
	Exclude   []string          // never compared
	Map       map[string]string // name in A to name in B
	Tolerance map[string]float64
	WhereA    string
	WhereB    string
}

// NewPairing pairs the columns of two tables.
func NewPairing(a, b dialect.Database, ta, tb *dialect.Table, sel Selection) (*Pairing, error) {
	if len(sel.Columns) == 0 {
		if err := errors.Join(ta.Whole(), tb.Whole()); err != nil {
			return nil, err
		}
	}
	p := &pairer{a: a, b: b, ta: ta, tb: tb, sel: sel}
	if err := p.names(); err != nil {
		return nil, err
	}
	key, from, unique, err := p.key()
	if err != nil {
		return nil, err
	}
	if err := p.tolerable(key); err != nil {
		return nil, err
	}
	out := &Pairing{Key: len(key), KeyFrom: from, Unique: unique, OnlyA: p.onlyA, OnlyB: p.onlyB, ordered: len(key) > 0, ranked: len(key) > 0, sorted: len(key) > 0}
	out.A = dialect.Relation{Table: ta, Where: sel.WhereA}
	out.B = dialect.Relation{Table: tb, Where: sel.WhereB}
	order := slices.Clone(key)
	for _, pair := range p.pairs {
		if !slices.Contains(key, pair.a) && p.asked(pair.a) {
			order = append(order, pair.a)
		}
	}
	for i, name := range order {
		c, err := p.column(name)
		if err != nil {
			return nil, err
		}
		out.Columns = append(out.Columns, c)
		fa, fb := dialect.Field{Column: c.A, Form: c.Form}, dialect.Field{Column: c.B, Form: c.Form}
		if i < len(key) {
			if c.Form == dialect.Inexact || c.Tolerance > 0 {
				return nil, fmt.Errorf("column %s cannot be part of the key, because it is not compared exactly; name another one with --key", name)
			}
			out.A.Key, out.B.Key = append(out.A.Key, fa), append(out.B.Key, fb)
			out.ordered = out.ordered && sortsAlike(c)
			out.ranked = out.ranked && (c.A.Sorted || c.A.Ranked) && (c.B.Sorted || c.B.Ranked)
			out.sorted = out.sorted && out.ordered && !rounds(c.Form)
		} else {
			out.A.Columns, out.B.Columns = append(out.A.Columns, fa), append(out.B.Columns, fb)
		}
	}
	if len(key) == 0 && len(sel.Tolerance) > 0 {
		return nil, fmt.Errorf("a tolerance needs a key by which a row finds its partner, and %s and %s have none in common; name one with --key", ta.Name, tb.Name)
	}
	if len(out.Columns) == 0 {
		return nil, fmt.Errorf("%s and %s have no column in common", ta.Name, tb.Name)
	}
	return out, nil
}

// sortsAlike says whether both sides sort the values of a key column alike. Text read as something else
// is sorted as text.
func sortsAlike(c PairedColumn) bool {
	for _, side := range []dialect.Column{c.A, c.B} {
		if !side.Sorted || side.Collation != "" && c.Form != dialect.Text && c.Form != dialect.Stored {
			return false
		}
	}
	return true
}

// rounds says whether the precision of a column may round the literal of a bound, so that a row falls
// into another range than its partner.
func rounds(f dialect.Form) bool {
	switch f {
	case dialect.Int, dialect.Date, dialect.UUID, dialect.Bytes, dialect.Text, dialect.Stored:
		return false
	}
	return true
}

type namePair struct{ a, b string }

type pairer struct {
	a, b         dialect.Database
	ta, tb       *dialect.Table
	sel          Selection
	pairs        []namePair
	wanted       map[string]bool // of A; empty for all
	onlyA, onlyB []string
}

// names pairs the columns by name, in the order of A: all that are not excluded, because one that was not
// asked for may be part of the key. A name means the column that is spelt so, else one of another case.
func (p *pairer) names() error {
	mean := func(t *dialect.Table, name string) string {
		if c := t.Column(name); c != nil {
			return c.Name
		}
		return ""
	}
	for _, list := range [][]string{p.sel.Columns, p.sel.Key} {
		for _, name := range list {
			if p.ta.Column(name) == nil {
				return noColumn(p.ta, name)
			}
		}
	}
	p.wanted = map[string]bool{}
	for _, name := range p.sel.Columns {
		p.wanted[mean(p.ta, name)] = true
	}
	var excluded [2]map[string]bool
	for side, t := range []*dialect.Table{p.ta, p.tb} {
		excluded[side] = map[string]bool{}
		for _, name := range p.sel.Exclude {
			excluded[side][mean(t, name)] = true
		}
	}
	for _, name := range p.sel.Exclude {
		if mean(p.ta, name) == "" && mean(p.tb, name) == "" {
			return noColumn(p.ta, name)
		}
	}
	for name := range p.sel.Tolerance {
		if p.ta.Column(name) == nil {
			return noColumn(p.ta, name)
		}
	}
	mapped, taken := map[string]string{}, map[string]bool{}
	for from, to := range p.sel.Map {
		a, b := p.ta.Column(from), p.tb.Column(to)
		switch {
		case a == nil:
			return noColumn(p.ta, from)
		case b == nil:
			return noColumn(p.tb, to)
		case taken[b.Name] || mapped[a.Name] != "":
			return fmt.Errorf("two columns are mapped to %s, or %s to two; a column is compared with one", b.Name, a.Name)
		}
		mapped[a.Name], taken[b.Name] = b.Name, true
	}
	for _, c := range p.ta.Columns {
		to := mapped[c.Name]
		// One that another column is mapped to has no partner of its own name.
		if other := p.tb.Column(c.Name); to == "" && other != nil && !taken[other.Name] {
			to = other.Name
		}
		switch {
		case excluded[0][c.Name] || to != "" && excluded[1][to]:
			taken[to] = true
		case to != "":
			taken[to] = true
			p.pairs = append(p.pairs, namePair{c.Name, to})
		case p.wanted[c.Name]:
			return noColumn(p.tb, c.Name)
		case len(p.wanted) == 0:
			p.onlyA = append(p.onlyA, c.Name)
		}
	}
	if len(p.wanted) > 0 {
		return nil
	}
	for _, c := range p.tb.Columns {
		if !taken[c.Name] && !excluded[1][c.Name] {
			p.onlyB = append(p.onlyB, c.Name)
		}
	}
	return nil
}

// asked says whether a column is compared beside the key.
func (p *pairer) asked(name string) bool { return len(p.wanted) == 0 || p.wanted[name] }

func noColumn(t *dialect.Table, name string) error {
	names := make([]string, 0, len(t.Columns))
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	if len(names) > 20 {
		names = append(names[:20], "...")
	}
	return fmt.Errorf("table %s has no column %s; it has %s", t.Name, name, strings.Join(names, ", "))
}

// key chooses the key: what the user says, else the primary key of A if its columns are compared, else
// that of B, else a unique index that stands on both sides, else one of A or B alone.
func (p *pairer) key() (key []string, from string, unique bool, err error) {
	if len(p.sel.Key) > 0 {
		for _, name := range p.sel.Key {
			c := p.ta.Column(name)
			if _, ok := p.other(c.Name); !ok {
				return nil, "", false, fmt.Errorf("the key column %s is not among the compared columns", name)
			}
			key = append(key, c.Name)
		}
		return key, "--key", p.uniqueBoth(key), nil
	}
	toB := func(names []string) []string {
		out := make([]string, 0, len(names))
		for _, n := range names {
			if to, ok := p.other(n); ok {
				out = append(out, to)
			}
		}
		return out
	}
	toA := func(names []string) []string {
		var out []string
		for _, n := range names {
			for _, pair := range p.pairs {
				if pair.b == n {
					out = append(out, pair.a)
				}
			}
		}
		return out
	}
	whole := func(names []string) bool { return len(names) > 0 && len(toB(names)) == len(names) }
	candidates := []struct {
		key  []string
		from string
	}{{p.ta.PrimaryKey, "primary key"}, {toA(p.tb.PrimaryKey), "primary key of B"}}
	if len(candidates[1].key) != len(p.tb.PrimaryKey) {
		candidates = candidates[:1]
	}
	for _, u := range p.ta.Unique {
		candidates = append(candidates, struct {
			key  []string
			from string
		}{u, "unique index"})
	}
	for _, u := range p.tb.Unique {
		if back := toA(u); len(back) == len(u) {
			candidates = append(candidates, struct {
				key  []string
				from string
			}{back, "unique index of B"})
		}
	}
	// One that is unique on both sides is best, whichever it is.
	for _, both := range []bool{true, false} {
		for _, c := range candidates {
			if whole(c.key) && p.usable(c.key) && (!both || p.uniqueBoth(c.key)) {
				return c.key, c.from, p.uniqueBoth(c.key), nil
			}
		}
	}
	return nil, "", false, nil
}

// tolerable refuses tolerances that would change what a row's partner is.
func (p *pairer) tolerable(key []string) error {
	for name := range p.sel.Tolerance {
		c := p.ta.Column(name).Name
		if slices.Contains(key, c) || len(p.sel.Key) == 0 && slices.Contains(p.ta.PrimaryKey, c) {
			return fmt.Errorf("column %s is part of the key, which is compared exactly; leave its tolerance out, or name another key with --key", c)
		}
	}
	return nil
}

// usable says whether every column of a key can be compared exactly.
func (p *pairer) usable(key []string) bool {
	for _, name := range key {
		c, err := p.column(name)
		if err != nil || c.Form == dialect.Inexact || c.Tolerance > 0 {
			return false
		}
	}
	return true
}

// uniqueBoth says whether a key, or a part of it, is unique on both sides.
func (p *pairer) uniqueBoth(key []string) bool {
	other := make([]string, 0, len(key))
	for _, n := range key {
		to, _ := p.other(n)
		other = append(other, to)
	}
	return isUnique(p.ta, key) && isUnique(p.tb, other)
}

func isUnique(t *dialect.Table, key []string) bool {
	within := func(part []string) bool {
		if len(part) == 0 {
			return false
		}
		for _, c := range part {
			if !slices.Contains(key, c) {
				return false
			}
		}
		return true
	}
	if t.Loose {
		return false
	}
	return within(t.PrimaryKey) || slices.ContainsFunc(t.Unique, within)
}

func (p *pairer) other(a string) (string, bool) {
	for _, pair := range p.pairs {
		if pair.a == a {
			return pair.b, true
		}
	}
	return "", false
}

// column chooses the form of a pair among those that both sides offer: one that is more than a string of
// characters or bytes and is the first choice of a side (a uuid beside a text is compared as a UUID), else
// the one that stands highest in the two lists together; of two such, the later in the order of
// [dialect.Form], so that the answer does not depend on which side is A. What only like columns of one
// product offer goes before all.
func (p *pairer) column(name string) (PairedColumn, error) {
	to, _ := p.other(name)
	c := PairedColumn{A: *p.ta.Column(name), B: *p.tb.Column(to)}
	for n, t := range p.sel.Tolerance {
		if p.ta.Column(n).Name == name {
			c.Tolerance = t
		}
	}
	offersA, offersB := p.a.Offers(c.A), p.b.Offers(c.B)
	best := -1
	for i, oa := range offersA {
		for j, ob := range offersB {
			if oa.Form != ob.Form || oa.Alike != ob.Alike || oa.Form == dialect.Stored && c.Tolerance > 0 {
				continue
			}
			rank := 1 + i + j
			switch {
			case oa.Alike != "":
				rank = 0
			case plain(oa.Form) || i > 0 && j > 0:
				rank += behind
			}
			if best >= 0 && (rank > best || rank == best && oa.Form <= c.Form) {
				continue
			}
			best = rank
			c.Form, c.Notes = oa.Form, nil
			for _, note := range []string{oa.Note, ob.Note} {
				if note != "" && !slices.Contains(c.Notes, note) {
					c.Notes = append(c.Notes, note)
				}
			}
		}
	}
	if best < 0 {
		return c, fmt.Errorf("column %s is %s in A and %s in B, which have no form in common; leave it out with --exclude %s", name, c.A.Type, c.B.Type, name)
	}
	if c.Form == dialect.Inexact {
		c.Notes = append(c.Notes, "compared by the text that each product prints: equal values may be reported as different")
	}
	if c.Tolerance > 0 && !numeric(c.Form) {
		return c, fmt.Errorf("a tolerance is for numbers, and column %s is compared as %s", name, c.Form)
	}
	return c, nil
}

// behind is more than the places of the longest lists of offers together.
const behind = 100

// plain says whether a form is a string of which nothing more is known.
func plain(f dialect.Form) bool {
	switch f {
	case dialect.Text, dialect.TextTrimmed, dialect.Bytes, dialect.Inexact, dialect.Stored:
		return true
	}
	return false
}

func numeric(f dialect.Form) bool {
	switch f {
	case dialect.Int, dialect.Decimal, dialect.Float64, dialect.Float32:
		return true
	}
	return false
}
