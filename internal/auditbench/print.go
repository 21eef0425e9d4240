package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"time"
)

// stratum is the figures of the cases that need the same kind of analysis.
type stratum struct {
	Name    string `json:"name"`
	Cases   int    `json:"cases"`
	Hits    int    `json:"hits"`
	Silent  int    `json:"silent"`
	Patched int    `json:"patched"`
}

func (s stratum) recall() float64 { return share(s.Hits, s.Cases) }

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// bar is one figure that the audit has to reach.
type bar struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Want  float64 `json:"want"`
	Most  bool    `json:"most"` // Want is the greatest allowed value, not the least
	Void  bool    `json:"void"` // there was no case to measure it by
}

func (b bar) ok() bool {
	if b.Most {
		return b.Value <= b.Want
	}
	return b.Value >= b.Want
}

// Summary is the figures of a run.
type Summary struct {
	Strata     []stratum `json:"strata"`
	Categories []stratum `json:"categories"`
	Total      stratum   `json:"total"`
	AllGone    int       `json:"all_gone"` // hits of which every matching finding is gone on the fix
	Trees      int       `json:"trees"`
	Visible    int       `json:"visible"`
	Lines      int       `json:"lines"`
	NotAtHand  int       `json:"not_at_hand"`
	Bars       []bar     `json:"bars"`
}

func (s *Summary) passes() bool {
	for _, b := range s.Bars {
		if !b.Void && !b.ok() {
			return false
		}
	}
	return s.Total.Cases > 0
}

func summarize(outcomes []*Outcome) *Summary {
	s := &Summary{Total: stratum{Name: "all"}}
	by, cats := map[string]*stratum{}, map[string]*stratum{}
	seen := map[string]bool{}
	patchable := stratum{}
	for _, o := range outcomes {
		if o.Missing != "" {
			s.NotAtHand++
			continue
		}
		for _, st := range []*stratum{entry(by, o.Case.Needs), entry(cats, o.Case.Category), &s.Total} {
			st.count(o)
		}
		switch o.Case.Needs {
		case "local", "config", "schema":
			patchable.count(o)
		}
		if o.Hit() && len(o.Stay) == 0 {
			s.AllGone++
		}
		if tree := o.Case.Repo + o.Case.Parent; !seen[tree] {
			seen[tree] = true
			s.Trees++
			s.Visible += o.Visible
			s.Lines += o.Lines
		}
	}
	s.Strata, s.Categories = values(by), values(cats)
	at := func(name string) stratum {
		if st := by[name]; st != nil {
			return *st
		}
		return stratum{}
	}
	recall := func(name string, st stratum, want float64) bar {
		return bar{Name: "recall, " + name, Value: st.recall(), Want: want, Void: st.Cases == 0}
	}
	perKLOC := 0.0
	if s.Lines > 0 {
		perKLOC = float64(s.Visible) / (float64(s.Lines) / 1000)
	}
	s.Bars = []bar{
		recall("local", at("local"), 0.80), recall("schema", at("schema"), 0.80), recall("cross-file", at("cross-file"), 0.50), recall("overall", s.Total, 0.60),
		{Name: "silent on the fix, of the hits", Value: share(s.Total.Silent, s.Total.Hits), Want: 0.92, Void: s.Total.Hits == 0},
		{Name: "visible findings per 1,000 lines of code that is not test code", Value: perKLOC, Want: 0.4, Most: true, Void: s.Lines == 0},
		{Name: "hits in local, config and schema with a patch that applies, parses and silences", Value: share(patchable.Patched, patchable.Hits), Want: 0.5, Void: patchable.Hits == 0},
	}
	return s
}

func (st *stratum) count(o *Outcome) {
	st.Cases++
	if !o.Hit() {
		return
	}
	st.Hits++
	if o.Silent() {
		st.Silent++
	}
	if o.Patched() {
		st.Patched++
	}
}

func entry(m map[string]*stratum, name string) *stratum {
	if m[name] == nil {
		m[name] = &stratum{Name: name}
	}
	return m[name]
}

func values(m map[string]*stratum) []stratum {
	var out []stratum
	for _, s := range m {
		out = append(out, *s)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Cases != out[j].Cases {
			return out[i].Cases > out[j].Cases
		}
		return out[i].Name < out[j].Name
	})
	return out
}

