package rewrite

import (
	"fmt"
	"time"
)

// Recipe is a change in steps. Its steps run in order; each may be run again after an interruption.
type Recipe struct {
	Title string // "Set orders.total NOT NULL"
	Server
	// Plain is the statement that the recipe stands for.
	Plain []string
	// Preflight are questions to the data that are asked before the first step; a yes ends the recipe.
	Preflight []Question
	Steps     []Step
	// Differs lists how the final schema differs from that of the plain statement, in sentences.
	Differs []string
	// Notes say what the reader should know before starting.
	Notes []string
	// Mark says in files whether the recipe was rehearsed, as a sentence; empty says nothing.
	Mark string
}

// Question is asked of the database before anything is changed.
type Question struct {
	SQL  string // returns one boolean; true ends the recipe
	Says string // what a yes means and what to do about it
}

// Kind is what carries out a step.
type Kind string

// The kinds of steps.
const (
	Statements Kind = "statements" // SQL, as it stands
	Batches    Kind = "batches"    // a backfill, many short transactions
	Deploy     Kind = "deploy"     // people bring out code; nothing is run
	Tool       Kind = "tool"       // people run the command in SQL's place
)

// Step is one step of a recipe.
type Step struct {
	ID    string // unique in the recipe, stable: "validate"
	Title string // an imperative: "Validate the constraint"
	Kind  Kind
	// Clear removes what a failed try left behind. It runs before SQL.
	Clear *Clear
	// SQL holds the statements, in order: in one transaction where Transaction is set, else each by itself,
	// which is what CONCURRENTLY needs. For a step of kind [Tool] it holds command lines.
	SQL []string
	// Otherwise holds statements to try in order when the server says that it cannot run SQL that way (MySQL's
	// ALGORITHM and LOCK clauses). Empty on PostgreSQL.
	Otherwise   [][]string
	Transaction bool
	Backfill    *Backfill // of kind Batches
	Locks       []Lock    // the strongest lock on each table
	// Ladder tells how long the step waits for its locks, and how it comes again. An empty one waits as long
	// as it takes: only where waiting stops nobody.
	Ladder Ladder
	// Done is a query of one boolean: whether this step and all before it have been done. It is false before the
	// step ran and stays true until a later step is done. An error that says that a table or column does not
	// exist means no. It is empty for steps that people do.
	Done string
	// Undo takes the step back, when all later steps have been taken back. Each statement runs by itself. Under
	// PostgreSQL it does no harm when there is nothing to take back; under MySQL, whose statements cannot ask, it is
	// run only for a step that says that it is done.
	Undo []string
	// NoReturn marks a step after which the recipe can only go forward.
	NoReturn bool
	// Says explains the step: what code must be able to do, what the server does meanwhile, why it is safe.
	Says string
}

// Clear removes the remains of a failed try, such as an invalid index, or finishes what such a try has begun. Of a step
// without a way back, If says that it has begun.
type Clear struct {
	If  string   // a query of one boolean
	SQL []string // each by itself, outside a transaction
}

// Blocks returns whether the step holds a lock that stops readers or writers.
func (s Step) Blocks() (reads, writes bool) {
	for _, l := range s.Locks {
		r, w := l.Mode.Blocks()
		reads, writes = reads || r, writes || w
	}
	return reads, writes
}

// Mode is a mode of table locks under PostgreSQL, in the words of its manual (section 13.3.1), or of a
// metadata lock under MySQL and MariaDB.
type Mode string

// Modes of locks, from weak to strong.
const (
	RowShare             Mode = "ROW SHARE"
	RowExclusive         Mode = "ROW EXCLUSIVE"
	ShareUpdateExclusive Mode = "SHARE UPDATE EXCLUSIVE"
	Share                Mode = "SHARE"
	ShareRowExclusive    Mode = "SHARE ROW EXCLUSIVE"
	AccessExclusive      Mode = "ACCESS EXCLUSIVE"
	MetadataShared       Mode = "shared metadata"    // MySQL: reads and writes go on
	MetadataExclusive    Mode = "exclusive metadata" // MySQL: nothing goes on
)

