// Package report is the one form in which every engagement of napkin states what it found.
//
// A [Report] is a plain tree of values. It is built once and rendered many times: to the terminal,
// Markdown, a single HTML file, canonical JSON and SARIF 2.1.0. The tree holds no clock reading and
// no absolute path, so the same input renders to the same bytes.
//
// The package knows nothing about how findings are made.
package report

// SchemaVersion is the version of the JSON form. It grows when a field is removed or changes meaning.
const SchemaVersion = 1

// Report is one engagement's answer. Findings are ranked: the first is the one to act on first.
type Report struct {
	SchemaVersion int        `json:"schema_version"`
	Tool          Tool       `json:"tool"`
	Kind          string     `json:"kind"`    // "audit", "review", "launch", ...
	Title         string     `json:"title"`   // headline of the document
	Subject       string     `json:"subject"` // what was looked at, by name, never an absolute path
	Verdict       Verdict    `json:"verdict"`
	System        []Fact     `json:"system,omitempty"` // the system as understood, so that errors of understanding show
	Budget        []Budget   `json:"budget,omitempty"`
	Findings      []Finding  `json:"findings"`
	Causes        []Cause    `json:"causes,omitempty"`
	Roadmap       Roadmap    `json:"roadmap"`
	Good          []string   `json:"good,omitempty"`     // what is done well
	Sections      []Appendix `json:"sections,omitempty"` // the body of a report that has no findings
	Coverage      Coverage   `json:"coverage"`
	Appendix      []Appendix `json:"appendix,omitempty"`
	Sources       []Source   `json:"sources,omitempty"` // where every figure comes from
	Limit         *Limit     `json:"-"`                 // the napkin line of this run; differs between runs, so not in the JSON
	Baseline      *Baseline  `json:"baseline,omitempty"`
	Rules         []RuleInfo `json:"rules,omitempty"` // metadata of every rule that reported
	// Claims are the fingerprints of all single claims, those of the appendix among them, sorted. A claim
	// that only moved between appendix and body is neither new nor fixed.
	Claims []string `json:"claims,omitempty"`
	// Unread are the files that should have been looked at and were not. What an earlier report found in
	// them is not fixed.
	Unread []string `json:"unread,omitempty"`
}

// Tool names the program that wrote the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Verdict is the first page: at most 150 words.
type Verdict struct {
	Headline   string   `json:"headline"`
	Paragraphs []string `json:"paragraphs,omitempty"`
	// Partial says why the run did not see everything it was asked to see; empty when it did.
	Partial string `json:"partial,omitempty"`
}

// Fact is one line of the system as understood, grouped for display.
type Fact struct {
	Group string `json:"group"`
	Name  string `json:"name"`
	Value string `json:"value"`
	Place *Place `json:"place,omitempty"`
}

// Budget compares one entry point's estimated work with its physical floor.
type Budget struct {
	Entry      string  `json:"entry"`
	Place      *Place  `json:"place,omitempty"`
	Statements float64 `json:"statements"` // database statements per request as written
	Floor      float64 `json:"floor"`      // statements that the same answer needs
	NowMS      float64 `json:"now_ms"`
	FloorMS    float64 `json:"floor_ms"`
}

// Severity orders findings for readers and for --fail-on.
type Severity string

// Severities, from worst to mildest.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// Rank returns 0 for Critical up to 3 for Low, and 4 for anything else.
func (s Severity) Rank() int {
	switch s {
	case Critical:
		return 0
	case High:
		return 1
	case Medium:
		return 2
	case Low:
		return 3
	}
	return 4
}

// Effort says how much a fix asks of its owner.
type Effort string

// Efforts, from least to most.
const (
	OneLine   Effort = "one line"
	OneFile   Effort = "one file"
	Migration Effort = "migration"
	CrossTeam Effort = "several teams"
)

