// Package txn finds the parts of a program that run inside a database transaction, and what they do
// there: calls that enqueue work and calls that talk to other machines, directly or through functions
// of the project.
//
// It knows blocks and callbacks (transaction do, prisma.$transaction, DB::transaction,
// transaction.atomic, db.Transaction, RunInTx), begin and commit in one function, methods marked
// @Transactional, and the callbacks of models that run before the commit. What is put off until the
// commit is left out. It reports nothing; the rules do.
package txn

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Region is one stretch of code inside a transaction.
type Region struct {
	File *project.File
	Node syntax.Ref // the construct that opens the transaction
	Body syntax.Ref // what runs inside
	// From and To bound the region inside Body when it begins and ends with calls; To is 0 otherwise.
	From, To uint32
	Handle   string // variable of the transaction, "" when there is none
	Using    string // the database that it is opened on, as written; "" for the default
	What     string // "prisma.$transaction", "`after_save`", as a claim names it
	// Callback is the declaration of a model's callback, such as after_create :notify; no node otherwise.
	Callback syntax.Ref
}

var blockWords = map[string]bool{
	"transaction": true, "$transaction": true, "withTransaction": true, "runInTransaction": true, "transactional": true, "inTransaction": true, "wrapInTransaction": true,
	"with_lock": true, "with_transaction": true, "Transaction": true, "BeginFunc": true, "BeginTxFunc": true, "RunInTx": true, "WithTx": true, "RunInTransaction": true, "InTransaction": true, "WithTransaction": true,
}

var beginWords = map[string]bool{"Begin": true, "BeginTx": true, "Beginx": true, "BeginTxx": true, "MustBegin": true, "beginTransaction": true}

// before are the callbacks of Active Record that run inside the transaction that saves the row, with
// their counterparts behind the commit.
var before = map[string]string{
	"after_save": "after_save_commit", "after_create": "after_create_commit", "after_update": "after_update_commit", "after_destroy": "after_destroy_commit",
	"before_save": "", "before_create": "", "before_update": "", "before_destroy": "", "around_save": "", "before_validation": "",
}

// AfterCommit is the callback that runs behind the commit in place of another; "" when there is none.
func AfterCommit(callback string) string { return before[callback] }

// Regions lists the transactions that a file opens.
func Regions(f *project.File) []Region {
	if f.Tree == nil {
		return nil
	}
	var out []Region
	root := f.Tree.Root()
	root.Walk(func(n syntax.Ref) bool {
		switch n.Kind() {
		case syntax.Call:
			if r, ok := block(f, n); ok {
				out = append(out, r)
				return false // one finding for what nested transactions hold
			}
		case syntax.With:
			if r, ok := with(f, n); ok {
				out = append(out, r)
				return false
			}
		case syntax.Func:
			if r, ok := marked(f, n); ok {
				out = append(out, r)
				return false
			}
			out = append(out, bracketed(f, n)...)
		case syntax.Class:
			if f.Lang == "ruby" {
				out = append(out, callbacks(f, n)...)
			}
		}
		return true
	})
	return out
}

// block reads transaction do ... end, $transaction(async (tx) => ...), DB::transaction(function ...).
func block(f *project.File, n syntax.Ref) (Region, bool) {
	if !blockWords[n.Str()] {
		return Region{}, false
	}
	fn := n.Block()
	if !fn.Ok() || fn.Has(syntax.FlagBlockPass) {
		return Region{}, false
	}
	if f.Lang == "ruby" && n.Str() == "transaction" && n.Receiver().Ok() && strings.Contains(strings.ToLower(n.Receiver().Dotted()), "sentry") {
		return Region{}, false
	}
	r := Region{File: f, Node: n, Body: fn.Child(syntax.Body), What: "`" + short(f, n) + "`"}
	if f.Lang != "ruby" {
		r.Handle = fn.Child(syntax.ParamRole).Str()
	}
	return r, r.Body.Ok()
}

// short names the call that opens a transaction: prisma.$transaction, DB::transaction.
func short(f *project.File, n syntax.Ref) string {
	recv := n.Receiver().Dotted()
	switch {
	case recv == "":
		return n.Str()
	case f.Lang == "php" && n.Has(syntax.FlagStatic):
		return recv + "::" + n.Str()
	}
	return recv + "." + n.Str()
}

// with reads with transaction.atomic(): and with session.begin():.
func with(f *project.File, n syntax.Ref) (Region, bool) {
	for v := range n.All(syntax.Value) {
		if v.Kind() == syntax.Assign {
			v = v.Child(syntax.Value)
		}
		name, recv := v.Str(), v.Receiver().Dotted()
		if name == "atomic" || name == "begin" && v.Kind() == syntax.Call && (strings.HasSuffix(recv, "session") || strings.HasSuffix(recv, "engine") || recv == "db") {
			what := name
			if recv != "" {
				what = recv + "." + name
			}
			return Region{File: f, Node: n, Body: n.Child(syntax.Body), Using: using(f, v), What: "`" + what + "`"}, true
		}
	}
	return Region{}, false
}

