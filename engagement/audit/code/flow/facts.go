package flow

import "time"

// Collection names the rows that multiply a load: the elements of the innermost loop around it, or the
// rows of the last to-many relation on the way to it. The zero value says that nothing is known.
type Collection struct {
	// Name is the relation that is walked ("line_items"), else the name of the model whose rows are
	// ("Order"), else the last word of the loop's expression ("modules").
	Name string
	// Expr is the expression that the loop walks as it is written, "" where the loop is not in sight.
	Expr string
	// Model is that of the rows; nil when they are none, or of a model that is not known.
	Model *Model
	// Parent is the model whose rows own the elements; nil for a query that starts at a model.
	Parent *Model
	// OneParent: the elements are children of ONE row (found by key, bound to a route, the current
	// user), so there are as many as one parent has, not as many as the table holds.
	OneParent bool
	// Bound is the most elements there can be as the code states it (a limit, a page size); 0 when it
	// does not. BoundAt is where it states it.
	Bound   int
	BoundAt Site
	// Paged: bounded by a page size that is no literal.
	Paged bool
	// Whole: every row of the table, neither filtered nor bounded.
	Whole bool
	// Loop is the loop that walks the elements; nil where a framework does.
	Loop *Loop
}

// Known reports whether the collection was identified.
func (c Collection) Known() bool { return c.Name != "" }

// EntryClass says how often an entry point is met, as far as its place, name and guards tell.
type EntryClass uint8

// Entry classes, from the most frequent to the rarest.
const (
	EntryUnknown EntryClass = iota // no entry point was found
	EntryRead                      // a request that reads: GET, list, query, page
	EntryWrite                     // a request that changes something: a form, POST, PUT, DELETE, a mutation
	EntryAdmin                     // a request behind an administrator's guard or in an admin or backend namespace
	EntryTask                      // a job, a scheduled task, a listener; see EntryPoint.Period
	EntryCommand                   // run by hand: a management command, a rake task, a script, a tool
	EntryInstall                   // once for each start, install or upgrade: boot, migration, provisioning
	EntrySeed                      // seed, sample, demo and dummy data, code for development only
)

// String returns the word for the class in reports.
func (c EntryClass) String() string {
	return [...]string{"", "request", "form", "admin", "task", "command", "install", "seed"}[c]
}

// Request reports whether somebody waits for the answer.
func (c EntryClass) Request() bool { return c == EntryRead || c == EntryWrite || c == EntryAdmin }

// EntryOf returns the entry point of a name, as written in [Load.Entry]. ok is false for "" and for
// names that no framework recorded.
func (r *Result) EntryOf(name string) (e EntryPoint, ok bool) {
	if name == "" {
		return EntryPoint{}, false
	}
	i, ok := r.byName[name]
	if !ok {
		return EntryPoint{}, false
	}
	return r.Entries[i], true
}

// ClassOf returns the class and period of the entry that a load was met in. A load without an entry is
// classed by the file of its loop, so that a query of a seed is never taken for one of a request.
func (r *Result) ClassOf(l Load) (EntryClass, time.Duration) {
	if e, ok := r.EntryOf(l.Entry); ok {
		return e.Class, e.Period
	}
	at := l.Site
	if l.Loop != nil {
		at = l.Loop.Site
	}
	return classOfPlace(at.File, at.Node), 0
}
