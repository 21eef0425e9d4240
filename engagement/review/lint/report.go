package lint

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Findings turns what the hazards found into findings of a report, folded by cause and ranked. known says
// of an impact whether it was measured, and on what.
func (w *Walker) Findings(known func(*statement.Action, *predict.Impact) (Evidence, string)) []report.Finding {
	var out []report.Finding
	place := map[string]int{} // cause -> index in out
	var parts [][]part        // of each of out
	var together []string
	count := map[string]int{}
	titles := map[string]string{}
	for i := range w.Found {
		f := &w.Found[i]
		made := w.finding(f, known)
		// What one file does again and again is one cause: the same hazard folds within a file.
		if f.Cause == "" {
			f.Cause, f.Together = f.File.Migration.Path, "%d statements: "+lowerFirst(f.Hazard.Doc.Title)
		}
		cause := f.Hazard.Doc.ID + "\x00" + f.Cause
		at, ok := place[cause]
		if !ok {
			place[cause] = len(out)
			count[cause] = 1
			titles[cause] = f.Together
			made.Members = []string{made.Fingerprint}
			out = append(out, made)
			parts = append(parts, []part{{f.Step, made}})
			together = append(together, f.Together)
			continue
		}
		count[cause]++
		parts[at] = append(parts[at], part{f.Step, made})
		head := &out[at]
		p := made.Primary
		p.Note, p.Fingerprint = made.Title+" ("+made.Facts[0].Value+"; "+made.Facts[1].Value+")", made.Fingerprint
		head.Secondary = append(head.Secondary, p)
		head.Members = append(head.Members, made.Fingerprint)
	}
	for cause, at := range place {
		f := &out[at]
		if count[cause] == 1 {
			f.Members = nil
			continue
		}
		f.Primary.Fingerprint = f.Members[0]
		if titles[cause] != "" {
			f.Title = fmt.Sprintf(titles[cause], count[cause])
		}
		f.Fingerprint = Fingerprint(f.Rule, "cause", cause)
		f.Primary.Note = cmp.Or(f.Primary.Note, f.Facts[0].Value+"; "+f.Facts[1].Value)
	}
	unique(out)
	w.folds = map[string]fold{}
	for i := range out {
		w.folds[out[i].Fingerprint] = fold{together[i], parts[i]}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := &out[i], &out[j]
		if x, y := a.Severity.Rank(), b.Severity.Rank(); x != y {
			return x < y
		}
		return a.Priority > b.Priority
	})
	return out
}

// StepsOf returns the statements that a finding of the last call of [Walker.Findings] is about, those of folded ones
// included.
func (w *Walker) StepsOf(f *report.Finding) []*Step {
	var out []*Step
	for _, p := range w.folds[f.Fingerprint].parts {
		if p.step != nil && !slices.Contains(out, p.step) {
			out = append(out, p.step)
		}
	}
	return out
}

// part is one of the findings that are folded into another.
type part struct {
	step *Step
	made report.Finding
}

// fold is what a finding was folded from.
type fold struct {
	together string // the title of several, with %d for their number
	parts    []part
}

// Retain brings a finding to the places that it still has, after some have been accepted: its title counts those, and
// [Walker.StepsOf] returns their statements only.
func (w *Walker) Retain(f *report.Finding) {
	whole, ok := w.folds[f.Fingerprint]
	if !ok || len(whole.parts) < 2 {
		return
	}
	var left []part
	for _, p := range whole.parts {
		at := func(o report.Place) bool {
			return o.Path == p.made.Primary.Path && o.StartLine == p.made.Primary.StartLine && o.Fingerprint == p.made.Fingerprint
		}
		if at(f.Primary) || slices.ContainsFunc(f.Secondary, at) {
			left = append(left, p)
		}
	}
	if len(left) == len(whole.parts) || len(left) == 0 {
		return
	}
	w.folds[f.Fingerprint] = fold{whole.together, left}
	f.Members = nil
	if len(left) == 1 {
		f.Title = left[0].made.Title
		return
	}
	for _, p := range left {
		f.Members = append(f.Members, p.made.Fingerprint)
	}
	if whole.together != "" {
		f.Title = fmt.Sprintf(whole.together, len(left))
	}
}

