package review

import (
	"cmp"
	"fmt"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/evidence"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
)

// known says whether the matrix holds a statement of the same form on this version that did what the prediction says
// of harm: who waits, and for which work. What is predicted without knowing the types is not measured.
func (l *linter) known(a *statement.Action, im *predict.Impact) (lint.Evidence, string) {
	if im.Unsure || a == nil {
		return lint.Documented, ""
	}
	first, agreed := "", 0
	for _, r := range evidence.Of(im.Kind, a, l.server) {
		if r.Effect.Harm() == im.Effect.Harm() && r.Effect.BlocksReads() == im.Effect.BlocksReads() && sameWork(r.Effect, im.Effect) {
			first = cmp.Or(first, r.ID)
			agreed++
		}
	}
	switch agreed {
	case 0:
		return lint.Documented, ""
	case 1:
		return lint.Measured, fmt.Sprintf("%s of the matrix on %s", first, l.server)
	}
	return lint.Measured, fmt.Sprintf("%d statements of this form in the matrix on %s, such as %s", agreed, l.server, first)
}

// sameWork compares the dearest kind of work.
func sameWork(a, b effect.Effect) bool {
	return a.Work&effect.Rewrite == b.Work&effect.Rewrite && (a.Work == 0) == (b.Work == 0)
}