// Finding is one claim with its evidence, cost, fix and proof.
type Finding struct {
	// Fingerprint identifies the finding across runs and edits: it does not contain a line number.
	Fingerprint string   `json:"fingerprint"`
	Rule        string   `json:"rule"`
	Title       string   `json:"title"`
	Severity    Severity `json:"severity"`
	Evidence    int      `json:"evidence"`   // 0..4, see docs/audit.md
	Confidence  float64  `json:"confidence"` // 0..1
	Effort      Effort   `json:"effort"`
	Claim       string   `json:"claim"` // what is wrong, one to three sentences
	Primary     Place    `json:"primary"`
	Secondary   []Place  `json:"secondary,omitempty"`
	Excerpt     *Excerpt `json:"excerpt,omitempty"`
	Cost        *Cost    `json:"cost,omitempty"`
	// Facts are what is known of the subject, by name: lock, work, versions.
	Facts []Fact `json:"facts,omitempty"`
	// Holds say how long statements of a migration hold their locks, one for each statement of which it is known.
	Holds      []Hold      `json:"holds,omitempty"`
	Cliff      string      `json:"cliff,omitempty"` // the outage mode; empty when cost grows smoothly
	Fix        Fix         `json:"fix"`
	Proof      string      `json:"proof,omitempty"`    // how to prove in production that the fix worked
	WrongIf    string      `json:"wrong_if,omitempty"` // what would make this finding wrong
	References []Reference `json:"references,omitempty"`
	Status     Status      `json:"status,omitempty"` // set only against a baseline
	// Suppressed is the owner's reason, and until when it holds; set when Status is StatusSuppressed.
	Suppressed string `json:"suppressed,omitempty"`
	// Members are the fingerprints of the single claims that were folded into this finding, by which it is
	// compared with an earlier report. Empty when the finding is one claim with its own fingerprint.
	Members  []string `json:"members,omitempty"`
	Priority float64  `json:"priority"` // gain x confidence / effort, see docs/audit.md
}

// members are the places besides the primary one that show the same problem, each with a fingerprint of
// its own.
func (f *Finding) members() []Place {
	var out []Place
	for _, p := range f.Secondary {
		if p.Fingerprint != "" {
			out = append(out, p)
		}
	}
	return out
}

// steps are the places that explain how the problem at the primary place comes about.
func (f *Finding) steps() []Place {
	var out []Place
	for _, p := range f.Secondary {
		if p.Fingerprint == "" {
			out = append(out, p)
		}
	}
	return out
}

// guessed holds for an outage mode whose cost rests on nothing that was read or given: its figures are
// one assumption set beside another, and the outage is what a reader must know.
func (f *Finding) guessed() bool {
	if f.Cliff == "" || f.Cost == nil || len(f.Cost.Inputs) == 0 {
		return false
	}
	for _, in := range f.Cost.Inputs {
		if in.Origin == Read || in.Origin == Flag {
			return false
		}
	}
	return true
}

// Status compares a finding with a baseline.
type Status string

// Statuses of a finding against a baseline.
const (
	StatusNew        Status = "new"
	StatusStill      Status = "still there"
	StatusFixed      Status = "fixed"
	StatusSuppressed Status = "suppressed"
)

// Place is a span of lines in a file of the subject. Lines count from 1; EndLine is inclusive.
type Place struct {
	Path        string `json:"path"`
	StartLine   int    `json:"start_line"`
	EndLine     int    `json:"end_line"`
	Symbol      string `json:"symbol,omitempty"` // enclosing function, table or resource
	Note        string `json:"note,omitempty"`   // what this place has to do with the finding
	Fingerprint string `json:"fingerprint,omitempty"`
}

// Excerpt is a piece of source shown with a finding; secrets are masked before it is stored.
type Excerpt struct {
	Path      string   `json:"path"`
	StartLine int      `json:"start_line"`
	Lines     []string `json:"lines"`
	MarkFrom  int      `json:"mark_from"` // first marked line, absolute
	MarkTo    int      `json:"mark_to"`   // last marked line, absolute, inclusive
}

// Cost is a finding's arithmetic. Now and Fixed are in Unit per event; Formula uses the names in Inputs.
type Cost struct {
	Now     float64 `json:"now"`
	Fixed   float64 `json:"fixed"`
	Unit    string  `json:"unit"`  // "ms", "MB", "statements", ...
	Event   string  `json:"event"` // "request", "job", "delete of a parent row", "deploy", ...
	Formula string  `json:"formula"`
	Inputs  []Input `json:"inputs"`
	// PerDay is the saving per day in Unit when the frequency is known or assumed, else 0.
	PerDay float64 `json:"per_day,omitempty"`
	// Dollars is the saving per month when a price applies, else 0.
	Dollars float64 `json:"dollars_per_month,omitempty"`
}

