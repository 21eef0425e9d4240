package poolunbounded

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// configured looks for the struct of the configuration that a pool is opened from, when that struct has
// MaxOpenConns. It returns the expression that holds it and the calls that apply it.
func configured(p *project.Project, f *project.File, open syntax.Ref) (owner string, calls []string) {
	for _, a := range open.Args() {
		for _, d := range origins(open, a) {
			for ; d != ""; d = parent(d) {
				name := d[strings.LastIndex(d, ".")+1:]
				if class := structOf(p, f, open, name); class.Ok() {
					if calls = setters(class, d); len(calls) > 0 {
						return d, calls
					}
				}
			}
		}
	}
	return "", nil
}

func parent(dotted string) string {
	if i := strings.LastIndex(dotted, "."); i > 0 {
		return dotted[:i]
	}
	return ""
}

// origins are the dotted names that an argument is made of, looked up through one local variable.
func origins(open, arg syntax.Ref) []string {
	var out []string
	collect := func(v syntax.Ref) {
		for n := range v.Descendants(syntax.Member, syntax.Call) {
			r := n.Receiver().Dotted()
			if n.Kind() == syntax.Member {
				r = n.Receiver().Dotted()
			}
			if r != "" {
				out = append(out, r)
			}
		}
	}
	collect(arg)
	if arg.Kind() == syntax.Name {
		for a := range open.Enclosing(syntax.Func).Descendants(syntax.Assign) {
			if a.Child(syntax.Target).Str() == arg.Str() && a.Start() < open.Start() {
				collect(a.Child(syntax.Value))
			}
		}
	}
	return out
}

// structOf returns the struct that a field or variable of a name is declared with, where all
// declarations of the name that have such a struct agree.
func structOf(p *project.Project, f *project.File, at syntax.Ref, name string) syntax.Ref {
	want := ""
	for param := range at.Enclosing(syntax.Func).All(syntax.ParamRole) {
		if param.Str() == name {
			want = param.Child(syntax.TypeRole).Str()
		}
	}
	if want == "" {
		for n := range f.Tree.Root().Descendants(syntax.Field) {
			typ := n.Child(syntax.TypeRole).Str()
			if n.Str() == name {
				want = typ
			} else if strings.HasPrefix(typ, "struct") { // one without a name: its fields are text
				if m := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(name) + `\s+\*?([\w.]+)`).FindStringSubmatch(typ); m != nil {
					want = m[1]
				}
			}
		}
	}
	want = strings.TrimLeft(want, "*&")
	want = want[strings.LastIndex(want, ".")+1:]
	if want == "" {
		return syntax.Ref{}
	}
	for _, g := range p.Files {
		if g.Lang != "go" || g.Tree == nil || g.Role == project.Test {
			continue
		}
		for c := range g.Tree.Root().Descendants(syntax.Class) {
			if c.Str() == want {
				return c
			}
		}
	}
	return syntax.Ref{}
}

// setters are the statements that apply the pool settings of a struct, {} standing for the pool: those
// whose types are what the methods of the pool take.
func setters(class syntax.Ref, owner string) []string {
	types := map[string]string{}
	for field := range class.Descendants(syntax.Field) {
		types[field.Str()] = field.Child(syntax.TypeRole).Str()
	}
	if types["MaxOpenConns"] != "int" {
		return nil
	}
	var out []string
	for _, s := range []struct{ field, typ string }{{"MaxOpenConns", "int"}, {"MaxIdleConns", "int"}, {"ConnMaxLifetime", "time.Duration"}, {"ConnMaxIdleTime", "time.Duration"}} {
		switch t := types[s.field]; {
		case s.field == "MaxIdleConns" && t == s.typ:
			// Zero would keep no idle connection at all, where the default keeps two.
			out = append(out, "if n := "+owner+".MaxIdleConns; n > 0 {", "\t{}.SetMaxIdleConns(n)", "}")
		case t == s.typ:
			out = append(out, "{}.Set"+s.field+"("+owner+"."+s.field+")")
		case s.typ == "time.Duration" && strings.HasSuffix(t, ".Duration"):
			out = append(out, "{}.Set"+s.field+"("+owner+"."+s.field+".Duration)") // a wrapper that embeds it
		}
	}
	return out
}
