package unbatchedmutation

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// insertBehind puts a link of a method chain behind a node.
func insertBehind(f *project.File, n syntax.Ref, text string) []patch.Edit {
	at := int(n.End())
	return []patch.Edit{{Path: f.Path, Start: at, End: at, New: text}}
}
