package rehearse

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/scale"
	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/progress"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/scratch"
	"github.com/napkin-infra/napkin/foundation/scratch/pgrelease"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Options of a rehearsal.
type Options struct {
	// Before makes the schema that the migrations start from: earlier migrations, or a dump of the schema.
	Before []*layout.Migration
	// Unordered is the path of one of Before whose statements may need others that stand behind them, as those
	// of a catalog; they are tried again until no more succeed. Empty for none.
	Unordered string
	// Migrations are rehearsed, in their order.
	Migrations []*layout.Migration
	// Statistics are of production; nil where they are not known. Then every table that the migrations touch
	// has the rows of a size, and no time at another size is predicted.
	Statistics *scale.Statistics
	// Major is production's major version where Statistics do not tell it; 0 means the newest installed.
	Major int
	// ScratchURL names a marked database whose server is used; empty starts a private server.
	ScratchURL string
	// Store holds servers of versions that are not installed; may be nil.
	Store *pgrelease.Store
	// Rows is the most rows of a table; 0 means a million, or production's number where that is less.
	Rows int64
	// Repeats is how often each size is timed, small ones twice as often; 0 means 3.
	Repeats int
	// MaxTime bounds the rehearsal; 0 means 10 minutes. What is not done by then is said in Result.Partial.
	MaxTime time.Duration
	// Memory is what caches tables in production; 0 takes four times its shared_buffers.
	Memory unit.Bytes
	// Here and Production are the base rates of the two machines; a nil Production is the same machine.
	Here, Production *rate.Profile
	// Seed of the rows.
	Seed uint64
	// Queue measures what comes behind a statement that waits for another's transaction.
	Queue    bool
	Progress progress.Reporter

	started func(*scratch.Postgres) // for tests, which end the server
}

const (
	defaultRows    = 1_000_000
	defaultRepeats = 3
	defaultTime    = 10 * time.Minute
)

// step is one statement of the migrations.
type step struct {
	at      *split.Statement
	path    string
	actions []statement.Action
	tables  []string // keys of tables of the catalog that it names
	subject string   // of them the largest; empty when there is none
	result  *Statement
	skip    string // a sentence: it cannot be run
	refused bool   // it reaches outside its database, as skip says
	// unobserved is a block that commits by itself, which the oracles cannot be asked about.
	unobserved bool
}

// group is what runs in one transaction, or one statement in its own or none.
type group struct {
	transaction bool
	steps       []*step
}

// groups cuts migrations into transactions as their tools do. BEGIN and COMMIT of a file are heeded where
// the tool opens no transaction itself; inside one BEGIN is a warning of the server and COMMIT ends it.
func groups(migrations []*layout.Migration) []*group {
	var all []*group
	for _, m := range migrations {
		var current *group
		if m.InTransaction() {
			current = &group{transaction: true}
			all = append(all, current)
		}
		for i := range m.Script.Statements {
			at := &m.Script.Statements[i]
			actions := statement.Parse(at, schema.Postgres)
			switch kind := actions[0].Kind; {
			case kind == statement.Begin:
				if current == nil {
					current = &group{transaction: true}
					all = append(all, current)
				}
				continue
			case kind == statement.Commit:
				current = nil
				continue
			}
			s := &step{at: at, path: m.Path, actions: actions}
			if actions[0].Kind == statement.Copy && (at.Rows > 0 || strings.Contains(strings.ToLower(at.Text), "stdin")) {
				s.skip = "COPY ... FROM stdin reads data from its client; the rehearsal has none and leaves it out"
			}
			if current == nil {
				all = append(all, &group{steps: []*step{s}})
				continue
			}
			current.steps = append(current.steps, s)
		}
	}
	return slices.DeleteFunc(all, func(g *group) bool { return len(g.steps) == 0 })
}

// plan is which tables are filled with how many rows at which size.
type plan struct {
	catalog *scale.Statistics
	groups  []*group
	largest string             // the table whose rows are the size
	sizes   []int64            // rows of the largest table, ascending
	related map[string]bool    // tables that are filled
	known   map[string]float64 // production's rows
}