func percent(v float64) string { return fmt.Sprintf("%.0f %%", 100*v) }

func writeMarkdown(w io.Writer, outcomes []*Outcome, s *Summary) {
	fmt.Fprintf(w, "## The audit on bugs that projects fixed\n\n%s\n\n", matchRule)
	fmt.Fprintf(w, "%d cases, %d run on %d trees, %d not at hand.\n\n", len(outcomes), s.Total.Cases, s.Trees, s.NotAtHand)
	fmt.Fprintf(w, "| bar | measured | wanted | |\n| --- | ---: | ---: | --- |\n")
	for _, b := range s.Bars {
		value, want, sign, verdict := percent(b.Value), percent(b.Want), "at least ", "met"
		if b.Most {
			value, want, sign = fmt.Sprintf("%.2f", b.Value), fmt.Sprintf("%.2f", b.Want), "at most "
		}
		if b.Void {
			value, verdict = "-", "no case"
		} else if !b.ok() {
			verdict = "**missed**"
		}
		fmt.Fprintf(w, "| %s | %s | %s%s | %s |\n", b.Name, value, sign, want, verdict)
	}
	fmt.Fprintf(w, "\nOf %d hits, %d have every matching finding gone on the fix. %d findings on %d lines.\n", s.Total.Hits, s.AllGone, s.Visible, s.Lines)
	for _, table := range []struct {
		head string
		rows []stratum
	}{{"needs", append(append([]stratum(nil), s.Strata...), s.Total)}, {"category", s.Categories}} {
		fmt.Fprintf(w, "\n| %s | cases | hits | recall | silent | patched |\n| --- | ---: | ---: | ---: | ---: | ---: |\n", table.head)
		for _, st := range table.rows {
			fmt.Fprintf(w, "| %s | %d | %d | %s | %d | %d |\n", st.Name, st.Cases, st.Hits, percent(st.recall()), st.Silent, st.Patched)
		}
	}
	fmt.Fprintf(w, "\n| case | repository | category | needs | place | result | found by | patch |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, o := range outcomes {
		if o.Missing == "" {
			fmt.Fprintf(w, "| %s | %s | %s | %s | %s:%d | %s | %s | %s |\n", o.Case.ID, o.Case.Repo, o.Case.Category, o.Case.Needs, o.Case.File, o.Case.Start, verdict(o), foundBy(o), patchText(o))
		}
	}
	perRepo(w, outcomes)
	missing := map[string][]string{}
	for _, o := range outcomes {
		if o.Missing != "" {
			key := o.Case.Repo + ": " + o.Missing
			missing[key] = append(missing[key], o.Case.ID)
		}
	}
	if len(missing) > 0 {
		fmt.Fprintf(w, "\nNot run:\n\n")
		for _, key := range sortedKeys(missing) {
			fmt.Fprintf(w, "- %s (%s)\n", key, strings.Join(missing[key], ", "))
		}
	}
}

// perRepo shows where the volume of findings comes from.
func perRepo(w io.Writer, outcomes []*Outcome) {
	type row struct {
		trees, visible, lines int
		took                  time.Duration
	}
	rows := map[string]*row{}
	seen := map[string]bool{}
	for _, o := range outcomes {
		if o.Missing != "" || seen[o.Case.Repo+o.Case.Parent] {
			continue
		}
		seen[o.Case.Repo+o.Case.Parent] = true
		if rows[o.Case.Repo] == nil {
			rows[o.Case.Repo] = &row{}
		}
		r := rows[o.Case.Repo]
		r.trees, r.visible, r.lines, r.took = r.trees+1, r.visible+o.Visible, r.lines+o.Lines, r.took+o.Took
	}
	fmt.Fprintf(w, "\n| repository | trees | findings a tree | lines a tree | findings per 1,000 lines | seconds a tree |\n| --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, name := range sortedKeys(rows) {
		r := rows[name]
		n := float64(r.trees)
		fmt.Fprintf(w, "| %s | %d | %.0f | %.0f | %.2f | %.1f |\n", name, r.trees, float64(r.visible)/n, float64(r.lines)/n, 1000*share(r.visible, max(r.lines, 1)), r.took.Seconds()/n)
	}
}

func foundBy(o *Outcome) string {
	rules := map[string]bool{}
	for _, f := range o.Hits {
		rules[f.Rule] = true
	}
	return strings.Join(sortedKeys(rules), ", ")
}

