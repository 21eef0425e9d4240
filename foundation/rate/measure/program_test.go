package measure

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// TestStart starts a program that is there, one that prints something else, and one that is not there.
func TestStart(t *testing.T) {
	echo, err := exec.LookPath("echo")
	if err != nil {
		t.Skip(err)
	}
	for name, c := range map[string]struct {
		program Program
		refused string
	}{
		"prints what it should": {Program{echo, []string{"napkin", "1"}, "napkin 1\n"}, ""},
		"prints another thing":  {Program{echo, []string{"napkin", "2"}, "napkin 1\n"}, "does not verify"},
		"is not there":          {Program{"/nowhere/napkin", nil, ""}, "no such file"},
	} {
		result := runOne(t, Start(c.program), "")
		switch {
		case c.refused == "" && (len(result.Rates) != 1 || result.Rates[0].Samples.N < minSlices):
			t.Errorf("%s: %+v", name, result)
		case c.refused != "" && (len(result.Refused) != 1 || !strings.Contains(result.Refused[0].Reason.Error(), c.refused)):
			t.Errorf("%s: %+v, want a refusal with %q", name, result, c.refused)
		}
	}
	p := Start(Program{}).Probes[0]
	if published, ok := rate.Embedded().Get(p.Name); !ok || published.What != p.What || published.Kind != p.Kind {
		t.Errorf("published is %+v", published)
	}
}
