package clientnotimeout

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/engagement/audit/code/trigger"
)

// situation is what the code around a call says about who waits for it and how it can be bounded.
type situation struct {
	who      trigger.Kind
	limit    client.Limit // of the job runner, when a job waits
	lock     string       // the lock that is held during the call
	context  string       // the context parameter that the call does not take
	transfer bool         // the body of a file goes through: a total timeout would cut it off
	guarded  bool         // runs in development only
	optional bool         // callers can hand in a client of their own
	profile  bool         // belongs to a bean of Spring for development only
	reactive bool         // the client does not block, and nobody blocks for its answer
}

func situate(p *rule.Pass, f *project.File, s *client.Site) situation {
	out := situation{
		who:      waiting(p, f, s),
		lock:     held(f, s),
		transfer: transfers(s),
		guarded:  guarded(f, s.Node),
		optional: injectable(s),
		profile:  trigger.Development(p.Project, f, s.Node),
		reactive: s.Spec.Reactive && !blocks(f),
	}
	if s.Spec.Callee == "net.Dial crypto/tls.Dial" {
		out.context = dropped(s.Node)
	}
	if out.who == trigger.Job || out.who == trigger.Schedule {
		out.limit = client.JobLimits(p.Project)[s.Spec.Lang]
	}
	return out
}

// minor reports whether nobody but a developer or an operator at a terminal waits.
func (s situation) minor() bool { return s.guarded || s.profile || s.who.Minor() }

// waiting tells who waits for a call. A client that is made in one place is waited for where it is used.
func waiting(p *rule.Pass, f *project.File, s *client.Site) trigger.Kind {
	entries := p.Flow.Entries
	best := trigger.Unknown
	for _, u := range s.Uses {
		best = max(best, trigger.Of(p.Project, entries, u.File, u.Node))
	}
	if best != trigger.Unknown {
		return best
	}
	if s.Spec.Factory && s.Variable != "" && (s.Spec.Lang == "java" || strings.HasPrefix(s.Variable, "self.") || strings.HasPrefix(s.Variable, "@")) {
		name := s.Variable[strings.LastIndexAny(s.Variable, ".")+1:]
		scope := s.Node.Enclosing(syntax.Class)
		used := false
		for n := range scope.Descendants(syntax.Name, syntax.Member) {
			if n.Str() != name || n.Role() == syntax.Target || n.Inside(s.Statement) {
				continue
			}
			k := trigger.Of(p.Project, entries, f, n)
			if k == trigger.Unknown {
				return k
			}
			best, used = max(best, k), true
		}
		if used {
			return best
		}
	}
	return trigger.Of(p.Project, entries, f, s.Node)
}

// held returns the lock that the function holds while it calls, "" when there is none.
func held(f *project.File, s *client.Site) string {
	if s.Spec.Factory && s.Spec.Lang == "go" {
		return ""
	}
	fn := s.Node.Enclosing(syntax.Func)
	if !fn.Ok() {
		return ""
	}
	switch s.Spec.Lang {
	case "go":
		lock := ""
		for c := range fn.Descendants(syntax.Call) {
			if c.Start() > s.Node.Start() {
				break
			}
			r := c.Receiver().Dotted()
			switch {
			case r == "" || c.Enclosing(syntax.Func, syntax.Lambda) != fn:
			case c.Str() == "Lock":
				lock = r
			case c.Str() == "Unlock" && r == lock && c.Parent().Kind() != syntax.Defer:
				lock = ""
			}
		}
		return lock
	case "java":
		head := f.Text(fn.Start(), fn.Child(syntax.Body).Start())
		if i := strings.Index(head, "synchronized "); i >= 0 && i < strings.Index(head, "(") {
			return "this"
		}
	case "python":
		for p := s.Node.Parent(); p.Ok() && p != fn; p = p.Parent() {
			if p.Kind() != syntax.With {
				continue
			}
			for v := range p.All(syntax.Value) {
				if d := v.Dotted(); strings.HasSuffix(strings.ToLower(d), "lock") {
					return d
				}
			}
		}
	}
	return ""
}

// dropped returns the context parameter of the closure around a dial that could have had it.
func dropped(n syntax.Ref) string {
	fn := n.Enclosing(syntax.Func, syntax.Lambda)
	for p := range fn.All(syntax.ParamRole) {
		if strings.HasSuffix(p.Child(syntax.TypeRole).Str(), "context.Context") && p.Str() != "_" {
			return p.Str()
		}
	}
	return ""
}

