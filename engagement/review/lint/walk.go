package lint

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// Walker walks over migrations. It is not safe for concurrent use.
type Walker struct {
	World   *World
	Hazards []*Hazard
	Files   []*File // those that were judged
	Found   []Found
	Notes   []Note
	// Separate: each file is a change by itself, so that a table that one creates is in use by the next.
	Separate bool
	// Offer is called for each judged statement, behind the hazards and before it is applied to the schema. It may be
	// nil.
	Offer func(*Step)
	// Statements counts those judged; NewTables, SmallTables and Harmless what kept them silent.
	Statements int
	// Unjudged are those of them that were not recognised, or run code that is not read.
	Unjudged int
	Silent   map[Status]int
	small    map[string]bool
	folds    map[string]fold // of findings, by fingerprint
}

// Found is a finding with the hazard that made it.
type Found struct {
	Hazard *Hazard
	Finding
}

// Note is something that the walk could not judge.
type Note struct {
	Path string
	Line int
	Text string
}

// Walk reads one migration. With judge the hazards see its statements; without, it only builds the
// schema.
func (w *Walker) Walk(ctx context.Context, m *layout.Migration, judge bool) error {
	f := &File{Migration: m, Judged: judge}
	if w.Separate {
		w.World.settle()
	}
	if judge {
		w.Files = append(w.Files, f)
	}
	w.World.session, w.World.noKeys, w.World.readCommitted = session{}, false, false
	f.tx = transaction{open: m.InTransaction()}
	for i := range m.Script.Statements {
		if err := ctx.Err(); err != nil {
			return err
		}
		st := w.step(f, i)
		if judge {
			w.judge(st)
		}
		w.after(st)
	}
	if judge {
		for _, h := range w.Hazards {
			if h.File != nil {
				h.File(w.pass(h, f, nil))
			}
		}
	}
	return nil
}

// Finish runs the checks of the whole change.
func (w *Walker) Finish() {
	for _, h := range w.Hazards {
		if h.Change != nil {
			h.Change(w.pass(h, nil, nil))
		}
	}
}

func (w *Walker) pass(h *Hazard, f *File, st *Step) *Pass {
	return &Pass{World: w.World, Step: st, File: f, Files: w.Files, hazard: h, out: func(found Finding) { w.Found = append(w.Found, Found{h, found}) }}
}

// step predicts one statement.
func (w *Walker) step(f *File, i int) *Step {
	st := &Step{File: f, Index: i, Statement: &f.Migration.Script.Statements[i]}
	f.Steps = append(f.Steps, st)
	dialect := schema.Postgres
	if !w.World.Postgres() {
		dialect = schema.MySQL
	}
	st.Actions = statement.Parse(st.Statement, dialect)
	for k := range st.Statement.Tokens {
		if t := &st.Statement.Tokens[k]; t.Kind == sqltoken.Quoted && t.Value() != strings.ToLower(t.Value()) {
			w.World.quoted[t.Value()] = true
		}
	}
	c := w.World.context(st.Actions)
	for k := range st.Actions {
		im := predict.Of(c, &st.Actions[k])
		st.Impacts = append(st.Impacts, im)
	}
	refuseWhole(st)
	joinLocks(st)
	for k := range st.Actions {
		st.Status = append(st.Status, w.World.statusOf(&st.Impacts[k], &st.Actions[k]))
	}
	st.InTransaction, st.Explicit = f.tx.open && w.World.Postgres(), f.tx.explicit
	st.Held = f.tx.held
	st.SearchPath = schemas(cmp.Or(f.tx.searchPath, w.World.session.searchPath))
	st.LockTimeout, st.StatementTimeout = cmp.Or(f.tx.lockTimeout, w.World.session.lockTimeout), cmp.Or(f.tx.statementTimeout, w.World.session.statementTimeout)
	return st
}

// schemas cuts the value of search_path; that of the user is left out, since who runs the migration is not known.
func schemas(path string) []string {
	var out []string
	for _, s := range strings.Split(path, ",") {
		if s = strings.TrimSpace(s); s != "" && s != "$user" && s != "pg_catalog" && s != "pg_temp" {
			out = append(out, s)
		}
	}
	return out
}