// lowerFirst makes a title part of a sentence; a keyword in capitals stays.
func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// unique tells apart findings of one rule with one subject in one file: the second gets a number.
func unique(list []report.Finding) {
	seen := map[string]int{}
	for i := range list {
		f := &list[i]
		seen[f.Fingerprint]++
		if n := seen[f.Fingerprint]; n > 1 {
			f.Fingerprint = Fingerprint(f.Fingerprint, fmt.Sprint(n))
		}
	}
}

// Fingerprint identifies a finding by what does not change when lines move: its rule, the path, and words
// that tell its subject.
func Fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:10])
}

// finding completes one finding from its documentation.
func (w *Walker) finding(f *Found, known func(*statement.Action, *predict.Impact) (Evidence, string)) report.Finding {
	d := &f.Hazard.Doc
	im := f.Impact
	evidence, detail := Documented, ""
	if im != nil && !im.Refused {
		evidence, detail = known(f.Action, im)
	}
	subject := f.Subject
	if subject == "" && im != nil {
		subject = im.Table
	}
	r := report.Finding{
		Rule: d.ID, Title: f.Title, Severity: d.Severity, Evidence: 1, Confidence: 0.9, Effort: d.Effort, Claim: f.Claim, WrongIf: d.Wrong, References: d.Refs,
		Fix: report.Fix{Summary: d.Fix},
	}
	if evidence == Measured {
		r.Confidence = 0.97
	}
	if im != nil && im.Unsure {
		r.Confidence = 0.6
	}
	if f.Sev != "" {
		r.Severity = f.Sev
	}
	if f.Fix != "" {
		r.Fix.Summary = f.Fix
	}
	if r.Title == "" {
		r.Title = d.Title
		if subject != "" {
			r.Title = subject + ": " + lowerFirst(d.Title)
		}
	}
	if r.Claim == "" {
		switch {
		case im == nil || f.Action == nil || im.Refused || !im.Effect.BlocksWrites() && im.Effect.Work == 0:
			r.Claim = d.Summary
		case im.Harm() && strings.HasPrefix(d.ID, "lock."):
			r.Claim = Sentence(im)
		default:
			r.Claim = d.Summary + " " + Sentence(im)
		}
	}
	r.Primary = f.place()
	r.Primary.Symbol = subject
	for _, also := range f.Also {
		p := stepPlace(also.Step)
		p.Note = also.Note
		r.Secondary = append(r.Secondary, p)
	}
	r.Excerpt = Excerpt(f.File.Migration, r.Primary)
	r.Facts = facts(d, im, evidence, detail, w.World.Server)
	if im != nil {
		r.Cost = w.cost(im)
		if im.Harm() {
			r.Cliff = BlocksText(im) + " of " + touched(im) + " queue for as long as the work takes, and with them everything behind in the connection pool"
		}
	}
	r.Fingerprint = Fingerprint(r.Rule, f.File.Migration.Path, subject, f.object())
	r.Priority = priority(&r, im)
	return r
}

// object is what of a table the finding is about.
func (f *Found) object() string {
	if f.Action != nil {
		return string(f.Action.Kind) + " " + f.Action.Name
	}
	return f.Subject
}

func (f *Found) place() report.Place {
	switch {
	case f.At != nil:
		return report.Place{Path: f.File.Migration.Path, StartLine: f.At.Line, EndLine: f.At.Line}
	case f.Step == nil:
		return report.Place{Path: f.File.Migration.Path, StartLine: 1, EndLine: 1}
	}
	p := stepPlace(f.Step)
	if f.Action != nil && f.Action.At.Line > p.StartLine {
		p.StartLine = f.Action.At.Line
	}
	return p
}

