package render

import (
	"fmt"

	"github.com/napkin-infra/napkin/engine/datadiff"
)

// tally counts what the headline tells of.
type tally struct {
	tables, differ, unknown int
	rows                    int64 // that differ
	apart                   int   // tables with columns that stand on one side only
	computed                int   // columns that were not compared because their side computes them
	missing                 int   // tables that stand on one side only
	sampled                 bool
	looks                   bool // schemas differ, whatever in
}

func (s *Summary) tally() tally {
	n := tally{tables: len(s.Tables), missing: len(s.OnlyA) + len(s.OnlyB)}
	for i := range s.Tables {
		t := &s.Tables[i]
		switch t.Verdict {
		case datadiff.Different:
			n.differ++
			if t.oneSided() > 0 {
				n.apart++
			}
		case datadiff.Unknown:
			n.unknown++
		}
		n.rows += t.Differences.All()
		n.computed += len(t.Computed)
		n.sampled = n.sampled || t.Sample != nil
		n.looks = n.looks || len(t.Schema) > 0
	}
	return n
}

// headline is the verdict of the comparison in one sentence, or two.
func (s *Summary) headline() string {
	n := s.tally()
	if s.Interrupted {
		return "Interrupted before the answer was known."
	}
	what := ""
	switch {
	case s.Verdict == datadiff.Equal:
		what = s.equal(n)
	case s.SchemaOnly && n.differ > 0 && n.tables == 1:
		what = "Different: the schemas differ."
	case s.SchemaOnly && n.differ > 0:
		what = fmt.Sprintf("Different: the schemas of %d of %s differ.", n.differ, plural(int64(n.tables), "table"))
	case n.differ > 0 && n.tables == 1:
		what = s.oneDiffers(n)
	case n.differ > 0 && n.rows > 0:
		what = fmt.Sprintf("Different: %s in %d of %d tables.", plural(n.rows, "row"), s.rowsIn(), n.tables)
		if n.apart > 0 {
			what += fmt.Sprintf(" In %s columns stand on one side only.", plural(int64(n.apart), "table"))
		}
	case n.differ > 0:
		what = fmt.Sprintf("Different: in %d of %d tables columns stand on one side only; in the columns that both sides have, no row differs.", n.apart, n.tables)
	case n.unknown == 0:
		what = "Different: not every table stands on both sides."
	}
	if n.missing > 0 && n.differ > 0 {
		what += " " + plural(int64(n.missing), "table") + isWas(int64(n.missing), " stands", " stand") + " on one side only."
	}
	if n.unknown == 0 && len(s.Unseen) > 0 && s.Verdict == datadiff.Unknown {
		return "Could not tell: an account may not see every table. Of those that it sees: " + s.equal(n)
	}
	if n.unknown == 0 {
		return what
	}
	could := "Could not tell"
	if n.tables > 1 {
		could += fmt.Sprintf(" for %d of %d tables", n.unknown, n.tables)
	}
	if what == "" {
		return could + "."
	}
	return could + ". " + what
}

// equal is the headline of sides between which nothing differs.
func (s *Summary) equal(n tally) string {
	noun := "rows"
	if s.SchemaOnly {
		noun = "schemas"
	}
	of := ""
	if n.tables != 1 {
		of = fmt.Sprintf(" of all %d tables", n.tables)
	}
	left := ""
	if n.computed > 0 {
		left = fmt.Sprintf("; %s not compared", plural(int64(n.computed), "computed column")+isWas(int64(n.computed), " was", " were"))
	}
	switch {
	case n.tables == 0:
		return "Equal: neither side has a table."
	case n.sampled:
		return "No difference in the sample" + of + left + "."
	case s.SchemaOnly && n.looks:
		return "Equal: the schemas" + of + " differ in looks only."
	case left != "":
		return "Equal in the columns that both sides have" + left + "."
	}
	return "Equal: the " + noun + of + " are the same on both sides."
}

// oneDiffers is the headline of one table that differs.
func (s *Summary) oneDiffers(n tally) string {
	t := &s.Tables[0]
	rows := plural(n.rows, "row") + isWas(n.rows, " differs", " differ")
	if t.Limited {
		rows = "at least " + rows
	}
	where := t.standsWhere()
	switch {
	case where == "":
		return "Different: " + rows + "."
	case n.rows > 0:
		return "Different: " + rows + ", and " + where + "."
	}
	return "Different: " + where + "; in the columns that both sides have, no row differs."
}

// rowsIn is the number of tables in which rows differ.
func (s *Summary) rowsIn() int {
	n := 0
	for i := range s.Tables {
		if s.Tables[i].Verdict == datadiff.Different && s.Tables[i].Differences.All() > 0 {
			n++
		}
	}
	return n
}
