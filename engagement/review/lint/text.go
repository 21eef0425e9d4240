package lint

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/predict"
)

// Evidence says how a prediction is known.
type Evidence string

// Evidences. Measured: a real server of this version did it to a statement of the same kind; Documented:
// the product's manual or source says so.
const (
	Measured   Evidence = "measured"
	Documented Evidence = "documented"
)

// LockText says the lock of an impact in words.
func LockText(im *predict.Impact) string {
	if im == nil {
		return "none"
	}
	var parts []string
	add := func(l effect.Lock, on []string, what string) {
		if l == effect.NoLock {
			return
		}
		names := strings.Join(on, ", ")
		if names == "" {
			names = what
		}
		parts = append(parts, l.String()+" on "+names)
	}
	e := im.Effect
	add(e.Target, []string{im.Table}, "the table")
	add(e.Index, nil, "the index")
	add(e.Parent, im.Parents, "the referenced table")
	add(e.Other, im.Others, "other tables")
	if e.Algorithm != effect.NoAlgorithm {
		parts = append(parts, "ALGORITHM="+e.Algorithm.String())
	}
	if e.Admits != effect.UnknownAdmits {
		parts = append(parts, "LOCK="+e.Admits.String())
	}
	switch {
	case len(im.RowsLocked) > 0 && !im.Unsure:
		parts = append(parts, "every row and gap of "+strings.Join(im.RowsLocked, ", "))
	case len(im.RowsLocked) > 0:
		parts = append(parts, "every row and gap that is read")
	case len(parts) == 0:
		return "none"
	}
	return strings.Join(parts, "; ")
}

// BlocksText says who waits.
func BlocksText(im *predict.Impact) string {
	switch {
	case im == nil, im.Refused:
		return "nobody"
	case im.Effect.BlocksReads():
		return "reads and writes"
	case im.Effect.BlocksWrites():
		return "writes"
	case len(im.RowsLocked) > 0 && !im.Unsure:
		return "all writes of " + strings.Join(im.RowsLocked, ", ")
	case len(im.RowsLocked) > 0:
		return "all writes, unless an index fits the condition"
	case im.Effect.Work&effect.Modify != 0:
		return "writers of the same rows"
	}
	return "nobody but other schema changes"
}

// Sentence says what an impact is: lock, work, who waits and why, one to two sentences.
func Sentence(im *predict.Impact) string {
	var b strings.Builder
	e := im.Effect
	waits := "nobody waits"
	switch {
	case e.BlocksReads():
		waits = "reads and writes of " + touched(im) + " wait"
	case e.BlocksWrites():
		waits = "writes to " + touched(im) + " wait"
	}
	if len(im.RowsLocked) > 0 {
		fmt.Fprintf(&b, "Under REPEATABLE READ, the default, InnoDB locks every row and gap that the statement reads until its transaction ends, also those that it does not change")
		if im.Unsure {
			b.WriteString(": without an index that fits the condition, updates of all other rows and inserts wait.")
		} else {
			fmt.Fprintf(&b, ", and it reads all of %s: updates of all other rows and inserts wait.", strings.Join(im.RowsLocked, ", "))
		}
		return b.String()
	}
	fmt.Fprintf(&b, "While it %s, %s", e.Work, waits)
	if e.Work == 0 {
		b.Reset()
		fmt.Fprintf(&b, "It takes %s: %s until its transaction ends", LockText(im), waits)
	} else {
		fmt.Fprintf(&b, " (%s)", LockText(im))
	}
	b.WriteByte('.')
	if im.Because != "" {
		fmt.Fprintf(&b, " %s.", strings.ToUpper(im.Because[:1])+im.Because[1:])
	}
	return b.String()
}

// touched names the tables whose users wait.
func touched(im *predict.Impact) string {
	var names []string
	add := func(l effect.Lock, on ...string) {
		if l.BlocksWrites() {
			names = append(names, on...)
		}
	}
	add(im.Effect.Target, im.Table)
	if im.Effect.Index.BlocksReads() || im.Effect.Admits != effect.UnknownAdmits {
		names = append(names, im.Table)
	}
	add(im.Effect.Parent, im.Parents...)
	add(im.Effect.Other, im.Others...)
	var out []string
	for _, n := range names {
		if n != "" && (len(out) == 0 || out[len(out)-1] != n) {
			out = append(out, n)
		}
	}
	switch len(out) {
	case 0:
		return "the table"
	case 1:
		return out[0]
	}
	const shown = 4
	if len(out) > shown {
		return strings.Join(out[:shown], ", ") + fmt.Sprintf(" and %d more", len(out)-shown)
	}
	return strings.Join(out[:len(out)-1], ", ") + " and " + out[len(out)-1]
}
