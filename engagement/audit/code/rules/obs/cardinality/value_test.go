package cardinality

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
)

// TestUnseenValue: a label that may name configured peers proves nothing while its value is not seen.
func TestUnseenValue(t *testing.T) {
	p := load.FromFiles(map[string]string{"a.go": "package a\n\nimport \"github.com/prometheus/client_golang/prometheus\"\n\nvar a = prometheus.NewCounterVec(o, []string{\"url\"})\nvar b = prometheus.NewCounterVec(o, []string{\"url\"})\n\nfunc f(res result) { a.WithLabelValues(res.log.Url).Inc() }\n"})
	found := rule.NewPass(p, prepare.Run(t.Context(), p), &cost.Model{}, Rule).Run()
	if len(found) != 2 || found[0].Evidence != 0 || found[0].Confidence >= 0.5 {
		t.Fatalf("findings %+v, want two without proof", found)
	}
	if found[0].Cause == "" || found[0].Cause != found[1].Cause {
		t.Errorf("causes %q and %q: vectors of one package with one label are one finding", found[0].Cause, found[1].Cause)
	}
}
