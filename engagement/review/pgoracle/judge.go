package pgoracle

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// run is all that is known of one run of a statement.
type run struct {
	statement                 Statement
	targets                   []uint32
	outside                   bool
	before, after             *picture
	countsBefore, countsAfter map[uint32]counts
	walBefore, walAfter       int64
	locks                     []Held
	spans                     []span
	samples                   int
	probes                    []Probe
	messages                  []string
	took                      time.Duration
}

// Observation is what a statement did, with the evidence.
type Observation struct {
	Effect effect.Effect
	Took   time.Duration // of the statement, as the client saw it
	// Tables are the relations with rows that were there and were locked, read, written or rewritten, the
	// targets first.
	Tables []Table
	// Words are the server's own about the work, those of relations that the statement made left out.
	Words   []string
	Probes  []Probe
	Samples int // of pg_locks while the statement ran
	// Unseen says that the statement runs in transactions of its own and no lock of it was seen. On a busy
	// machine that may be chance; observe it again on more rows.
	Unseen bool
	// Notes tell contradictions between the oracles and what could not be observed.
	Notes []string
}

// Table is what happened to one relation.
type Table struct {
	Relation
	Role      Role
	Lock      effect.Lock // the strongest that was held through
	Brief     effect.Lock // the strongest that was held for a moment, if it is stronger
	Work      effect.Work
	Read      int64 // rows, by sequential scans
	Written   int64 // rows
	Passes    float64
	SizeAfter unit.Bytes // 0 where the file is the same
}

// Role is what a relation is to the statement.
type Role string

// The roles.
const (
	Target Role = "target"
	Parent Role = "parent" // a foreign key of a target refers to it
	Other  Role = "other"
)

// Evidence is what [Judge] goes by; an [Oracle] gathers it.
type Evidence struct{ r *run }

func (r *run) evidence() Evidence { return Evidence{r} }

// Judge combines the evidence.
func Judge(e Evidence) *Observation {
	r := e.r
	o := &Observation{Took: r.took, Probes: r.probes, Samples: r.samples}
	r.nameTargets()
	r.chooseTargets(o)
	tables := r.tables()
	words := r.words(o)
	for _, t := range tables {
		r.work(t, words[t.Name])
	}
	o.Effect.OutsideTransaction = r.outside
	o.Effect.WAL = unit.Bytes(r.walAfter - r.walBefore)
	for _, t := range tables {
		into := &o.Effect.Other
		switch t.Role {
		case Target:
			into = &o.Effect.Target
			o.Effect.Unwritten = t.Kind == 'm'
		case Parent:
			into = &o.Effect.Parent
		}
		*into = max(*into, t.Lock)
		o.Effect.Brief = max(o.Effect.Brief, t.Brief)
		o.Effect.Work |= t.Work
		o.Effect.RowsRead += t.Read
		o.Effect.RowsWritten += t.Written
		o.Tables = append(o.Tables, *t)
	}
	r.indexLocks(o)
	r.check(o)
	return o
}

// chooseTargets takes the relation with the strongest lock where none was named.
func (r *run) chooseTargets(o *Observation) {
	if len(r.statement.Targets) > 0 {
		return
	}
	var best Held
	for _, l := range r.locks {
		rel := r.before.relations[l.Relation]
		if rel.isIndex() {
			continue
		}
		if l.Lock > best.Lock || l.Lock == best.Lock && r.countsAfter[l.Relation].read > r.countsAfter[best.Relation].read {
			best = l
		}
	}
	if best.Relation != 0 {
		r.targets = []uint32{best.Relation}
		o.Notes = append(o.Notes, fmt.Sprintf("no table was named; %s is taken for the target, because its lock is the strongest", r.before.relations[best.Relation].Name))
	}
}

// nameTargets adds the targets that the statement has made: the parents of their foreign keys count.
func (r *run) nameTargets() {
	for _, name := range r.statement.Targets {
		for oid, rel := range r.after.relations {
			if r.before.relations[oid] == nil && (rel.Name == name || rel.Schema+"."+rel.Name == name || rel.quote() == name) {
				r.targets = append(r.targets, oid)
			}
		}
	}
}

// role of a relation. A table that refers to itself is the target.
func (r *run) role(oid uint32) Role {
	if slices.Contains(r.targets, oid) {
		return Target
	}
	for _, t := range r.targets {
		if slices.Contains(r.before.parents[t], oid) || slices.Contains(r.after.parents[t], oid) {
			return Parent
		}
	}
	return Other
}

