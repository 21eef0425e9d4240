package unbatchedmutation

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// collects says why Django's delete() of a queryset loads every row first instead of sending one DELETE:
// a signal wants each object, or other rows hang on them. It is empty when nothing asks for the objects.
func collects(p *rule.Pass, m *flow.Model) string {
	if m == nil || m.Framework != "django" {
		return ""
	}
	if at := receivers(p.Project); at[""] || at[m.Name] {
		return "a delete signal has receivers"
	}
	for _, other := range p.Flow.Index.Models {
		if other.File == nil || other.Framework != "django" || other.File.Role == project.Test {
			continue
		}
		for _, rel := range other.Relations {
			if rel.Kind != flow.BelongsTo || flow.LastSegment(rel.Target) != m.Name || rel.Node.Keyword("to_field").Ok() {
				continue
			}
			on := rel.Node.Keyword("on_delete")
			if word := on.Str(); word != "" && word != "DO_NOTHING" && !strings.HasPrefix(word, "DB_") {
				return "rows of `" + other.Name + "` hang on them"
			}
		}
	}
	return ""
}

type receiversKey struct{}

// receivers are the models whose delete signals somebody receives; "" stands for all models.
func receivers(p *project.Project) map[string]bool {
	return p.Derive(receiversKey{}, func() any {
		out := map[string]bool{}
		for _, f := range p.Files {
			if f.Lang != "python" || f.Tree == nil || f.Role == project.Test || f.Role == project.Migration {
				continue
			}
			for c := range f.Tree.Root().Descendants(syntax.Call) {
				signal := false
				switch c.Str() {
				case "receiver":
					for n := range c.Arg(0).Descendants(syntax.Name, syntax.Member) {
						signal = signal || deletes(n.Str())
					}
					signal = signal || deletes(c.Arg(0).Str())
				case "connect":
					signal = deletes(c.Receiver().Str())
				}
				if signal {
					out[flow.LastSegment(c.Keyword("sender").Str())] = true
				}
			}
		}
		return out
	}).(map[string]bool)
}

func deletes(signal string) bool { return signal == "pre_delete" || signal == "post_delete" }
