package review

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/evidence"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
)

// known says whether the matrix holds measurements of statements of the same kind on this version that all
// agree with the prediction on what makes harm: who waits, and for which work.
func (l *linter) known(im *predict.Impact) (lint.Evidence, string) {
	rows := evidence.Of(im.Kind, l.server)
	if len(rows) == 0 {
		return lint.Documented, ""
	}
	agreed := 0
	for _, r := range rows {
		if r.Effect.Harm() == im.Effect.Harm() && r.Effect.BlocksReads() == im.Effect.BlocksReads() && sameWork(r.Effect, im.Effect) {
			agreed++
		}
	}
	if agreed == 0 {
		return lint.Documented, ""
	}
	return lint.Measured, fmt.Sprintf("%s of the matrix on %s %d", rows[0].ID, l.server.Product, rows[0].Major)
}

// sameWork compares the dearest kind of work.
func sameWork(a, b effect.Effect) bool {
	return a.Work&effect.Rewrite == b.Work&effect.Rewrite && (a.Work == 0) == (b.Work == 0)
}