// tables gathers what happened to each relation that was there, except indexes.
func (r *run) tables() []*Table {
	byOID := map[uint32]*Table{}
	table := func(oid uint32) *Table {
		if byOID[oid] == nil {
			byOID[oid] = &Table{Relation: *r.before.relations[oid], Role: r.role(oid)}
		}
		return byOID[oid]
	}
	for _, l := range r.locks {
		if r.before.relations[l.Relation].isIndex() {
			continue
		}
		t := table(l.Relation)
		if l.Through {
			t.Lock = max(t.Lock, l.Lock)
		} else {
			t.Brief = max(t.Brief, l.Lock)
		}
	}
	for oid, now := range r.countsAfter {
		was := r.countsBefore[oid]
		if read, written := now.read-was.read, now.written-was.written; read > 0 || written > 0 {
			t := table(oid)
			t.Read, t.Written = read, written
			if t.Rows > 0 {
				t.Passes = float64(read) / t.Rows
			}
		}
	}
	for oid, rel := range r.after.relations {
		was := r.before.relations[oid]
		if was == nil || rel.isIndex() || rel.File == was.File {
			continue
		}
		table(oid).SizeAfter = rel.Size
	}
	var list []*Table
	for _, t := range byOID {
		if t.Brief <= t.Lock {
			t.Brief = effect.NoLock
		}
		list = append(list, t)
	}
	rank := map[Role]int{Target: 0, Parent: 1, Other: 2}
	slices.SortFunc(list, func(a, b *Table) int {
		if rank[a.Role] != rank[b.Role] {
			return rank[a.Role] - rank[b.Role]
		}
		return strings.Compare(a.Schema+"."+a.Name, b.Schema+"."+b.Name)
	})
	return list
}

// said is what the server's words say of one table.
type said struct {
	rewriting, verifying bool
	indexes              int
}

// wordForms are the messages of the server's sources (tablecmds.c, index.c, partbounds.c), versions 11 to 18.
var wordForms = []struct {
	form  *regexp.Regexp
	apply func(*said)
}{
	{regexp.MustCompile(`^rewriting table "(.*)"$`), func(s *said) { s.rewriting = true }},
	{regexp.MustCompile(`^verifying table "(.*)"$`), func(s *said) { s.verifying = true }},
	{regexp.MustCompile(`^validating foreign key constraint "(.*)"$`), nil}, // names no table; the counters do
	{regexp.MustCompile(`^building index ".*" on table "(.*)" (?:serially|with request for .*)$`), func(s *said) { s.indexes++ }},
	{regexp.MustCompile(`^existing constraints on column "(.*)" are sufficient to prove`), nil},
	{regexp.MustCompile(`^partition constraint for table "(.*)" is implied by existing constraints`), nil},
	{regexp.MustCompile(`^updated partition constraint for default partition "(.*)" is implied`), nil},
}

// words sorts the server's words by table.
func (r *run) words(o *Observation) map[string]*said {
	there := map[string]bool{}
	for _, rel := range r.before.relations {
		if !rel.isIndex() {
			there[rel.Name] = true
		}
	}
	all := map[string]*said{}
	for _, message := range r.messages {
		for _, w := range wordForms {
			m := w.form.FindStringSubmatch(message)
			if m == nil {
				continue
			}
			if w.apply == nil || m[1] == "" {
				o.Words = append(o.Words, message)
				break
			}
			if there[m[1]] {
				o.Words = append(o.Words, message)
				if all[m[1]] == nil {
					all[m[1]] = &said{}
				}
				w.apply(all[m[1]])
			}
			break
		}
	}
	return all
}

// work decides which kinds of work were done on a table that was there.
func (r *run) work(t *Table, s *said) {
	if s == nil {
		s = &said{}
	}
	after := r.after.relations[t.OID]
	rewritten := after != nil && after.File != t.File && after.Size > 0 && t.isTable()
	if rewritten || s.rewriting {
		t.Work |= effect.Rewrite
	}
	built := r.built(t)
	if built == 0 && s.indexes > 0 && t.Size != 0 && !r.emptied(t.OID) {
		built = s.indexes
	}
	if built > 0 {
		t.Work |= effect.IndexBuild
	}
	allowed := 0.5 // a table may have changed a little since its rows were counted
	if t.Work.Has(effect.Rewrite) {
		allowed++
	}
	if r.outside {
		built *= 2 // builds beside writers read the table twice
	}
	allowed += float64(built)
	if r.modified(t) {
		t.Work |= effect.Modify
		allowed++
	}
	if s.verifying || t.Read > 0 && float64(t.Read) > allowed*t.Rows {
		t.Work |= effect.Scan
	}
}

