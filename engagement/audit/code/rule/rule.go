// Package rule is the contract of an audit rule.
//
// A rule is one unit in one folder: its [Doc] value, its check and its testdata of annotated sources.
// The catalogue, `napkin explain`, docs/rules.md and the SARIF metadata all come from the Doc. A rule
// reads facts (trees, documents, schema, flow results) and reports; it never reads files, prints or
// keeps state between runs.
package rule

import (
	"maps"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Doc is what a rule says of itself.
type Doc struct {
	ID       string // "db.n1-relation"
	Title    string // imperative or noun phrase, no full stop: "Relation loaded once per row"
	Summary  string // one sentence: what it finds
	Why      string // what happens in production, with the mechanism
	Cost     string // the cost model in words and symbols: "R x (T + q) -> T + q"
	Fix      string // what to do
	Wrong    string // when the finding is wrong and how it is kept from being reported then
	Category string // family used to compare with mined bugs: "n-plus-1", "missing-index", ...
	Examples []Example
	Severity report.Severity // default
	Effort   report.Effort   // default
	Cliff    string          // the outage mode when there is one
	Proof    string          // how to prove in production that the fix worked
	Refs     []report.Reference
	LangRefs map[string][]report.Reference // references for one language only, shown with findings in it
	Langs    []string                      // languages and kinds it reads, for the catalogue
}

// References returns the references that fit a finding in a file of a language: the general ones and
// those of the language. An empty language asks for all.
func (d *Doc) References(lang string) []report.Reference {
	out := append([]report.Reference(nil), d.Refs...)
	switch lang {
	case "tsx", "javascript", "jsx", "vue", "svelte":
		lang = "typescript"
	case "erb", "haml", "slim":
		lang = "ruby"
	case "blade":
		lang = "php"
	}
	if lang != "" {
		return append(out, d.LangRefs[lang]...)
	}
	for _, l := range slices.Sorted(maps.Keys(d.LangRefs)) {
		out = append(out, d.LangRefs[l]...)
	}
	return out
}

// Example is a before/after pair.
type Example struct {
	Lang   string
	Before string
	After  string
}

// Rule is one check. Exactly one of File and Project is set.
type Rule struct {
	Doc Doc
	// File checks one file on its own. It is called for application, seed, script, template,
	// migration and config files whose language the rule lists (all when Langs is empty); tests,
	// generated and vendored files never reach it.
	File func(*Pass, *project.File)
	// Project checks what needs the whole code base.
	Project func(*Pass)
}

// Pass is one run of one rule over a project.
type Pass struct {
	*project.Project
	Flow *flow.Result // queries, eager loading, loops and effects found by the flow engine
	Cost *cost.Model
	Rule *Rule

	found []*Finding
}

// Finding is what a rule reports. The audit completes it (fingerprint, excerpt, defaults from Doc).
type Finding struct {
	Rule      string
	Title     string // overrides Doc.Title when set: name the subject ("orders.user_id has no index")
	Claim     string // what is wrong here, concrete, one to three sentences
	Primary   Place
	Secondary []Place
	// Subject names what it is about, independent of place: "orders.user_id", "Story#user". Together
	// with rule and symbol it makes the fingerprint.
	Subject string
	// Parts are the single facts of a claim that can be fixed one by one (the relation paths of a
	// query); each counts as a place of its own against a baseline. Optional.
	Parts []string
	// Table and Columns are set by schema rules, for comparing and merging with live statistics.
	Table   string
	Columns []string
	// Cause folds findings: equal non-empty causes become one systemic finding with many places
	// ("no-default-timeout:requests", "fk-unindexed:rails").
	Cause string
	// Together is the title of the finding that several of one cause fold into, with %d for their
	// number; empty for the title of the first and "N more like it".
	Together   string
	Evidence   int     // 0..4
	Confidence float64 // 0..1
	Severity   report.Severity
	// Minor marks a claim that is true and not worth a page: the appendix lists it.
	Minor   bool
	Effort  report.Effort
	Cost    *report.Cost
	Cliff   string
	Fix     report.Fix   // Patch is filled from Edits
	Edits   []patch.Edit // the patch as edits of the files; empty when a person must decide
	WrongIf string
}

// Place is a span in a file.
type Place struct {
	File    *project.File
	Line    int
	EndLine int
	Symbol  string
	Note    string
}

// At makes a place of a node.
func At(f *project.File, n syntax.Ref, note string) Place {
	return Place{File: f, Line: n.Line(), EndLine: n.EndLine(), Symbol: n.Symbol(), Note: note}
}

// LineAt makes a place of a line range.
func LineAt(f *project.File, line, endLine int, symbol, note string) Place {
	if endLine < line {
		endLine = line
	}
	return Place{File: f, Line: line, EndLine: endLine, Symbol: symbol, Note: note}
}

// NewPass prepares a run.
func NewPass(p *project.Project, r *flow.Result, m *cost.Model, rl *Rule) *Pass {
	return &Pass{Project: p, Flow: r, Cost: m, Rule: rl}
}

// Grows reports whether a table is likely to grow with use: it is not a list that people keep by hand
// (types, roles, settings) and not a tool's own. Rows given by the user decide first.
func (p *Pass) Grows(table string) bool {
	if p.Cost != nil {
		if rows, ok := p.Cost.Rows[strings.ToLower(schema.Unquote(table))]; ok {
			return rows >= cardinality.Handful
		}
	}
	return !cardinality.Of(p.Project).Table(table).Few()
}

// Report adds a finding. Findings without a primary file are dropped: a claim needs a place.
func (p *Pass) Report(f Finding) {
	if f.Primary.File == nil {
		return
	}
	if f.Rule == "" {
		f.Rule = p.Rule.Doc.ID
	}
	if f.Severity == "" {
		f.Severity = p.Rule.Doc.Severity
	}
	if f.Effort == "" {
		f.Effort = p.Rule.Doc.Effort
	}
	if f.Cliff == "" {
		f.Cliff = p.Rule.Doc.Cliff
	}
	if f.Confidence == 0 {
		f.Confidence = 0.8
	}
	p.found = append(p.found, &f)
}

// Run runs the rule and returns what it reported, in the order of files and lines.
func (p *Pass) Run() []*Finding {
	if p.Rule.Project != nil {
		p.Rule.Project(p)
		return p.found
	}
	for _, f := range p.Files {
		switch f.Role {
		case project.Test, project.Generated, project.Vendored, project.Docs:
			continue
		}
		if (f.Tree == nil && f.Doc == nil) || !p.reads(f.Lang) {
			continue
		}
		p.Rule.File(p, f)
	}
	return p.found
}

// RunFile runs a file rule on one file, by the same choice of files as Run, and returns what it
// reported there.
func (p *Pass) RunFile(f *project.File) []*Finding {
	switch f.Role {
	case project.Test, project.Generated, project.Vendored, project.Docs:
		return nil
	}
	if p.Rule.File == nil || (f.Tree == nil && f.Doc == nil) || !p.reads(f.Lang) {
		return nil
	}
	before := len(p.found)
	p.Rule.File(p, f)
	return p.found[before:]
}

func (p *Pass) reads(lang string) bool {
	if len(p.Rule.Doc.Langs) == 0 {
		return true
	}
	for _, l := range p.Rule.Doc.Langs {
		if l == lang || (l == "typescript" && (lang == "tsx" || lang == "javascript")) {
			return true
		}
	}
	return false
}
