package n1

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/txn"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// slow are words of calls beside which a statement is noise: mail, files of other machines, documents,
// language models, password hashes.
var slow = regexp.MustCompile(`(?i)^(?:send_?e?mails?|send_?mail_\w+|deliver(?:_now)?!?|(?:up|down)load(?:_\w+|file\w*|to\w*|from\w*|image\w*|all)?!?|\w*pdf\w*|generate_?(?:text|object)|stream_?text|hash_?password|bcrypt\w*|put_?object|get_?object|put_?file\w*|get_?file\w*|file_get_contents|file_put_contents|fetch|curl_exec|urlopen|clone_repo\w*|thumbnail\w*|resize\w*|\w*screenshot\w*)$`)

// shells are receivers whose calls leave the process.
var shells = regexp.MustCompile(`(?i)^(?:\w*_?s3|storage|openai|anthropic|stripe|mailer|browser|puppeteer|subprocess|shutil|docker|git|porcelain)$`)

// slowTurn says what a turn of the loop does beside which a statement is noise; "" for nothing.
func (x *facts) slowTurn(w *work) string {
	body := w.body()
	if !body.Ok() {
		return ""
	}
	hits := txn.Search(x.flow.Index, txn.Region{File: w.file, Node: w.node, Body: body}, x.slow)
	if len(hits) == 0 {
		return ""
	}
	return hits[0].What
}

func (x *facts) slow(f *project.File, c syntax.Ref) string {
	if s := x.remote.Does(f, c); s != "" {
		return s
	}
	name := c.Str()
	switch {
	case slow.MatchString(name) && !c.Has(syntax.FlagNew) && (c.Child(syntax.Arg).Ok() || strings.HasPrefix(name, "deliver") || c.Parent().Kind() == syntax.Await):
		// An attribute, such as the number of downloads, is read from the row.
		return name
	case c.Receiver().Is(syntax.Name, syntax.Member) && shells.MatchString(c.Receiver().Str()):
		return c.Receiver().Str() + "." + name
	case name == "statement" && strings.Contains(c.Receiver().Dotted(), "connection"), name == "unprepared":
		return name
	}
	return ""
}

// caches are calls whose block or function runs only when a cache misses.
var caches = words(`cache cache! cache_if! cache_root! cache_if cached fetch remember rememberForever sear flexible get_or_set getOrSet getOrPut getAndPutInTransaction getOrFetchFromDB computeIfAbsent memoize`)

// inCache reports whether a place runs only on a miss of a cache.
func inCache(n syntax.Ref) bool {
	for c := n.Enclosing(syntax.Call, syntax.Func); c.Ok() && c.Kind() != syntax.Func; c = c.Enclosing(syntax.Call, syntax.Func) {
		if !caches[c.Str()] || !n.Inside(c.Block()) {
			continue
		}
		if c.Str() != "fetch" || strings.Contains(strings.ToLower(c.Receiver().Dotted()), "cache") {
			return true
		}
	}
	return false
}

// cachedLoad reports whether every turn's load, or the loop itself, stands in the body of a cache.
func cachedLoad(l flow.Load) bool {
	if inCache(l.Site.Node) || l.Loop != nil && inCache(l.Loop.Site.Node) {
		return true
	}
	for _, t := range l.Trace {
		if inCache(t.Node) {
			return true
		}
	}
	return false
}

// transaction names the transaction that a place runs in: one that is open around it, or one that calls its
// function. It is "" when none is known.
func (x *facts) transaction(f *project.File, n syntax.Ref) string {
	if x.regions == nil {
		x.open()
	}
	for _, r := range x.regions[f] {
		if n.Inside(r.Body) && n != r.Body && (r.To == 0 || n.Start() >= r.From && n.End() <= r.To) {
			return r.What
		}
	}
	for fn := n.Enclosing(syntax.Func); fn.Ok(); fn = fn.Enclosing(syntax.Func) {
		if s := x.inside[fn]; s != "" {
			return s
		}
		for p := range fn.All(syntax.ParamRole) { // given the handle of one
			if handles[p.Str()] || p.Child(syntax.TypeRole).Ok() && strings.HasSuffix(p.Child(syntax.TypeRole).Str(), "sql.Tx") {
				return "the caller's `" + p.Str() + "`"
			}
		}
	}
	return ""
}

// handles are names of parameters that hold a transaction.
var handles = words(`tx trx txn transaction`)

// callDepth is how many functions away from a transaction its callees are looked for.
const callDepth = 4

// open reads the transactions of the project and the functions that they call.
func (x *facts) open() {
	x.regions, x.inside = map[*project.File][]txn.Region{}, map[syntax.Ref]string{}
	for _, f := range x.Files {
		if f.Tree == nil || f.Role == project.Test || f.Role == project.Vendored {
			continue
		}
		if list := txn.Regions(f); len(list) > 0 {
			x.regions[f] = list
		}
	}
	for _, f := range x.Files {
		for _, r := range x.regions[f] {
			x.enter(f, r.Body, r.What, 0)
		}
	}
}

func (x *facts) enter(f *project.File, body syntax.Ref, what string, depth int) {
	if depth >= callDepth {
		return
	}
	for c := range body.Descendants(syntax.Call) {
		m := txn.Resolve(x.flow.Index, f, c)
		if m == nil || x.inside[m.Node] != "" {
			continue
		}
		x.inside[m.Node] = what
		x.enter(m.File, m.Node.Child(syntax.Body), what, depth+1)
	}
}
