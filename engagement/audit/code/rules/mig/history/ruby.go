package history

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Call finds the call of a Rails migration that a change was read from; no node where there is none.
func (s *Step) Call(c Change, names ...string) syntax.Ref {
	if s.File.Lang != "ruby" || s.File.Tree == nil {
		return syntax.Ref{}
	}
	for n := range s.File.Tree.Root().Descendants(syntax.Call) {
		if n.Line() != c.Place.Line {
			continue
		}
		for _, name := range names {
			if n.Str() == name && n.Arg(0).Str() != "" {
				return n
			}
		}
	}
	return syntax.Ref{}
}

// Append adds an option behind the last argument of a call.
func Append(f *project.File, call syntax.Ref, option string) (patch.Edit, bool) {
	args := call.Args()
	if len(args) == 0 {
		return patch.Edit{}, false
	}
	last := args[len(args)-1]
	if last.Kind() == syntax.Map && !strings.HasSuffix(f.NodeText(last), "}") || last.Kind() == syntax.Splat {
		return patch.Edit{}, false
	}
	at := int(last.End())
	return patch.Edit{Path: f.Path, Start: at, End: at, New: ", " + option}, true
}

// Outside makes a Rails migration run without a transaction. ok is false when it holds more than the
// kinds: what ran before a failure would stay.
func (s *Step) Outside(kinds ...schema.OpKind) (edits []patch.Edit, ok bool) {
	for _, op := range s.Migration.Ops {
		known := false
		for _, k := range kinds {
			known = known || op.Kind == k
		}
		if !known {
			return nil, false
		}
	}
	if !s.Migration.Transactional {
		return nil, true
	}
	for class := range s.File.Tree.Root().Descendants(syntax.Class) {
		src := s.File.Source()
		at := int(class.Start())
		for at < len(src) && src[at] != '\n' {
			at++
		}
		if at >= len(src) {
			return nil, false
		}
		return []patch.Edit{{Path: s.File.Path, Start: at + 1, End: at + 1, New: "  disable_ddl_transaction!\n\n"}}, true
	}
	return nil, false
}
