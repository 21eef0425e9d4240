package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/report"
)

// fingerprints gives every claim an identity that survives edits elsewhere in the file: rule, file,
// enclosing symbol and subject, and a number only where these are equal. No line is in it.
func (a *auditor) fingerprints() {
	seen := map[string]int{}
	for _, c := range a.found {
		key := c.Rule + "\x00" + c.Primary.File.Path + "\x00" + c.Primary.Symbol + "\x00" + c.Subject
		if c.Subject == "" {
			key += "\x00" + snippet(c.Finding)
		}
		seen[key]++
		if n := seen[key]; n > 1 {
			key += fmt.Sprintf("\x00%d", n)
		}
		c.print = digest(key)
	}
}

func digest(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:8])
}

// snippet is the first line of the primary place without white space.
func snippet(f *rule.Finding) string {
	lines := strings.SplitN(string(f.Primary.File.Source()), "\n", f.Primary.Line+1)
	if f.Primary.Line-1 < len(lines) && f.Primary.Line > 0 {
		return strings.Join(strings.Fields(lines[f.Primary.Line-1]), " ")
	}
	return ""
}

// fold joins claims of one rule and cause into one: one change ends them all. The claim with the
// highest priority speaks for the others.
func (a *auditor) fold(list []*claim) []*claim {
	byCause := map[string]*claim{}
	var out []*claim
	for _, c := range list {
		c.members = []*claim{c}
		if c.Cause == "" {
			out = append(out, c)
			continue
		}
		key := c.Rule + "\x00" + c.Cause
		lead := byCause[key]
		if lead == nil {
			byCause[key] = c
			out = append(out, c)
			continue
		}
		lead.members = append(lead.members, c)
	}
	for i, c := range out {
		if len(c.members) == 1 {
			continue
		}
		sort.SliceStable(c.members, func(x, y int) bool { return c.members[x].priority > c.members[y].priority })
		out[i] = systemic(c.members)
	}
	return out
}

// systemic makes the claim that stands for members of one cause.
func systemic(members []*claim) *claim {
	lead := members[0]
	f := *lead.Finding
	f.Title = fmt.Sprintf("%s, and %d more like it", firstOf(f.Title, lead.doc.Title), len(members)-1)
	if f.Together != "" {
		f.Title = fmt.Sprintf(f.Together, len(members))
	}
	f.Claim = fmt.Sprintf("%s The same cause shows in %d more %s, listed below.", strings.TrimSpace(f.Claim), len(members)-1, plural(len(members)-1, "place", "places"))
	f.Secondary = append([]rule.Place(nil), lead.Secondary...)
	f.Edits = append(f.Edits[:0:0], lead.Edits...)
	sql := f.Fix.SQL
	for _, m := range members[1:] {
		pl := m.Primary
		pl.Note = m.Title
		f.Secondary = append(f.Secondary, pl)
		f.Edits = append(f.Edits, m.Edits...)
		f.Evidence = max(f.Evidence, m.Evidence)
		if m.Fix.SQL != "" && !strings.Contains(sql, m.Fix.SQL) {
			sql = strings.TrimRight(sql, "\n") + "\n" + m.Fix.SQL
		}
		if back := m.Fix.Rollback; back != "" && !strings.Contains(f.Fix.Rollback, back) {
			f.Fix.Rollback = strings.TrimLeft(f.Fix.Rollback+"\n"+back, "\n")
		}
	}
	f.Fix.SQL = strings.TrimLeft(sql, "\n")
	c := &claim{Finding: &f, doc: lead.doc, members: members, priority: lead.priority * (1 + math.Log2(float64(len(members))))}
	c.print = digest(f.Rule + "\x00cause\x00" + lead.Cause)
	return c
}

func firstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// efforts weigh how much a fix asks of its owner.
var efforts = map[report.Effort]float64{report.OneLine: 1, report.OneFile: 2, report.Migration: 3, report.CrossTeam: 8}

// outage is the gain, in ms per event, that an outage mode counts for: a cliff has no average cost,
// so it is ranked by its blast radius.
var outage = map[report.Severity]float64{report.Critical: 2000, report.High: 600, report.Medium: 120, report.Low: 20}

// prioritize computes gain x confidence / effort for each claim.
func (a *auditor) prioritize(list []*claim) {
	for _, c := range list {
		gain := 0.0
		if c.Cost != nil {
			switch c.Cost.Unit {
			case "ms":
				gain = c.Cost.Now - c.Cost.Fixed
			case "MB":
				gain = (c.Cost.Now - c.Cost.Fixed) / 2 // allocating and collecting 1 MB of objects takes about half a millisecond
			}
			gain = min(max(gain, 0), 60_000) * often(c.Cost.Event)
			if a.opt.RPS > 0 && c.Cost.Event == "request" {
				gain *= math.Sqrt(a.opt.RPS / 10)
			}
		}
		if c.Cliff != "" {
			gain += outage[c.Severity]
		} else {
			gain += outage[c.Severity] / 20
		}
		effort := efforts[c.Effort]
		if effort == 0 {
			effort = 2
		}
		c.priority = gain * c.Confidence * (0.6 + 0.2*float64(c.Evidence)) / effort
	}
}

// often weighs how many times an event happens beside a request.
func often(event string) float64 {
	switch event {
	case "request", "query":
		return 1
	case "call":
		return 0.5
	case "job", "run", "poll":
		return 0.2
	case "delete of a parent row", "write":
		return 0.2
	case "call to a silent peer", "burst", "migration", "early exit":
		return 0.01 // rare; the outage mode weighs it
	}
	return 0.1
}
