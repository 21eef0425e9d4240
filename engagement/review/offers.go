package review

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/budget"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/offer"
	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/catalog"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/report"
)

// ReadFacts reads from a database the facts that recipes need beyond its [Catalog]: privileges, owners, what hangs on
// columns. It reads catalogs only.
func ReadFacts(ctx context.Context, url string) (*rewrite.Facts, error) {
	u, err := database.Parse(url)
	if err != nil {
		return nil, err
	}
	f, err := catalog.Read(ctx, u)
	if err != nil {
		return nil, err
	}
	return &f, nil
}

// ladder is the default one with no try longer than the load stands; MySQL counts in whole seconds and keeps its own.
func (l *linter) ladder() rewrite.Ladder {
	load := l.opt.Load
	if load == nil || !l.walker.World.Postgres() {
		return nil
	}
	out := rewrite.DefaultLadder()
	for i := range out {
		out[i].LockTimeout = min(out[i].LockTimeout, load.Timeout())
	}
	return out
}

// offering makes the offers while the walk goes on.
func (l *linter) offering() {
	l.offers, l.times = map[*lint.Step]*offer.Offer{}, map[*lint.Step]lint.Time{}
	maker := &offer.Maker{World: l.walker.World, Catalog: l.opt.Facts, Options: rewrite.Options{Ladder: l.ladder()}}
	l.walker.Offer = func(st *lint.Step) {
		l.steps = append(l.steps, st)
		if t, known := l.walker.Time(st); known {
			l.times[st] = t
		}
		if o := maker.Of(st); o != nil {
			l.offers[st] = o
			l.offered = append(l.offered, o)
		}
	}
}

// owners are the families of hazards whose findings hold the recipe of a statement, the first that has it first.
var owners = [][]string{{"lock", "mysql"}, {"compat"}, {"load"}, {"concurrent", "data"}}

// attach puts the recipe of each statement into one open finding: the highest of the family that is about what the recipe
// avoids. An offer for a statement without such a finding is dropped.
func (l *linter) attach(findings []report.Finding) {
	held := map[*lint.Step]string{} // the rule of the finding that holds it
	for _, families := range owners {
		for i := range findings {
			f := &findings[i]
			family, _, _ := strings.Cut(f.Rule, ".")
			if f.Status == report.StatusSuppressed || !slices.Contains(families, family) {
				continue
			}
			var mine []*offer.Offer
			for _, st := range l.walker.StepsOf(f) {
				o := l.offers[st]
				switch {
				case o == nil:
				case held[st] == "":
					held[st] = f.Rule
					mine = append(mine, o)
				case held[st] != f.Rule && o.Stands() && len(l.walker.StepsOf(f)) == 1:
					f.Fix.Summary = strings.TrimSpace(f.Fix.Summary + " The recipe of the statement stands with " + held[st] + ".")
				}
			}
			if len(mine) > 0 {
				l.fix(f, mine)
			}
		}
	}
	l.offered = slices.DeleteFunc(l.offered, func(o *offer.Offer) bool { return held[o.Step] == "" })
}

// fix writes offers into a finding.
func (l *linter) fix(f *report.Finding, offers []*offer.Offer) {
	var sql, rollout, rollback, differs, without, cautions []string
	blocks, tried := false, ""
	for _, o := range offers {
		if !o.Stands() {
			without = append(without, o.Why())
			continue
		}
		where := ""
		if len(offers) > 1 {
			where = o.Place() + ": "
		}
		sql = append(sql, o.SQL())
		switch tried {
		case "", o.Tried():
			tried = o.Tried()
		default:
			tried = "not all rehearsed"
		}
		cautions = appendText(cautions, where, o.Alone)
		cautions = appendText(cautions, where, o.Caution())
		blocks = blocks || o.Blocks()
		rollout = appendText(rollout, where, o.Rollout())
		rollback = appendText(rollback, where, o.Rollback())
		differs = appendText(differs, where, strings.Join(o.Recipe.Differs, " "))
	}
	if n := len(sql); n > 0 {
		says := "The recipe stands below, " + tried + "."
		if len(offers) > 1 {
			says = fmt.Sprintf("%d of %d statements have a recipe, which stands below, %s.", n, len(offers), tried)
		}
		f.Fix.Summary = strings.TrimSpace(strings.Join(append([]string{f.Fix.Summary, says}, cautions...), " "))
	}
	if l.opt.Load != nil && blocks {
		rollout = append([]string{l.opt.Load.String()}, rollout...)
	}
	f.Fix.SQL = strings.Join(sql, "\n")
	f.Fix.Rollout = strings.Join(rollout, " ")
	f.Fix.Rollback = strings.Join(rollback, " ")
	f.Fix.Behaviour = strings.Join(differs, " ")
	if len(without) > 0 {
		f.Fix.Summary = strings.TrimSpace(f.Fix.Summary + " " + strings.Join(without, " "))
	}
	value := fmt.Sprintf("for %d of %d statements", len(sql), len(offers))
	if len(offers) == 1 {
		switch o := offers[0]; {
		case o.Refusal != "":
			value = "none: see the fix"
		case !o.Stands():
			value = o.Tried() + ": see the fix"
		default:
			value = o.Length() + ", " + o.Tried()
		}
	}
	f.Facts = append(f.Facts, report.Fact{Group: "effect", Name: "recipe", Value: value})
}

func appendText(list []string, where, text string) []string {
	if text == "" {
		return list
	}
	return append(list, where+text)
}

// recipeFacts say of how many statements there is a recipe, and what the load stands.
func (l *linter) recipeFacts() []report.Fact {
	var out []report.Fact
	if len(l.offered) > 0 {
		var have, all [2]int
		failed := 0
		for _, o := range l.offered {
			kind := 1
			if o.Waits {
				kind = 0
			}
			all[kind]++
			if o.Stands() {
				have[kind]++
			}
			if o.Rehearsal.State == offer.Failed {
				failed++
			}
		}
		for kind, name := range []string{"for statements whose work others wait for", "for statements that break code or write many rows"} {
			if all[kind] > 0 {
				out = append(out, report.Fact{Group: "Recipes", Name: name, Value: fmt.Sprintf("%d of %d", have[kind], all[kind])})
			}
		}
		if failed > 0 {
			out = append(out, report.Fact{Group: "Recipes", Name: "that failed their rehearsal", Value: fmt.Sprint(failed)})
		}
	}
	if l.opt.Load != nil {
		out = append(out, report.Fact{Group: "Recipes", Name: "lock budget", Value: l.opt.Load.String()})
	}
	return out
}

// MaxPool bounds the connections of [Options.Load]: more than any server takes.
const MaxPool = 1_000_000

// CheckLoad returns an error when a load says nothing of how long a lock may be held.
func CheckLoad(load budget.Load) error {
	if load.Pool < 1 || load.Pool > MaxPool {
		return fmt.Errorf("a pool of %d connections is not between 1 and %d", load.Pool, MaxPool)
	}
	if stall, ever := load.Stall(); !ever || stall < time.Microsecond {
		return fmt.Errorf("%s requests on %d connections give no lock budget; give the requests per second that need the table", load.Arrivals, load.Pool)
	}
	return nil
}