func stepPlace(st *Step) report.Place {
	return report.Place{Path: st.File.Migration.Path, StartLine: st.Statement.Start.Line, EndLine: st.Statement.End.Line}
}

func priority(r *report.Finding, im *predict.Impact) float64 {
	p := r.Confidence * 10
	if im != nil {
		if im.Effect.BlocksReads() {
			p += 5
		}
		if im.Effect.Work&effect.Rewrite != 0 {
			p += 3
		}
		if r.Cost != nil {
			p += min(100, r.Cost.Now/1000)
		}
	}
	return float64(int(p*100)) / 100
}

func facts(d *Doc, im *predict.Impact, evidence Evidence, detail string, server predict.Server) []report.Fact {
	work := d.Work
	lock := d.Lock
	if im != nil {
		work, lock = im.Effect.Work.String(), LockText(im)
		if im.Refused {
			work, lock = "none", "none, the server refuses it"
		}
	}
	if detail != "" {
		detail = string(evidence) + ": " + detail
	} else {
		detail = string(evidence)
	}
	return []report.Fact{
		{Group: "effect", Name: "lock", Value: lock}, {Group: "effect", Name: "work", Value: work}, {Group: "effect", Name: "blocks", Value: BlocksText(im)},
		{Group: "effect", Name: "versions", Value: d.Products + ", " + d.Versions}, {Group: "effect", Name: "evidence", Value: detail}, {Group: "effect", Name: "judged for", Value: server.String()},
	}
}

// cost is the time that the work takes at least, when the size of the table is known: rows by the rate of
// the dearest kind of work.
func (w *Walker) cost(im *predict.Impact) *report.Cost {
	size, ok := w.World.Size(im.Table)
	if !ok || size.Rows <= 0 || !im.Harm() {
		return nil
	}
	r, symbol := w.rateOf(im)
	if r.Value <= 0 {
		return nil
	}
	seconds := float64(size.Rows) / r.Value
	return &report.Cost{
		Now: seconds * 1000, Fixed: 0, Unit: "ms", Event: "deploy", Formula: "N / " + symbol,
		Inputs: []report.Input{
			{Name: "N", Value: float64(size.Rows), Unit: "rows", Origin: report.Read, Detail: "rows of " + im.Table + " by the statistics of the database"},
			{Name: symbol, Value: r.Value, Unit: "rows/s", Origin: report.Published, Detail: r.What + "; " + r.Provenance()},
		},
	}
}

// rateOf is the rate of the dearest kind of work, with its symbol; the zero value where it is not known.
func (w *Walker) rateOf(im *predict.Impact) (rate.Rate, string) {
	name, symbol := rate.PostgresScanRows, "S"
	switch {
	case im.Effect.Work&effect.Rewrite != 0:
		name, symbol = rate.PostgresInsertRows, "W"
	case im.Effect.Work&effect.IndexBuild != 0:
		name, symbol = rate.PostgresIndexBuild, "I"
	}
	r, _ := w.World.Rates.Get(name)
	return r, symbol
}

// Excerpt cuts the lines of a place; nil when the migration has no such lines.
func Excerpt(m *layout.Migration, at report.Place) *report.Excerpt {
	lines := strings.Split(strings.TrimPrefix(string(m.Source), "\uFEFF"), "\n")
	if at.StartLine < 1 || at.StartLine > len(lines) {
		return nil
	}
	const most, longest = 14, 240
	last := min(at.EndLine, len(lines))
	end := min(len(lines), min(last, at.StartLine+most)+1)
	from := max(1, at.StartLine-1)
	e := &report.Excerpt{Path: at.Path, StartLine: from, MarkFrom: at.StartLine, MarkTo: min(last, end)}
	for _, l := range lines[from-1 : end] {
		l = strings.TrimRight(l, "\r")
		if len(l) > longest {
			l = l[:longest] + "..."
		}
		e.Lines = append(e.Lines, strings.ToValidUTF8(l, "\uFFFD"))
	}
	return e
}