// modified says whether the rows that were written to t grow with it or with a table that was read.
func (r *run) modified(t *Table) bool {
	if t.Written == 0 || t.Kind == 'm' && r.before.relations[t.OID].File != r.fileAfter(t.OID) {
		return false
	}
	if float64(t.Written) >= t.Rows/2 && t.Rows > 0 {
		return true
	}
	for oid, now := range r.countsAfter {
		read := float64(now.read - r.countsBefore[oid].read)
		if rows := r.before.relations[oid].Rows; oid != t.OID && rows > 0 && read >= rows/2 && float64(t.Written) >= rows/2 {
			return true
		}
	}
	return false
}

func (r *run) fileAfter(oid uint32) uint32 {
	if rel := r.after.relations[oid]; rel != nil {
		return rel.File
	}
	return 0
}

// emptied says whether a table got a new file that is empty.
func (r *run) emptied(oid uint32) bool {
	after := r.after.relations[oid]
	return after != nil && after.File != r.before.relations[oid].File && after.Size == 0
}

// built counts the indexes that were built over rows of t: those with a file that no index had before. An
// index whose identity is new may have kept the file of the one it replaces.
func (r *run) built(t *Table) int {
	if r.emptied(t.OID) || t.Size == 0 && t.Rows == 0 {
		return 0
	}
	files := map[uint32]bool{}
	for _, rel := range r.before.relations {
		files[rel.File] = true
	}
	n := 0
	for _, rel := range r.after.relations {
		if rel.Kind == 'i' && rel.Table == t.OID && rel.File != 0 && !files[rel.File] {
			n++
		}
	}
	return n
}

// indexLocks records the strongest lock on an index where it keeps readers waiting that the lock on the
// table itself lets pass.
func (r *run) indexLocks(o *Observation) {
	for _, l := range r.locks {
		rel := r.before.relations[l.Relation]
		if !rel.isIndex() || !l.Lock.BlocksReads() || r.through(rel.Table).BlocksReads() {
			continue
		}
		if l.Through {
			o.Effect.Index = l.Lock
		} else {
			o.Effect.Brief = max(o.Effect.Brief, l.Lock)
		}
	}
}

// through is the strongest lock that was held through on a relation itself.
func (r *run) through(oid uint32) (lock effect.Lock) {
	for _, l := range r.locks {
		if l.Through && l.Relation == oid {
			lock = max(lock, l.Lock)
		}
	}
	return lock
}

// check compares the oracles with each other.
func (r *run) check(o *Observation) {
	for _, p := range r.probes {
		rel := r.before.relations[p.Relation]
		lock, below := r.through(p.Relation), effect.NoLock
		for _, l := range r.locks {
			switch on := r.before.relations[l.Relation]; {
			case !l.Through:
			case on.Table == p.Relation && l.Lock.BlocksReads():
				lock = max(lock, l.Lock)
			case rel.Kind == 'p': // a query on it locks its partitions and their indexes too
				below = max(below, l.Lock)
			}
		}
		expected, what := lock.BlocksReads(), "reads"
		if p.Write {
			expected, what = lock.BlocksWrites(), "writes"
		}
		switch {
		case p.Tries == 0 || rel.Kind == 'm' && p.Write: // nobody writes a materialized view
		case expected && p.Blocked == 0 && r.outside && r.took < time.Second: // it may have come between
		case expected && p.Blocked == 0:
			o.Notes = append(o.Notes, fmt.Sprintf("by its lock, %s, %s of %s must wait, but %d tries did not", lock, what, rel.Name, p.Tries))
		case !expected && p.Blocked > 0 && !r.outside && !below.BlocksReads() && !(p.Write && below.BlocksWrites()):
			o.Notes = append(o.Notes, fmt.Sprintf("%s of %s waited, which its lock, %s, does not explain", what, rel.Name, lock))
		}
	}
	o.Unseen = r.outside && len(r.locks) == 0
	if o.Unseen {
		o.Notes = append(o.Notes, "no lock was seen: the statement takes none, or ended before a sample")
	}
}