// refuseWhole: when the server refuses one part of a statement because of a clause, nothing of it is done.
func refuseWhole(st *Step) {
	at := slices.IndexFunc(st.Impacts, func(im predict.Impact) bool { return im.Refused && !im.Unsure })
	if at < 0 {
		at = slices.IndexFunc(st.Impacts, func(im predict.Impact) bool { return im.Refused })
	}
	if at < 0 {
		return
	}
	for k := range st.Impacts {
		st.Impacts[k].Refused = true
	}
	st.RefusedBy = &st.Impacts[at]
}

// joinLocks gives each part of an ALTER TABLE that works the strongest lock of all parts: the server takes
// that one first and holds it to the end.
func joinLocks(st *Step) {
	if len(st.Impacts) < 2 {
		return
	}
	for k := range st.Impacts {
		im := &st.Impacts[k]
		if im.Effect.Work == 0 {
			continue
		}
		for o := range st.Impacts {
			if other := &st.Impacts[o]; other.Table == im.Table && !other.Refused {
				im.Effect.Target = max(im.Effect.Target, other.Effect.Target)
				im.Effect.Admits = max(im.Effect.Admits, other.Effect.Admits)
			}
		}
	}
}

func (w *Walker) judge(st *Step) {
	w.Statements++
	if slices.ContainsFunc(st.Actions, func(a statement.Action) bool { return a.Kind == statement.Unrecognised || a.Kind == statement.Opaque }) {
		w.Unjudged++
	}
	for k := range st.Actions {
		a, im := &st.Actions[k], &st.Impacts[k]
		switch a.Kind {
		case statement.Unrecognised:
			w.note(st, "It was not recognised, so that nothing is said of it: "+a.Option+".")
		case statement.Opaque:
			w.note(st, "It is "+a.Option+", whose statements run in code that is not judged.")
		}
		if im.Harm() && st.Status[k] != Live {
			w.Silent[st.Status[k]]++
			if st.Status[k] == Small {
				w.small[im.Table] = true
			}
		}
	}
	for _, h := range w.Hazards {
		if h.Statement != nil {
			h.Statement(w.pass(h, st.File, st))
		}
	}
	if w.Offer != nil {
		w.Offer(st)
	}
}

func (w *Walker) note(st *Step, text string) {
	const enough = 200
	if len(w.Notes) < enough {
		w.Notes = append(w.Notes, Note{st.File.Migration.Path, st.Statement.Start.Line, text})
	}
}

// SmallTables are the small tables for which findings were left out.
func (w *Walker) SmallTables() []string {
	var out []string
	for t := range w.small {
		out = append(out, t)
	}
	return sorted(out)
}

// after follows transactions and locks, and folds the statement.
func (w *Walker) after(st *Step) {
	tx := &st.File.tx
	w.World.apply(st, st.File.Judged)
	for k := range st.Actions {
		switch st.Actions[k].Kind {
		case statement.Begin:
			*tx = transaction{open: true, explicit: true}
		case statement.Commit:
			*tx = transaction{}
		case statement.Savepoint:
			tx.savepoint(&st.Actions[k])
		}
	}
	if !tx.open {
		return
	}
	for k := range st.Impacts {
		im := &st.Impacts[k]
		hold := func(table string, lock effect.Lock) {
			if table == "" || lock < effect.ShareUpdateExclusive || w.World.status(table) == New || w.World.status(table) == None {
				return
			}
			held := append([]Hold(nil), tx.held...) // earlier steps keep their own slice
			tx.held = append(held, Hold{table, lock, st})
		}
		if im.Refused {
			continue
		}
		hold(im.Table, max(im.Effect.Target, im.Effect.Index))
		for _, parent := range im.Parents {
			hold(parent, im.Effect.Parent)
		}
		for _, other := range im.Others {
			hold(other, im.Effect.Other)
		}
	}
}

// NewWalker makes a walker with those of the hazards that are of the server's product.
func NewWalker(world *World, hazards []*Hazard) *Walker {
	var own []*Hazard
	for _, h := range hazards {
		if slices.Contains(strings.Split(h.Doc.Products, ", "), string(world.Server.Product)) {
			own = append(own, h)
		}
	}
	return &Walker{World: world, Hazards: own, Silent: map[Status]int{}, small: map[string]bool{}}
}

func sorted(s []string) []string {
	sort.Strings(s)
	return s
}