func patchText(o *Outcome) string {
	switch {
	case !o.Hit():
		return ""
	case o.Patched():
		return "good"
	case len(o.Patches) == 0:
		return "none"
	}
	first, _, _ := strings.Cut(o.Patches[0].Problem, "\n")
	return strings.ReplaceAll(first, "|", "\\|")
}

// writeDetails shows one case with what matched and what came near.
func writeDetails(w io.Writer, o *Outcome) {
	c := o.Case
	fmt.Fprintf(w, "%s  %s  %s  needs %s\n%s:%d-%d\n%s\n%s\nparent %s, fix %s\n\n", c.ID, c.Repo, c.Category, c.Needs, c.File, c.Start, c.End, c.Why, c.Subject, c.Parent, c.Fix)
	if len(o.Targets) > 0 {
		fmt.Fprintf(w, "indexes that the fix adds: %s\n\n", strings.Join(o.Targets, ", "))
	}
	fmt.Fprintf(w, "result: %s (%d findings on %d lines in %.1f s)\n", verdict(o), o.Visible, o.Lines, o.Took.Seconds())
	section(w, "matched", o.Hits)
	section(w, "of these still reported on the fix", o.Stay)
	for _, p := range o.Patches {
		fmt.Fprintf(w, "\npatch of %s: applies %v, parses %v, silences %v %s\n", p.Title, p.Applies, p.Parses, p.Silences, p.Problem)
	}
	section(w, "near", o.Near)
}

func section(w io.Writer, name string, findings []Finding) {
	if len(findings) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s:\n", name)
	for i, f := range findings {
		if i == 30 {
			fmt.Fprintf(w, "  and %d more\n", len(findings)-i)
			break
		}
		title := f.Title
		if f.Hidden {
			title = "(in the appendix only)"
		}
		fmt.Fprintf(w, "  %s (%s) %s\n", f.Rule, f.Category, title)
		for j, p := range f.Places {
			if j == 4 {
				fmt.Fprintf(w, "    and %d more places\n", len(f.Places)-j)
				break
			}
			fmt.Fprintf(w, "    %s:%d-%d\n", p.Path, p.Start, p.End)
		}
		if f.Table != "" {
			fmt.Fprintf(w, "    table %s, columns %s\n", f.Table, strings.Join(f.Columns, ", "))
		}
		if f.Patch != "" {
			fmt.Fprintf(w, "%s", indent(f.Patch))
		}
	}
}

func indent(s string) string {
	return "      " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n      ") + "\n"
}

func writeJSON(name string, outcomes []*Outcome, s *Summary) error {
	data, err := json.MarshalIndent(map[string]any{"match": matchRule, "families": families, "summary": s, "cases": outcomes}, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(data, '\n'), 0o644)
}

// writeChanges compares with the JSON of an earlier run.
func writeChanges(w io.Writer, name string, outcomes []*Outcome, s *Summary) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read the earlier run: %w", err)
	}
	var old struct {
		Summary *Summary   `json:"summary"`
		Cases   []*Outcome `json:"cases"`
	}
	if err := json.Unmarshal(data, &old); err != nil {
		return fmt.Errorf("%s is not what -json writes: %w", name, err)
	}
	if old.Summary == nil {
		return fmt.Errorf("%s is not what -json writes: it has no summary", name)
	}
	was := map[string]*Outcome{}
	for _, o := range old.Cases {
		was[o.Case.ID] = o
	}
	fmt.Fprintf(w, "\nSince %s: hits %d to %d, silent %d to %d, findings %d to %d on %d trees.\n\n", name,
		old.Summary.Total.Hits, s.Total.Hits, old.Summary.Total.Silent, s.Total.Silent, old.Summary.Visible, s.Visible, s.Trees)
	for _, o := range outcomes {
		before := was[o.Case.ID]
		if before == nil {
			fmt.Fprintf(w, "- %s: new case, %s\n", o.Case.ID, verdict(o))
		} else if a, b := verdict(before), verdict(o); a != b || before.Patched() != o.Patched() {
			fmt.Fprintf(w, "- %s %s %s: %s (patch %v) to %s (patch %v)\n", o.Case.ID, o.Case.Repo, o.Case.Category, a, before.Patched(), b, o.Patched())
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
