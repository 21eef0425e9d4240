package audit

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules"
	"github.com/napkin-infra/napkin/foundation/report"
)

func info(r *rule.Rule) report.RuleInfo {
	return report.RuleInfo{ID: r.Doc.ID, Title: r.Doc.Title, Summary: r.Doc.Summary, Help: page(&r.Doc)}
}

// Explain returns the page of a rule as Markdown; for one that is planned, why it is not there yet.
func Explain(id string) (markdown string, ok bool) {
	for _, r := range rules.All {
		if r.Doc.ID == id {
			return page(&r.Doc), true
		}
	}
	for _, p := range rules.NotYet {
		if p.ID == id {
			return fmt.Sprintf("# %s: %s\n\nThis rule is in the catalogue and not implemented yet: %s.\n", p.ID, p.What, strings.TrimSuffix(p.Reason, ".")), true
		}
	}
	return "", false
}

// page writes a rule's documentation value as Markdown.
func page(d *rule.Doc) string {
	var sb strings.Builder
	fmt.Fprintf(&sb, "# %s: %s\n\n%s\n", d.ID, d.Title, d.Summary)
	section := func(title, text string) {
		if text != "" {
			fmt.Fprintf(&sb, "\n## %s\n\n%s\n", title, text)
		}
	}
	section("Why it matters", d.Why)
	section("How it breaks", d.Cliff)
	section("Cost", d.Cost)
	section("What to do", d.Fix)
	for _, e := range d.Examples {
		fmt.Fprintf(&sb, "\nBefore:\n\n```%s\n%s\n```\n", e.Lang, e.Before)
		if e.After != "" {
			fmt.Fprintf(&sb, "\nAfter:\n\n```%s\n%s\n```\n", e.Lang, e.After)
		}
	}
	section("How to prove it", d.Proof)
	section("When the finding is wrong", d.Wrong)
	if refs := d.References(""); len(refs) > 0 {
		sb.WriteString("\n## References\n\n")
		for _, r := range refs {
			fmt.Fprintf(&sb, "- [%s](%s)\n", r.Title, r.URL)
		}
	}
	fmt.Fprintf(&sb, "\nSeverity %s. Effort: %s. Reads: %s. Family: %s.\n", d.Severity, d.Effort, strings.Join(d.Langs, ", "), d.Category)
	return sb.String()
}
