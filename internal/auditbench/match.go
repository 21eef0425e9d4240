package main

// matchRule is printed with every result.
const matchRule = "A finding matches a case when its category is of the case's family and its primary or a secondary place lies in the case's file and overlaps the case's lines widened by 5; for missing indexes also when it names the table and the leading column of an index that the fix adds. A hit is silent on the fix when a finding that matched is no longer reported there: neither its fingerprint, nor, at its line carried through the diff, a claim of the same rule that the parent did not have."

const widen = 5

// Span is a range of lines in a file.
type Span struct {
	Path  string `json:"path"`
	Start int    `json:"start"`
	End   int    `json:"end"`
}

func (s Span) overlaps(path string, start, end int) bool {
	return s.Path == path && s.Start <= end && start <= s.End
}

// Finding is what the comparison needs of a finding.
type Finding struct {
	Rule        string   `json:"rule"`
	Category    string   `json:"category"`
	Title       string   `json:"title"`
	Fingerprint string   `json:"fingerprint"`
	Places      []Span   `json:"places"` // the first is the primary one
	Table       string   `json:"table,omitempty"`
	Columns     []string `json:"columns,omitempty"`
	Patch       string   `json:"patch,omitempty"`
	Hidden      bool     `json:"hidden,omitempty"` // listed in the appendix only
}

// matches returns the findings that match the case.
func matches(c Case, targets []indexTarget, findings []Finding) []Finding {
	var out []Finding
	for _, f := range findings {
		if !f.Hidden && family(f.Category) == family(c.Category) && (atPlace(c, f) || onTarget(f, targets)) {
			out = append(out, f)
		}
	}
	return out
}

func atPlace(c Case, f Finding) bool {
	for _, s := range f.Places {
		if s.overlaps(c.File, c.Start-widen, c.End+widen) {
			return true
		}
	}
	return false
}

func onTarget(f Finding, targets []indexTarget) bool {
	if f.Table == "" || len(f.Columns) == 0 {
		return false
	}
	for _, t := range targets {
		if t.isTable(f.Table) && t.isColumn(f.Columns[0]) {
			return true
		}
	}
	return false
}

// stays returns the finding of the later tree that still says what f said, nil when f is gone. An edit
// beside a claim can change its fingerprint, so a claim of the same rule that is new in the later tree
// and stands where f's line went counts as f.
func stays(f Finding, changes map[string]*fileDiff, before, after []Finding) *Finding {
	primary := f.Places[0]
	if d := changes[primary.Path]; d != nil {
		primary.Start, primary.End = d.mapLines(primary.Start, primary.End)
		primary.Path = d.newPath
	}
	known := map[string]bool{}
	for _, b := range before {
		known[b.Fingerprint] = true
	}
	for i := range after {
		g := &after[i]
		switch {
		case g.Rule != f.Rule || g.Hidden:
		case g.Fingerprint == f.Fingerprint,
			!known[g.Fingerprint] && g.Places[0].overlaps(primary.Path, primary.Start, primary.End):
			return g
		}
	}
	return nil
}