// Hold is how long a statement of a migration holds its lock in production.
type Hold struct {
	Path      string `json:"path"`
	StartLine int    `json:"start_line"`
	Lock      string `json:"lock,omitempty"` // the strongest, and on what
	// Low and High bound nine of ten runs, in seconds. Both are 0 where NotEstimated says why.
	Low  float64 `json:"low_seconds"`
	High float64 `json:"high_seconds"`
	// Floor is the time by base rates, in seconds, and Bound the work and the rate that decide it; 0 where no work grows with the
	// table. FloorHolds says that it is a bound from below; published rates give none.
	Floor      float64 `json:"floor_seconds,omitempty"`
	Bound      string  `json:"bound_by,omitempty"`
	FloorHolds bool    `json:"floor_holds,omitempty"`
	// Budget is after how many seconds of it the application stands still; 0 where its load is not known.
	Budget       float64 `json:"budget_seconds,omitempty"`
	Origin       Origin  `json:"origin"`
	Basis        string  `json:"basis"` // what was measured, or which rates were taken
	NotEstimated string  `json:"not_estimated,omitempty"`
}

// Origin says where a figure comes from.
type Origin string

// Origins of a figure.
const (
	Measured  Origin = "measured"  // on this machine
	Read      Origin = "read"      // from the user's own files or system
	Flag      Origin = "flag"      // given on the command line or in napkin.toml
	Published Origin = "published" // a published rate, with its date
	Assumed   Origin = "assumed"   // our assumption; change it with a flag
)

// Input is one figure that went into a cost.
type Input struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Origin Origin  `json:"origin"`
	Detail string  `json:"detail"` // file:line, the flag, the source and date, or how to replace the assumption
}

// Fix is what to do. Patch is a unified diff that git apply accepts, relative to the subject's root.
type Fix struct {
	Summary   string `json:"summary"`
	Patch     string `json:"patch,omitempty"`
	SQL       string `json:"sql,omitempty"`
	Behaviour string `json:"behaviour,omitempty"` // what the fix changes in behaviour
	Rollout   string `json:"rollout,omitempty"`
	Rollback  string `json:"rollback,omitempty"`
}

// Reference is a page that a reader may check.
type Reference struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// Cause folds findings that one change would end.
type Cause struct {
	Title    string   `json:"title"`
	Detail   string   `json:"detail"`
	Findings []string `json:"findings"` // fingerprints
}

// Roadmap orders the work.
type Roadmap struct {
	Now   []Step `json:"now,omitempty"`   // under an hour each
	Next  []Step `json:"next,omitempty"`  // this week
	Later []Step `json:"later,omitempty"` // this quarter
}

// Step is one line of a roadmap.
type Step struct {
	Title   string `json:"title"`
	Finding string `json:"finding,omitempty"` // fingerprint
	Effort  Effort `json:"effort"`
	Gain    string `json:"gain"`
}

// Coverage says what was and was not understood.
type Coverage struct {
	Rows  []CoverageRow `json:"rows,omitempty"`
	Notes []string      `json:"notes,omitempty"`
}

// CoverageRow counts one language or kind of file.
type CoverageRow struct {
	Kind    string `json:"kind"`
	Files   int    `json:"files"`
	Read    int    `json:"read"`
	Skipped int    `json:"skipped"`
	Lines   int    `json:"lines"`
	Note    string `json:"note,omitempty"`
}

// Appendix is a section of text and a table: of detail after the main body, or of the body itself.
type Appendix struct {
	Title string     `json:"title"`
	Text  string     `json:"text,omitempty"`
	Head  []string   `json:"head,omitempty"`
	Rows  [][]string `json:"rows,omitempty"`
	// Labels is after how many columns figures begin, which are set to the right; 0 where all columns are text.
	Labels int `json:"labels,omitempty"`
	// Chart or Lines draw figures of the rows; mostly both are nil. Each of Lines has a scale of its own.
	Chart *Intervals `json:"chart,omitempty"`
	Lines []*Lines   `json:"lines,omitempty"`
}

// Source names where a figure used in the report was taken from.
type Source struct {
	Figure string `json:"figure"`
	Value  string `json:"value"`
	Origin Origin `json:"origin"`
	Detail string `json:"detail"`
}

// Limit is the napkin line: the physical floor of the run and what it took. Durations in seconds.
type Limit struct {
	Seconds float64 `json:"seconds"`
	Bound   string  `json:"bound"` // what bounds it, with the arithmetic
	Took    float64 `json:"took"`
}

// Baseline counts findings against an earlier run.
type Baseline struct {
	Against string    `json:"against"`
	New     int       `json:"new"`
	Still   int       `json:"still"`
	Fixed   []Finding `json:"fixed"`
}

// RuleInfo is what SARIF and the appendix need to know of a rule.
type RuleInfo struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Summary string `json:"summary"`
	Help    string `json:"help"` // Markdown
	URL     string `json:"url,omitempty"`
}
