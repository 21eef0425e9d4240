package trigger

import (
	"path"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Development reports whether a node of Java belongs to a bean of Spring that exists on the machines of
// developers and in tests only: of a profile for them, or behind a property that is off unless set and
// that only the files of such profiles switch on. A class that is no bean itself is judged by the bean
// methods that make it.
func Development(p *project.Project, f *project.File, n syntax.Ref) bool {
	if f.Lang != "java" {
		return false
	}
	var class syntax.Ref
	for d := n.Enclosing(syntax.Func, syntax.Class); d.Ok(); d = d.Enclosing(syntax.Func, syntax.Class) {
		if developed(p, d) {
			return true
		}
		if class = d; d.Kind() == syntax.Func && annotated(d, "Bean") {
			return false
		}
	}
	if class.Kind() != syntax.Class || annotated(class, "Component", "Service", "Configuration", "Controller", "RestController", "Repository", "AutoConfiguration", "SpringBootApplication") {
		return false
	}
	return madeForDevelopment(p, class)
}

// madeForDevelopment reports whether every place that makes an object of a class is such a bean.
func madeForDevelopment(p *project.Project, class syntax.Ref) bool {
	made := false
	for _, f := range p.Files {
		if f.Tree == nil || f.Lang != "java" || skipped(f) || !f.Tree.Holds(class.Str()) {
			continue
		}
		for i := range f.Tree.Nodes {
			c := f.Tree.At(syntax.NodeID(i))
			if c.Kind() == syntax.Class && slices.ContainsFunc(slices.Collect(c.All(syntax.Super)), func(s syntax.Ref) bool { return s.Str() == class.Str() }) {
				return false
			}
			if c.Kind() != syntax.Call || !c.Has(syntax.FlagNew) || c.Str() != class.Str() || c.Inside(class) {
				continue
			}
			bean := false
			for d := c.Enclosing(syntax.Func, syntax.Class); d.Ok() && !bean; d = d.Enclosing(syntax.Func, syntax.Class) {
				bean = developed(p, d)
			}
			if !bean {
				return false
			}
			made = true
		}
	}
	return made
}

func annotated(n syntax.Ref, names ...string) bool {
	for d := range n.All(syntax.Decorator) {
		if slices.Contains(names, d.Str()) {
			return true
		}
	}
	return false
}

// developed reads the conditions of one declaration.
func developed(p *project.Project, decl syntax.Ref) bool {
	for d := range decl.All(syntax.Decorator) {
		switch d.Str() {
		case "Profile":
			if names := texts(d, "value"); len(names) > 0 && !slices.ContainsFunc(names, func(s string) bool { return !developers(s) }) {
				return true
			}
		case "ConditionalOnProperty":
			if switchedOn(p, d) {
				return true
			}
		}
	}
	return false
}

// developers reports whether a profile is one of developers or tests.
func developers(profile string) bool {
	switch strings.ToLower(profile) {
	case "dev", "development", "test", "local":
		return true
	}
	return false
}

// texts are the strings of an argument of an annotation, or of the argument without a name. One that
// is not a literal leaves none.
func texts(d syntax.Ref, names ...string) []string {
	var out []string
	for a := range d.All(syntax.Arg) {
		if a.Kind() == syntax.Pair {
			if !slices.Contains(names, a.Str()) {
				continue
			}
			a = a.Child(syntax.Value)
		} else if !slices.Contains(names, "value") {
			continue
		}
		list := []syntax.Ref{a}
		if a.Kind() == syntax.List {
			list = slices.Collect(a.All(syntax.Elem))
		}
		for _, v := range list {
			if v.Kind() != syntax.String || v.Str() == "" {
				return nil
			}
			out = append(out, v.Str())
		}
	}
	return out
}

// switchedOn reports whether the property of a condition is off unless set, and set by files of
// profiles for development alone.
func switchedOn(p *project.Project, d syntax.Ref) bool {
	for a := range d.All(syntax.Arg) {
		if a.Str() == "matchIfMissing" && !(a.Child(syntax.Value).Kind() == syntax.Bool && a.Child(syntax.Value).Str() == "false") {
			return false
		}
	}
	names := texts(d, "value", "name")
	if len(names) != 1 {
		return false
	}
	key, wanted := names[0], ""
	if prefix := texts(d, "prefix"); len(prefix) == 1 {
		key = strings.TrimSuffix(prefix[0], ".") + "." + key
	}
	if having := texts(d, "havingValue"); len(having) == 1 {
		wanted = having[0]
	}
	variable := strings.ToUpper(strings.NewReplacer(".", "_", "-", "").Replace(key))
	found := false
	for _, f := range p.Files {
		if skipped(f) || f.Size > 1<<18 {
			continue
		}
		stem := strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path))
		if stem != "application" && stem != "bootstrap" && !strings.HasPrefix(stem, "application-") {
			// The environment of a container, or a flag of its command.
			if f.Tree == nil && f.Doc != nil {
				if s := string(f.Source()); strings.Contains(s, variable) || strings.Contains(s, key) {
					return false
				}
			}
			continue
		}
		if f.Doc == nil {
			continue
		}
		set, ok := f.Doc.Settings().Relaxed(key)
		if !ok {
			continue
		}
		value := strings.Trim(set.Value, `"' `)
		if value == "false" && wanted != "false" || wanted != "" && !strings.EqualFold(value, wanted) && !strings.Contains(value, "${") {
			continue
		}
		if !developers(strings.TrimPrefix(stem, "application-")) {
			return false
		}
		found = true
	}
	return found
}
