package decision

import (
	"math"
	"os"
	"testing"
)

// TestBreakEvenByHand: a costs 50 $/month, b costs 20 $/month and 2 $ per user and month: 50 = 20 + 2 n.
func TestBreakEvenByHand(t *testing.T) {
	r, err := review(t, "# T\n\n```napkin\nusers = 5 to 40 user\noption one { cost = 50 $/month }\noption two { cost = 20 $/month + 2 $/user/month * users }\nconstraint cost <= 60 $/month\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	p := r.Outcomes[0].Pairs[0]
	want := (50.0 - 20.0) / 2.0
	if len(p.Flips) != 1 || math.Abs(p.Flips[0].At/want-1) > 0.005 || !p.Flips[0].Inside || p.Flips[0].FirstBelow {
		t.Errorf("flips %+v, want one at %v users", p.Flips, want)
	}
}

// TestExample reads the example by the published rates, which leave its claim open.
func TestExample(t *testing.T) {
	text, err := os.ReadFile("../../../examples/decisions/sqlite-or-postgres.md")
	if err != nil {
		t.Fatal(err)
	}
	r, err := review(t, string(text))
	if err != nil {
		t.Fatal(err)
	}
	if r.Chosen != "sqlite" || len(r.Missing) != 0 || len(r.Claims) != 2 || r.Claims[0].Judged != Undecided || len(r.Claims[0].Runnable) != 1 {
		t.Errorf("chosen %q, missing %v, claims %+v", r.Chosen, r.Missing, r.Claims)
	}
	sections := r.Report("test").Sections
	if last := sections[len(sections)-1]; last.Title != "Open questions" || len(last.Rows) == 0 {
		t.Errorf("the report ends with %q of %d rows", last.Title, len(last.Rows))
	}
}
