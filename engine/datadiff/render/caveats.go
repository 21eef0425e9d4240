package render

import (
	"fmt"
	"math"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// caveats are the sentences that limit the answer of a table, the weightiest first.
func caveats(t *Table, res *datadiff.Result, about About) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if t.Limited {
		say("The comparison ended at the limit of differences; there may be more.")
	}
	if s := t.Sample; s != nil {
		of := fmt.Sprintf("Only a sample was compared: %s of the key's ranges, drawn at random (%s).", percent(s.Share), plural(int64(t.Ranges), "range"))
		if s.Bound > 0 {
			of += fmt.Sprintf(" None of them differs, so with %s confidence fewer than %s of all ranges do.", percent(s.Confidence), percent(s.Bound))
		} else if t.Differences.All() > 0 {
			of += " The counts are those of the sample."
		}
		out = append(out, of)
	}
	if n := t.Differences.Moving; n > 0 {
		say("%s kept changing while %s read again: %s neither confirmed nor refuted. Compare again with a longer --recheck, or with --snapshot.", plural(n, "row"), isWas(n, "it was", "they were"), isWas(n, "it is", "they are"))
	}
	if n := t.Differences.SeenOnce; about.Recheck && n > 0 && t.Error == "" {
		if len(t.Key.Columns) == 0 {
			say("Rows without a key cannot be read again: %s seen once.", isWas(n, "this difference was", "these differences were"))
		} else {
			say("%s of %s %s not read again, because only so many are.", count(n), plural(t.Differences.All(), "difference"), isWas(n, "was", "were"))
		}
	}
	p := res.Pairing
	switch {
	case p.Key == 0:
		say("The tables have no key in common: whole rows were compared as a multiset, so that a row that changed is one only in A and one only in B. Name a key with --key if there is one.")
	case !p.Unique:
		say("The key (%s) is not known to be unique on both sides: rows that share it are matched by their values.", strings.Join(t.Key.Columns, ", "))
	}
	var inexact []string
	for _, f := range t.Columns {
		if f.Inexact {
			inexact = append(inexact, f.Name)
		}
	}
	if len(inexact) > 0 {
		say("Compared by the text that each product prints, so that equal values may show as different: %s.", strings.Join(inexact, ", "))
	}
	for _, f := range t.Columns {
		if f.Tolerance > 0 {
			say("In column %s, numbers at most %s apart count as equal.", f.Name, fmt.Sprint(f.Tolerance))
		}
	}
	out = append(out, notes(t.Columns)...)
	for i, names := range [][]string{t.OnlyA, t.OnlyB} {
		if len(names) > 0 {
			say("Not compared, because only %s has %s: %s.", []string{"A", "B"}[i], isWas(int64(len(names)), "it", "them"), strings.Join(names, ", "))
		}
	}
	for i, r := range []bool{p.A.Table.View, p.B.Table.View} {
		if r {
			say("%s is a view: its rows may be computed anew for each range.", []string{"A", "B"}[i])
		}
	}
	for i, where := range []string{p.A.Where, p.B.Where} {
		if where == "" || i == 1 && where == p.A.Where {
			continue
		}
		sides := []string{"of A ", "of B "}[i]
		if p.A.Where == p.B.Where {
			sides = ""
		}
		say("Only rows %swhere %s were compared.", sides, where)
	}
	if t.Collision > 0 {
		say("%s were compared by hashes computed on the servers: the chance that one that differs was taken for equal is below %s.", sentenceCase(plural(int64(t.Ranges), "range")), chance(t.Collision))
	}
	if t.Spilled > 0 {
		say("%s of rows without a partner in their range went to temporary files.", unit.Bytes(t.Spilled))
	}
	if s := t.Snapshot; s != nil {
		say("Each side was read at one point in time: A at %s, B at %s.", orElse(s.A, "a position that its server does not tell"), orElse(s.B, "a position that its server does not tell"))
	}
	return out
}

// notes gathers what the forms of columns take for granted; columns with the same note share a sentence.
func notes(fields []Field) []string {
	var order []string
	columns := map[string][]string{}
	for _, f := range fields {
		if f.Inexact {
			continue // has a sentence of its own
		}
		for _, n := range f.Notes {
			if columns[n] == nil {
				order = append(order, n)
			}
			columns[n] = append(columns[n], f.Name)
		}
	}
	var out []string
	for _, n := range order {
		names := columns[n]
		if len(names) > 6 {
			names = append(append([]string(nil), names[:5]...), fmt.Sprintf("%d more", len(names)-5))
		}
		out = append(out, strings.Join(names, ", ")+": "+n+".")
	}
	return out
}

// chance prints the bound of a small probability, rounded up.
func chance(p float64) string {
	if p >= 1e-3 {
		return percent(p)
	}
	unit := math.Pow10(int(math.Floor(math.Log10(p))))
	return fmt.Sprintf("%.0e", math.Ceil(p/unit)*unit)
}