// Blocks returns whether the mode stops statements that read (SELECT) or write (INSERT, UPDATE, DELETE),
// by the table of conflicts in PostgreSQL's manual, section 13.3.1.
func (m Mode) Blocks() (reads, writes bool) {
	switch m {
	case AccessExclusive, MetadataExclusive:
		return true, true
	case Share, ShareRowExclusive:
		return false, true
	}
	return false, false
}

// Held is how long a lock is held.
type Held string

// For how long.
const (
	ForMoment Held = "a moment"      // a change of the catalog: milliseconds, whatever the size of the table
	ForScan   Held = "a scan"        // all rows are read
	ForBuild  Held = "a build"       // an index is built, or the table is copied
	ForBatch  Held = "a batch"       // the time of one batch
	AtEnds    Held = "both its ends" // a moment at the beginning and one at the end of a build
)

// Lock is a lock that a step takes on a table.
type Lock struct {
	Table Name
	Mode  Mode
	Held  Held
}

// String says "ACCESS EXCLUSIVE on orders for a moment".
func (l Lock) String() string {
	for_ := "for "
	if l.Held == AtEnds {
		for_ = "at "
	}
	return fmt.Sprintf("%s on %s %s%s", l.Mode, l.Table, for_, l.Held)
}

// Ladder is the way in which a step asks for a lock that it does not get: rungs from short to long
// timeouts, with growing sleeps in between, during which the queue behind the request drains. Between
// two tries no transaction is open.
type Ladder []Rung

// Rung is a number of tries alike.
type Rung struct {
	Tries       int
	LockTimeout time.Duration // 0: no limit
	Sleep       time.Duration // after a try that failed
}

// DefaultLadder tries thirty times in at most about twelve minutes: ten times a tenth of a second, where
// hardly any request notices, then longer.
func DefaultLadder() Ladder {
	return Ladder{
		{10, 100 * time.Millisecond, time.Second},
		{5, 500 * time.Millisecond, 5 * time.Second},
		{5, time.Second, 15 * time.Second},
		{5, 2 * time.Second, 30 * time.Second},
		{5, 5 * time.Second, time.Minute},
	}
}

// patient is for locks that stop neither readers nor writers: no limit, and some tries for deadlocks
// with other changes of the schema.
func patient() Ladder { return Ladder{{5, 0, 5 * time.Second}} }

// Tries returns how often the ladder tries at most.
func (l Ladder) Tries() int {
	n := 0
	for _, r := range l {
		n += r.Tries
	}
	return max(n, 1)
}

// Try returns the rung of try i, counted from 0.
func (l Ladder) Try(i int) (Rung, bool) {
	for _, r := range l {
		if i < r.Tries {
			return r, true
		}
		i -= r.Tries
	}
	return Rung{}, false
}

// LockTimeout returns the timeout of the first try.
func (l Ladder) LockTimeout() time.Duration {
	if len(l) == 0 {
		return 0
	}
	return l[0].LockTimeout
}

// Longest returns the longest timeout of all tries.
func (l Ladder) Longest() time.Duration {
	var longest time.Duration
	for _, r := range l {
		longest = max(longest, r.LockTimeout)
	}
	return longest
}

// Refusal is the error of [Build] for a change that has no safe recipe with the facts given.
type Refusal struct{ Reason string }

func (r *Refusal) Error() string { return r.Reason }

func refuse(format string, args ...any) (Recipe, error) {
	return Recipe{}, &Refusal{fmt.Sprintf(format, args...)}
}

// Options are choices of the operator. The zero value takes the defaults.
type Options struct {
	Ladder Ladder        // of the steps that block; DefaultLadder when empty
	Batch  time.Duration // how long a batch of a backfill shall take; a second when 0
}

func (o Options) ladder() Ladder {
	if len(o.Ladder) == 0 {
		return DefaultLadder()
	}
	return o.Ladder
}

func (o Options) batch() time.Duration {
	if o.Batch == 0 {
		return time.Second
	}
	return o.Batch
}