// newPlan chooses tables and sizes: the tables that the migrations name, those that their foreign keys lead
// to and those that refer to them. Sizes are a tenth, a third and the whole of the greatest.
func newPlan(o *Options, catalog *scale.Statistics) *plan {
	p := &plan{catalog: catalog, groups: groups(o.Migrations), related: map[string]bool{}, known: map[string]float64{}}
	if o.Statistics != nil {
		for i := range catalog.Tables {
			t := &catalog.Tables[i]
			if s := targetTable(o.Statistics, t); s != nil {
				p.known[t.Key()] = s.Rows
			}
		}
	}
	for _, g := range p.groups {
		for _, s := range g.steps {
			s.tables = p.named(s)
			for _, t := range s.tables {
				p.related[t] = true
				if s.subject == "" || p.known[t] > p.known[s.subject] {
					s.subject = t
				}
				if p.largest == "" || p.known[t] > p.known[p.largest] {
					p.largest = t
				}
			}
		}
	}
	p.relate()
	most := o.Rows
	if most == 0 {
		most = defaultRows
	}
	if n := p.known[p.largest]; n > 0 {
		most = min(most, int64(n))
	}
	for _, part := range []int64{10, 3, 1} {
		if n := most / part; n > 0 && !slices.Contains(p.sizes, n) {
			p.sizes = append(p.sizes, n)
		}
	}
	return p
}

func targetTable(target *scale.Statistics, t *scale.Table) *scale.Table {
	if s := target.Table(t.Key()); s != nil {
		return s
	}
	return target.Table(t.Name)
}

// named are the tables of the catalog that a statement names. A part of a partitioned table stands for
// all of it, because rows are made for the whole.
func (p *plan) named(s *step) []string {
	var keys []string
	add := func(name string) {
		t := p.catalog.Table(strings.TrimSpace(name))
		if t == nil {
			t = p.ofIndex(name)
		}
		for depth := 0; t != nil && t.PartitionOf != "" && depth < 16; depth++ {
			t = p.catalog.Table(t.PartitionOf)
		}
		if t != nil && !slices.Contains(keys, t.Key()) {
			keys = append(keys, t.Key())
		}
	}
	for _, a := range s.actions {
		switch a.Kind {
		case statement.Opaque, statement.Unrecognised, statement.Select:
			// What is not understood may name a table all the same.
			for _, word := range strings.FieldsFunc(s.at.Text, func(r rune) bool {
				return r != '_' && r != '.' && r < 128 && !unicode.IsLetter(r) && !unicode.IsDigit(r)
			}) {
				if p.catalog.Table(word) != nil {
					add(word)
				}
			}
		}
		add(a.Table)
		add(a.RefTable)
		for _, n := range append(append([]string(nil), a.Names...), a.Sources...) {
			add(n)
		}
		switch a.Kind {
		case statement.DropIndex, statement.Reindex, statement.AlterIndex, statement.RenameIndex:
			add(a.Name)
		}
		if a.Write != nil {
			for _, n := range a.Write.Sources {
				add(n)
			}
		}
		if a.Constraint != nil {
			add(a.Constraint.RefTable)
		}
	}
	return keys
}

// ofIndex finds the table of an index.
func (p *plan) ofIndex(name string) *scale.Table {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	for i := range p.catalog.Tables {
		for _, x := range p.catalog.Tables[i].Indexes {
			if x.Name == name && name != "" {
				return &p.catalog.Tables[i]
			}
		}
	}
	return nil
}

// relate adds all that foreign keys lead to, and the tables that refer to those that are named.
func (p *plan) relate() {
	named := map[string]bool{}
	for t := range p.related {
		named[t] = true
	}
	for i := range p.catalog.Tables {
		t := &p.catalog.Tables[i]
		for _, k := range t.Constraints {
			if k.Type == "f" && named[k.References] && t.PartitionOf == "" {
				p.related[t.Key()] = true
			}
		}
	}
	for grown := true; grown; {
		grown = false
		for i := range p.catalog.Tables {
			t := &p.catalog.Tables[i]
			for _, k := range t.Constraints {
				if k.Type == "f" && p.related[t.Key()] && !p.related[k.References] {
					p.related[k.References], grown = true, true
				}
			}
		}
	}
}

// fewRows is the number below which a table keeps production's rows at every size: a table of countries
// does not shrink with that of orders.
const fewRows = 1000

// at returns the rows of each table where the largest has n, and which share of production's that is; the
// share is 0 where production is not known.
func (p *plan) at(n int64) (rows map[string]int64, factor float64) {
	rows = map[string]int64{}
	if most := p.known[p.largest]; most > 0 {
		factor = float64(n) / most
	}
	for key := range p.related {
		switch known := p.known[key]; {
		case factor > 0:
			rows[key] = int64(min(math.Round(max(known*factor, min(known, fewRows))), float64(4*n)))
		default:
			rows[key] = n
		}
	}
	return rows, factor
}