// blocks reports whether a file waits for the answers of a reactive client on its own thread.
func blocks(f *project.File) bool {
	for c := range f.Tree.Root().Descendants(syntax.Call) {
		switch c.Str() {
		case "block", "blockFirst", "blockLast", "blockOptional":
			if len(c.Args()) == 0 && c.Receiver().Ok() {
				return true
			}
		}
	}
	return false
}

var uploaded = regexp.MustCompile(`(?i)(file|buffer|stream|blob|bytes|form_?data)`)

// transfers reports whether a call moves a body of unknown size, for libraries whose timeout counts the
// whole of it.
func transfers(s *client.Site) bool {
	fn := s.Node.Enclosing(syntax.Func)
	for p := s.Node.Parent(); p.Ok() && p.Kind() != syntax.Func; p = p.Parent() {
		if p.Kind() == syntax.Lambda {
			fn = p
			break
		}
	}
	switch s.Spec.Lang {
	case "typescript":
		for c := range fn.Descendants(syntax.Call, syntax.Member) {
			switch c.Str() {
			case "arrayBuffer", "blob", "pipeTo", "pipe", "pipeline", "fromWeb", "getReader", "createWriteStream":
				return true
			}
		}
		for a := range s.Node.Descendants(syntax.Pair) {
			switch v := a.Child(syntax.Value); {
			case a.Str() == "body" && (v.Is(syntax.Name, syntax.Member) || v.Kind() == syntax.Call && v.Has(syntax.FlagNew)) && uploaded.MatchString(v.Str()):
				return true
			case a.Str() == "method" && v.Str() == "PUT", a.Str() == "responseType" && (v.Str() == "stream" || v.Str() == "arraybuffer"):
				return true
			}
		}
	case "go":
		scopes := []syntax.Ref{s.Node.Enclosing(syntax.Func)}
		for _, u := range s.Uses {
			scopes = append(scopes, u.Node.Enclosing(syntax.Func))
		}
		for _, scope := range scopes {
			for c := range scope.Descendants(syntax.Call) {
				if r := c.Receiver().Dotted(); r == "io" && (c.Str() == "Copy" || c.Str() == "CopyN" || c.Str() == "CopyBuffer") && c.Arg(0).Dotted() != "io.Discard" {
					return true
				}
			}
		}
	case "php":
		for a := range s.Node.Descendants(syntax.Pair) {
			if a.Str() == "sink" || a.Str() == "stream" {
				return true
			}
		}
	}
	return false
}

var development = regexp.MustCompile(`(?i)environment\(\s*\[?\s*['"](local|dev|testing)|\bisLocal\(|APP_DEBUG|['"]app\.debug['"]|settings\.DEBUG|Rails\.env\.(development|test|local)\?|NODE_ENV['"\]]*\s*={2,3}\s*['"](dev|test)|NODE_ENV['"\]]*\s*!={1,2}\s*['"]prod`)

// guarded reports whether a condition around a node lets it run in development only.
func guarded(f *project.File, n syntax.Ref) bool {
	for c, p := n, n.Parent(); p.Ok(); c, p = p, p.Parent() {
		if p.Kind() == syntax.If && c.Role() == syntax.Body && development.MatchString(f.NodeText(p.Child(syntax.Cond))) && p.Child(syntax.Cond).Kind() != syntax.Unary {
			return true
		}
	}
	return false
}

// injectable reports whether a class makes the client only for callers that bring none: another of its
// constructors takes one.
func injectable(s *client.Site) bool {
	if s.Spec.Lang != "java" || !s.Spec.Factory {
		return false
	}
	class := s.Node.Enclosing(syntax.Class)
	made := s.Node.Str()
	for fn := range class.Descendants(syntax.Func) {
		if fn.Str() != class.Str() && fn.Str() != "<init>" {
			continue
		}
		for p := range fn.All(syntax.ParamRole) {
			if t := p.Child(syntax.TypeRole).Str(); t == made && t != "" {
				return true
			}
		}
	}
	return false
}

// wrapper finds a function of the project that sends what it is given through the same library, with a
// timeout: one that every call gets before one that callers have to ask for.
func wrapper(facts *client.Facts, s *client.Site) (name string, site *client.Site) {
	for _, w := range facts.Sites {
		if w.State != client.Bounded || w.Spec.Lang != s.Spec.Lang || w.Spec.FamilyName() != s.Spec.FamilyName() {
			continue
		}
		arg := w.Node.Arg(0).Dotted()
		fn, n := client.Function(w.Node)
		if n == "" || arg == "" || s.Node.Inside(fn) {
			continue
		}
		for p := range fn.All(syntax.ParamRole) {
			if p.Str() != arg {
				continue
			}
			if w.ByDefault() {
				return n, w
			}
			if site == nil {
				name, site = n, w
			}
		}
	}
	return name, site
}
