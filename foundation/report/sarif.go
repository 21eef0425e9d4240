package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"
)

const sarifSchemaURI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// GitHub's limits for an uploaded SARIF file (its documentation, "SARIF support for code scanning" and
// "SARIF results exceed one or more limits"). It rejects files over the hard limits and shows only part
// of what is over the soft ones, so we stop at what it shows: 5,000 results, 100 places a result, 10
// tags a rule, 1,024 characters of a description, 255 of a rule's name.
const (
	sarifMaxResults     = 5000
	sarifMaxLocations   = 100
	sarifMaxTags        = 10
	sarifMaxDescription = 1024
	sarifMaxName        = 255
)

// SARIF writes the findings as one SARIF 2.1.0 run for code scanning. Places are relative to
// %SRCROOT%. Fingerprints are the report's, also under the key that GitHub compares, so that an alert
// keeps its identity when lines move. Findings past the 5,000th are left out and a notification of the
// run says so. Findings fixed since the baseline are not written: a viewer that ignores baselineState
// would show them as present.
func SARIF(w io.Writer, r *Report) error {
	if r == nil {
		return errors.New("report: there is no report to write")
	}
	run := sarifRun{
		Tool:       sarifTool{Driver: sarifDriver{Name: orElse(line(r.Tool.Name), "napkin"), Version: line(r.Tool.Version)}},
		ColumnKind: "utf16CodeUnits",
		OriginalURIBases: map[string]sarifArtifact{
			"%SRCROOT%": {Description: &sarifText{Text: "The root of the audited source tree."}},
		},
		Results: []sarifResult{},
	}
	if v := strings.TrimPrefix(r.Tool.Version, "v"); semanticVersion.MatchString(v) {
		run.Tool.Driver.SemanticVersion = v
	}
	if r.Kind != "" {
		run.AutomationID = &sarifAutomation{ID: "napkin-" + line(r.Kind) + "/"}
	}
	var ruleIndex map[string]int
	run.Tool.Driver.Rules, ruleIndex = sarifRules(r)

	d := divide(r)
	invocation := sarifInvocation{Successful: true}
	if r.Verdict.Partial != "" {
		invocation.Notifications = append(invocation.Notifications,
			sarifNotification{Level: "warning", Message: sarifText{Text: "Partial run: " + line(r.Verdict.Partial)}})
	}
	all := append(append(append([]ranked(nil), d.body...), d.patterns...), d.suppressed...)
	if extra := len(all) - sarifMaxResults; extra > 0 {
		invocation.Notifications = append(invocation.Notifications, sarifNotification{Level: "warning",
			Message: sarifText{Text: fmt.Sprintf("%s of the lowest rank are left out to stay within code scanning's limit of %d.", plural(extra, "finding"), sarifMaxResults)}})
		all = all[:sarifMaxResults]
	}
	run.Invocations = []sarifInvocation{invocation}

	seen := make(map[string]int)
	for _, f := range all {
		seen[f.Fingerprint]++
		run.Results = append(run.Results, sarifResultOf(f, ruleIndex, seen[f.Fingerprint], r.Baseline != nil))
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(sarifLog{Schema: sarifSchemaURI, Version: "2.1.0", Runs: []sarifRun{run}}); err != nil {
		return fmt.Errorf("report: writing SARIF: %w", err)
	}
	return nil
}

var semanticVersion = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

// sarifRules lists the rules of the report, and those that only findings name, sorted by id.
func sarifRules(r *Report) ([]sarifRule, map[string]int) {
	type use struct {
		info       RuleInfo
		worst      Severity
		confidence float64
		found      bool
	}
	uses := make(map[string]*use)
	for _, info := range r.Rules {
		if _, ok := uses[info.ID]; !ok {
			uses[info.ID] = &use{info: info, worst: Medium}
		}
	}
	for _, f := range r.Findings {
		u, ok := uses[f.Rule]
		if !ok {
			u = &use{info: RuleInfo{ID: f.Rule, Title: f.Rule}}
			uses[f.Rule] = u
		}
		if !u.found || f.Severity.Rank() < u.worst.Rank() {
			u.worst = f.Severity
		}
		if f.Confidence > u.confidence {
			u.confidence = f.Confidence
		}
		u.found = true
	}
	ids := make([]string, 0, len(uses))
	for id := range uses {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	rules := make([]sarifRule, 0, len(ids))
	index := make(map[string]int, len(ids))
	for i, id := range ids {
		u := uses[id]
		index[id] = i
		title := orElse(line(u.info.Title), id)
		summary := orElse(line(u.info.Summary), title)
		help := block(orElse(u.info.Help, u.info.Summary))
		rules = append(rules, sarifRule{
			ID:               id,
			Name:             clip(pascal(id), sarifMaxName),
			ShortDescription: &sarifText{Text: clip(title, sarifMaxDescription)},
			FullDescription:  &sarifText{Text: clip(summary, sarifMaxDescription)},
			Help:             &sarifText{Text: orElse(help, title), Markdown: help},
			HelpURI:          webURL(u.info.URL),
			Default:          &sarifDefault{Level: sarifLevel(u.worst)},
			Properties: &sarifRuleBag{
				Tags:      ruleTags(r.Kind, id),
				Precision: precision(u.confidence),
				Severity:  map[string]string{"error": "error", "warning": "warning", "note": "recommendation"}[sarifLevel(u.worst)],
			},
		})
	}
	return rules, index
}

func sarifResultOf(f ranked, ruleIndex map[string]int, occurrence int, baseline bool) sarifResult {
	level := sarifLevel(f.Severity)
	if f.Evidence <= 0 {
		level = "note"
	}
	out := sarifResult{
		RuleID:    f.Rule,
		RuleIndex: ruleIndex[f.Rule],
		Level:     level,
		Message:   sarifText{Text: sarifMessage(f.Finding)},
		Locations: []sarifLocation{sarifLocationOf(f.Primary, f.Excerpt)},
		Properties: sarifResultBag{
			Evidence:   fmt.Sprintf("E%d", f.Evidence),
			Confidence: f.Confidence, Severity: f.Severity, Priority: f.Priority, Effort: f.Effort, Holds: f.Holds,
		},
	}
	if f.Cost != nil {
		out.Properties.Cost = strings.TrimSpace(f.Cost.change() + " " + f.Cost.per())
	}
	for i, p := range f.Secondary {
		if i+1 >= sarifMaxLocations {
			break
		}
		l := sarifLocationOf(p, nil)
		id := i + 1
		l.ID = &id
		if note := line(p.Note); note != "" {
			l.Message = &sarifPlainText{Text: note}
		}
		out.RelatedLocations = append(out.RelatedLocations, l)
	}
	if f.Fingerprint != "" {
		out.PartialFingerprints = map[string]string{
			"napkin/v1": f.Fingerprint,
			// GitHub tracks alerts by this key alone; the suffix tells equal fingerprints apart.
			"primaryLocationLineHash": fmt.Sprintf("%s:%d", f.Fingerprint, occurrence),
		}
	}
	switch f.Status {
	case StatusNew:
		out.BaselineState = "new"
	case StatusStill:
		out.BaselineState = "unchanged"
	case StatusSuppressed:
		out.Suppressions = []sarifSuppression{{Kind: "external", Status: "accepted", Justification: line(f.Suppressed)}}
		if baseline {
			out.BaselineState = "unchanged"
		}
	}
	if fix, ok := sarifFixOf(f.Fix); ok {
		out.Fixes = []sarifFix{fix}
	}
	return out
}

// sarifMessage is the claim, the cost and the fix: viewers show it whole, lists show its first sentence.
func sarifMessage(f *Finding) string {
	parts := []string{sentence(line(f.Title))}
	if claim := line(f.Claim); claim != "" {
		parts = append(parts, sentence(claim))
	}
	if f.Cost != nil {
		parts = append(parts, "Cost: "+strings.TrimSpace(f.Cost.change()+" "+f.Cost.per())+".")
	}
	if fix := line(f.Fix.Summary); fix != "" {
		parts = append(parts, "Fix: "+sentence(fix))
	}
	// SARIF messages give "[" and "{" a meaning (embedded links, placeholders).
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "{", "{{", "}", "}}").Replace(strings.Join(parts, " "))
}

func sarifLocationOf(p Place, e *Excerpt) sarifLocation {
	out := sarifLocation{Physical: &sarifPhysical{Artifact: sarifArtifact{URI: relativeURI(p.Path), URIBaseID: "%SRCROOT%"}}}
	if path.IsAbs(p.Path) { // outside of the root
		out.Physical.Artifact = sarifArtifact{URI: (&url.URL{Scheme: "file", Path: path.Clean(p.Path)}).String()}
	}
	// GitHub needs a region; a place without a line is the file, shown at its first line.
	out.Physical.Region = &sarifRegion{StartLine: max(1, p.StartLine), EndLine: max(1, p.StartLine, p.EndLine)}
	if e != nil && e.Path == p.Path && e.MarkFrom == p.StartLine && p.StartLine > 0 {
		from, to := p.StartLine-e.StartLine, p.EndLine-e.StartLine+1
		if from >= 0 && to > from && to <= len(e.Lines) {
			out.Physical.Region.Snippet = &sarifPlainText{Text: strings.Join(e.Lines[from:to], "\n") + "\n"}
		}
	}
	if s := line(p.Symbol); s != "" {
		out.Logical = []sarifLogical{{Name: s}}
	}
	return out
}

// relativeURI is a path of the subject as a URI reference relative to its root. Anything that would
// leave the root is brought back into it.
func relativeURI(p string) string {
	p = strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(p, `\`, "/")), "/")
	segments := strings.Split(p, "/")
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	out := strings.Join(segments, "/")
	if first, _, _ := strings.Cut(out, "/"); strings.Contains(first, ":") {
		out = "./" + out // RFC 3986 4.2: a colon in the first segment would read as a scheme
	}
	return orElse(out, ".")
}

func sarifLevel(s Severity) string {
	switch s {
	case Critical, High:
		return "error"
	case Medium:
		return "warning"
	}
	return "note"
}

func precision(confidence float64) string {
	switch {
	case confidence >= 0.95:
		return "very-high"
	case confidence >= 0.8:
		return "high"
	case confidence >= 0.5:
		return "medium"
	}
	return "low"
}

// ruleTags are the kind of report and the rule's families: "db.n1-loop" gives "db".
func ruleTags(kind, id string) []string {
	tags := []string{"performance", "reliability"}
	if kind != "" {
		tags = append(tags, kind)
	}
	families := strings.Split(id, ".")
	tags = append(tags, families[:len(families)-1]...)
	if len(tags) > sarifMaxTags {
		tags = tags[:sarifMaxTags]
	}
	return tags
}

// pascal turns a rule id into the name that SARIF recommends: "db.n1-loop" gives "DbN1Loop".
func pascal(id string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(id, func(c rune) bool { return c == '.' || c == '-' || c == '_' || c == '/' || c == ' ' }) {
		first, n := utf8.DecodeRuneInString(word)
		b.WriteString(strings.ToUpper(string(first)) + word[n:])
	}
	return b.String()
}

// webURL is u when it is an absolute http or https address, else empty.
func webURL(u string) string {
	parsed, err := url.Parse(strings.TrimSpace(u))
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return ""
	}
	return parsed.String()
}

// clip cuts s at n characters, with an ellipsis as the last.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// sentence ends s with a full stop unless it ends with a mark already.
func sentence(s string) string {
	if s == "" || strings.ContainsRune(".!?:", rune(s[len(s)-1])) {
		return s
	}
	return s + "."
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