// marked reads @transaction.atomic and @Transactional.
func marked(f *project.File, n syntax.Ref) (Region, bool) {
	var found syntax.Ref
	look := func(owner syntax.Ref) {
		for d := range owner.All(syntax.Decorator) {
			name := d.Str()
			if name == "atomic" || name == "Transactional" || name == "transactional" {
				found = d
			}
		}
	}
	look(n)
	if c := n.Enclosing(syntax.Class); f.Lang == "java" && !found.Ok() && c.Ok() && !n.Has(syntax.FlagPrivate) && !n.Has(syntax.FlagNew) {
		look(c)
	}
	if !found.Ok() || !n.Child(syntax.Body).Ok() {
		return Region{}, false
	}
	text := f.NodeText(found)
	if strings.Contains(text, "NOT_SUPPORTED") || strings.Contains(text, "NEVER") || strings.Contains(text, "SUPPORTS") {
		return Region{}, false
	}
	what := "@" + found.Str()
	if r := found.Receiver().Dotted(); r != "" {
		what = "@" + r + "." + found.Str()
	}
	return Region{File: f, Node: n, Body: n.Child(syntax.Body), Using: using(f, found), What: "`" + what + "`"}, true
}

// bracketed reads tx, err := db.Begin() ... tx.Commit() and DB::beginTransaction() ... DB::commit().
func bracketed(f *project.File, fn syntax.Ref) []Region {
	if f.Lang != "go" && f.Lang != "php" {
		return nil
	}
	var out []Region
	body := fn.Child(syntax.Body)
	for c := range body.Descendants(syntax.Call) {
		if !beginWords[c.Str()] || !c.Receiver().Ok() || c.Enclosing(syntax.Func) != fn {
			continue
		}
		owner := c.Receiver().Dotted()
		if f.Lang == "go" {
			a := c.Parent()
			for a.Ok() && a.Kind() != syntax.Assign && a != fn {
				a = a.Parent()
			}
			if a.Kind() != syntax.Assign {
				continue
			}
			owner = a.Child(syntax.Target).Str()
		}
		for e := range body.Descendants(syntax.Call) {
			name := e.Str()
			if e.Start() > c.End() && (name == "Commit" || name == "commit") && e.Receiver().Dotted() == owner && e.Parent().Kind() != syntax.Defer {
				out = append(out, Region{File: f, Node: c, Body: body, From: c.End(), To: e.Start(), Handle: handle(f, owner), What: "`" + short(f, c) + "`"})
				break
			}
		}
	}
	return out
}

func handle(f *project.File, owner string) string {
	if f.Lang == "go" {
		return owner
	}
	return ""
}

// callbacks reads after_create :notify and after_save { ... } of Active Record models.
func callbacks(f *project.File, class syntax.Ref) []Region {
	super := class.Child(syntax.Super).Str()
	if !strings.HasSuffix(super, "Record") && !strings.HasSuffix(super, "Base") {
		return nil
	}
	methods := map[string]syntax.Ref{}
	for m := range class.Child(syntax.Body).Children() {
		if m.Kind() == syntax.Func {
			methods[m.Str()] = m
		}
	}
	var out []Region
	for c := range class.Child(syntax.Body).Children() {
		if _, ok := before[c.Str()]; c.Kind() != syntax.Call || !ok || c.Receiver().Ok() {
			continue
		}
		if b := c.Child(syntax.BlockArg); b.Ok() && !b.Has(syntax.FlagBlockPass) {
			out = append(out, Region{File: f, Node: c, Body: b.Child(syntax.Body), What: "`" + c.Str() + "`", Callback: c})
		}
		for _, a := range c.Args() {
			if m, ok := methods[a.Str()]; ok && a.Kind() == syntax.String {
				out = append(out, Region{File: f, Node: m, Body: m.Child(syntax.Body), What: "the `" + c.Str() + "` callback", Callback: c})
			}
		}
	}
	return out
}

// using is the database that atomic(using=x) names.
func using(f *project.File, atomic syntax.Ref) string {
	if f.Lang != "python" || atomic.Str() != "atomic" || atomic.Kind() != syntax.Call {
		return ""
	}
	if v := atomic.Keyword("using"); v.Ok() {
		return f.NodeText(v)
	}
	if v := atomic.Arg(0); v.Ok() && v.Kind() != syntax.Pair {
		return f.NodeText(v)
	}
	return ""
}

// Replica reports a transaction on a database that is only read, by the name of its alias.
func (r Region) Replica() bool {
	name := strings.ToLower(r.Using)
	return strings.Contains(name, "replica") || strings.Contains(name, "readonly") || strings.Contains(name, "read_only") || strings.Contains(name, "reader") || strings.Contains(name, "standby")
}

// reading are calls that change nothing in a database.
var reading = words(`filter exclude get first last all values values_list exists count order_by select_related prefetch_related select_for_update using
	only defer annotate aggregate in_bulk iterator distinct earliest latest none len list set dict tuple sorted reversed str int float bool format join split
	info debug warning error exception log append extend items keys isinstance getattr hasattr print enumerate zip range min max sum any all map now Q F Exists OuterRef Subquery`)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// Reads reports a transaction in which nothing but reads can be seen, apart from the calls that are
// left out: nobody can miss a row that it has not written.
func (r Region) Reads(except func(syntax.Ref) bool) bool {
	if r.File.Lang != "python" || r.To > 0 {
		return false
	}
	for c := range r.Body.Descendants(syntax.Call) {
		if !reading[c.Str()] && !except(c) {
			return false
		}
	}
	return true
}
