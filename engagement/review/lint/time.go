package lint

import (
	"github.com/napkin-infra/napkin/engagement/review/statement"
)

// Time is in which interval the work of a statement lies by base rates, in seconds.
type Time struct{ Low, High float64 }

// Time returns the time of a statement's work by the sizes of its tables and the bounds of the base rates; false where a
// size or a rate is not known, or the work of a statement is not. Work on tables that the change creates or empties counts
// as none, and so does a change of the catalog. It must be called while the schema is as it stands before the statement.
//
// Several parts of one statement may share a pass over the table or not: the interval reaches from the longest part to
// the sum of all.
func (w *Walker) Time(st *Step) (Time, bool) {
	var t Time
	for k := range st.Impacts {
		im := &st.Impacts[k]
		switch st.Actions[k].Kind {
		case statement.Opaque, statement.Unrecognised, statement.Select, statement.Insert, statement.Update, statement.Delete, statement.Copy:
			return Time{}, false
		}
		if im.Effect.Work == 0 || im.Refused || st.Status[k] == New || st.Status[k] == Empty {
			continue
		}
		size, known := w.World.Size(im.Table)
		r, _ := w.rateOf(im)
		if !known || size.Rows <= 0 || r.Low <= 0 || r.High <= 0 {
			return Time{}, false
		}
		t.Low = max(t.Low, float64(size.Rows)/r.High)
		t.High += float64(size.Rows) / r.Low
	}
	return t, true
}
