package clientnotimeout

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rewrite"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// edits writes the timeout into the code where that is mechanical.
func edits(f *project.File, s *client.Site) ([]patch.Edit, bool) {
	n, spec := s.Node, s.Spec
	one := func(e patch.Edit, ok bool) ([]patch.Edit, bool) { return []patch.Edit{e}, ok }
	if s.State == client.Infinite {
		return finite(f, s)
	}
	if len(spec.Statements) > 0 {
		if s.Statement.Kind() != syntax.Assign || s.Variable == "" || s.Statement.Role() != syntax.Stmt && s.Statement.Parent().Kind() != syntax.Block && s.Statement.Parent().Kind() != syntax.File {
			return nil, false
		}
		v := f.NodeText(s.Statement.Child(syntax.Target))
		if v == "" || strings.ContainsAny(v, " \n") || s.Statement.Str() == "||=" {
			return nil, false
		}
		var lines []string
		for _, l := range spec.Statements {
			lines = append(lines, strings.ReplaceAll(l, "{}", v))
		}
		return one(rewrite.After(f, s.Statement, lines...))
	}
	if spec.Lang == "go" && spec.Library == "http.DefaultClient" && n.Receiver().Dotted() == "http" {
		client := rewrite.Replace(f, n.Receiver(), "(&http.Client{Timeout: 30 * time.Second})")
		return withTime(f, []patch.Edit{client})
	}
	if spec.Argument == "" {
		return nil, false
	}
	switch spec.Lang {
	case "typescript", "php":
		return option(f, n, spec)
	case "go":
		e, ok := rewrite.Argument(f, n, spec.Argument)
		if !ok {
			return nil, false
		}
		return withTime(f, []patch.Edit{e})
	}
	return one(rewrite.Argument(f, n, spec.Argument))
}

// option adds a key to the map of options of a call, or the map itself.
func option(f *project.File, n syntax.Ref, spec *client.Spec) ([]patch.Edit, bool) {
	args := n.Args()
	at := spec.OptionsAt
	switch {
	case at == 0, len(args) < at-1:
		return nil, false
	case len(args) >= at:
		if !args[at-1].Is(syntax.Map) {
			return nil, false
		}
		e, ok := rewrite.Argument(f, args[at-1], spec.Argument)
		return []patch.Edit{e}, ok
	}
	text := "{ " + spec.Argument + " }"
	if spec.Lang == "php" {
		text = "[" + spec.Argument + "]"
		if strings.HasPrefix(spec.Argument, "stream_context_create") {
			text = spec.Argument
			if len(args) == 1 {
				text = "false, " + text
			}
		}
	} else if at == 1 && len(args) == 0 && !strings.HasSuffix(strings.TrimSpace(f.NodeText(n)), ")") {
		return nil, false
	}
	if strings.HasPrefix(spec.Argument, "stream_context_create") && len(args) > 2 {
		return nil, false
	}
	e, ok := rewrite.Argument(f, n, text)
	return []patch.Edit{e}, ok
}

// finite replaces a literal that means for ever.
func finite(f *project.File, s *client.Site) ([]patch.Edit, bool) {
	v := s.Value
	if !v.Ok() || !v.Is(syntax.Number, syntax.Nil, syntax.Bool) {
		return nil, false
	}
	text := ""
	switch s.Spec.Lang {
	case "java":
		if len(s.Node.Args()) > 1 {
			return nil, false // the unit stands beside it
		}
		text = "60_000"
	case "typescript":
		text = "60_000"
	case "python", "ruby", "php":
		text = "60"
	case "go":
		e := rewrite.Replace(f, v, "60 * time.Second")
		return withTime(f, []patch.Edit{e})
	}
	return []patch.Edit{rewrite.Replace(f, v, text)}, text != ""
}

func withTime(f *project.File, edits []patch.Edit) ([]patch.Edit, bool) {
	e, ok, needed := rewrite.GoImport(f, "time")
	if !ok {
		return nil, false
	}
	if needed {
		edits = append(edits, e)
	}
	return edits, true
}
