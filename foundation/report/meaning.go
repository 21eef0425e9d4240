package report

import (
	"fmt"
	"strings"
)

// evidenceMeanings are the levels of docs/audit.md in one clause each.
var evidenceMeanings = [...]string{
	"pattern only: the text looks like the problem",
	"types, relations or schema agree with the pattern",
	"reached from a named entry point",
	"confirmed by live statistics (rows, calls)",
	"proven: counted in a run, by EXPLAIN, or by a patch that silences the check",
}

// EvidenceMeaning explains an evidence level E0 to E4 in one clause.
func EvidenceMeaning(level int) string {
	if level < 0 || level >= len(evidenceMeanings) {
		return "unknown level"
	}
	return evidenceMeanings[level]
}

// at is a place as "path:12" or "path:12-18".
func (p Place) at() string {
	switch {
	case p.StartLine <= 0:
		return p.Path
	case p.EndLine > p.StartLine:
		return fmt.Sprintf("%s:%d-%d", p.Path, p.StartLine, p.EndLine)
	}
	return fmt.Sprintf("%s:%d", p.Path, p.StartLine)
}

// lines are the lines of a place: "12" or "12-18".
func (p Place) lines() string {
	switch {
	case p.StartLine <= 0:
		return ""
	case p.EndLine > p.StartLine:
		return fmt.Sprintf("%d-%d", p.StartLine, p.EndLine)
	}
	return fmt.Sprint(p.StartLine)
}

// costLine is what a finding costs in one line of a table: its cost, or that it is an outage mode.
func (f *Finding) costLine() string {
	switch {
	case f.Cost != nil && !f.guessed():
		return strings.TrimSpace(f.Cost.change() + " " + f.Cost.per())
	case f.Cliff != "":
		return "outage risk"
	}
	return ""
}

// ranked is a finding with the number under which every renderer shows it.
type ranked struct {
	*Finding
	Rank int
}

// division sorts the findings by where a reader meets them: the numbered body, patterns without
// further evidence (E0), and those that the owner has suppressed. Order within each is the report's.
type division struct {
	body       []ranked
	patterns   []ranked
	suppressed []ranked
	rank       map[string]int // fingerprint -> number in the body
	sections   bool           // the report has a body of sections
}

func divide(r *Report) division {
	d := division{rank: make(map[string]int), sections: len(r.Sections) > 0}
	for i := range r.Findings {
		f := &r.Findings[i]
		switch {
		case f.Status == StatusSuppressed:
			d.suppressed = append(d.suppressed, ranked{Finding: f})
		case f.Status == StatusFixed:
			// Fixed findings are told by the baseline; one that strays in here is no claim.
		case f.Evidence <= 0:
			d.patterns = append(d.patterns, ranked{Finding: f})
		default:
			d.body = append(d.body, ranked{Finding: f, Rank: len(d.body) + 1})
			if f.Fingerprint != "" {
				d.rank[f.Fingerprint] = len(d.body)
			}
		}
	}
	return d
}

// ranksOf gives the numbers of the findings named by fingerprint, and how many of them are not in
// the body.
func (d division) ranksOf(fingerprints []string) (ranks []int, others int) {
	for _, fp := range fingerprints {
		if n, ok := d.rank[fp]; ok {
			ranks = append(ranks, n)
		} else {
			others++
		}
	}
	return ranks, others
}

// tally counts the body by severity, worst first, leaving out the empty ones.
func (d division) tally() []severityCount {
	var out []severityCount
	for _, s := range []Severity{Critical, High, Medium, Low} {
		n := 0
		for _, f := range d.body {
			if f.Severity == s {
				n++
			}
		}
		if n > 0 {
			out = append(out, severityCount{s, n})
		}
	}
	return out
}

type severityCount struct {
	Severity Severity
	N        int
}

// tallySentence is the tally as prose: "By severity: 2 critical, 5 high.". It is empty for a report whose
// body are sections. The headline has the sum.
func (d division) tallySentence() string {
	switch {
	case len(d.body) == 0 && d.sections:
		return ""
	case len(d.body) == 0:
		return "No findings."
	}
	words := d.tallyWords()
	if words == "" {
		return plural(len(d.body), "finding") + "."
	}
	return "By severity: " + words + "."
}

// tallyWords is the tally as a list: "2 critical, 5 high".
func (d division) tallyWords() string {
	var parts []string
	for _, c := range d.tally() {
		parts = append(parts, fmt.Sprintf("%s %s", count(c.N), c.Severity))
	}
	return strings.Join(parts, ", ")
}

// asideSentence says what is left out of the numbered body; empty when nothing is.
func (d division) asideSentence() string {
	var parts []string
	if n := len(d.patterns); n > 0 {
		parts = append(parts, plural(n, "pattern")+" without further evidence (E0)")
	}
	if n := len(d.suppressed); n > 0 {
		parts = append(parts, plural(n, "suppressed finding"))
	}
	if len(parts) == 0 {
		return ""
	}
	return "Not numbered: " + strings.Join(parts, ", ") + "."
}

// sentence says how the findings compare with the earlier run.
func (b *Baseline) sentence() string {
	against := b.Against
	if against == "" {
		against = "the earlier run"
	}
	return fmt.Sprintf("Against %s: %s new, %s still there, %s fixed.", against, count(b.New), count(b.Still), count(len(b.Fixed)))
}

// hasPatch reports whether the fix can be applied as it stands.
func (f Fix) hasPatch() bool { return strings.TrimSpace(f.Patch) != "" }

// effortLine is the effort and whether a patch is there: "one line, patch included".
func (f *Finding) effortLine() string {
	s := string(f.Effort)
	if f.Fix.hasPatch() {
		if s != "" {
			s += ", "
		}
		s += "patch included"
	}
	return s
}
