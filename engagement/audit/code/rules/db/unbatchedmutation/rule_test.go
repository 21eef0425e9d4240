package unbatchedmutation_test

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule/ruletest"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/unbatchedmutation"
	"github.com/napkin-infra/napkin/foundation/report"
)

func TestRule(t *testing.T) { ruletest.Run(t, unbatchedmutation.Rule) }

const models = `from django.db import models
from django.db.models.signals import post_delete
from django.dispatch import receiver

class Visit(models.Model):
    seen_at = models.DateTimeField()

class Article(models.Model):
    seen_at = models.DateTimeField()

class Link(models.Model):
    article = models.ForeignKey(Article, on_delete=models.CASCADE)

class Hit(models.Model):
    seen_at = models.DateTimeField()

@receiver((post_delete,), sender=Hit)
def gone(sender, **kwargs): pass
`

// TestWhatADeletionDoes holds what a deletion is said to cost against what the framework does.
func TestWhatADeletionDoes(t *testing.T) {
	for _, c := range []struct {
		name, path, code string
		unit             string
		severity         report.Severity
		claim            string
	}{
		{"one statement", "shop/views.py", "def old(t):\n    Visit.objects.filter(seen_at__lt=t).delete()\n", "ms", report.Medium, "The statement takes every row of `shop_visit`"},
		{"one statement by a schedule", "shop/tasks.py", "def old(t):\n    Visit.objects.filter(seen_at__lt=t).delete()\n", "ms", report.Low, "except in the first run"},
		{"called by a schedule", "shop/retention.py", "def drop_old(t):\n    Visit.objects.filter(seen_at__lt=t).delete()\n", "ms", report.Low, "except in the first run"},
		{"rows that hang on them", "shop/views.py", "def old(t):\n    Article.objects.filter(seen_at__lt=t).delete()\n", "MB", report.Medium, "because rows of `Link` hang on them"},
		{"a signal", "shop/views.py", "def old(t):\n    Hit.objects.filter(seen_at__lt=t).delete()\n", "MB", report.Medium, "because a delete signal has receivers"},
		{"past the signals", "shop/views.py", "def old(t):\n    Hit.objects.filter(seen_at__lt=t)._raw_delete('default')\n", "ms", report.Medium, "The statement takes every row of `shop_hit`"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := load.FromFiles(map[string]string{"shop/models.py": models, "shop/__init__.py": "",
				"shop/tasks.py": "from shop.retention import drop_old\n\ndef nightly():\n    drop_old(90)\n", c.path: "from shop.models import Article, Hit, Visit\n\n" + c.code})
			found := rule.NewPass(p, prepare.Run(t.Context(), p), &cost.Model{}, unbatchedmutation.Rule).Run()
			if len(found) != 1 {
				t.Fatalf("%d findings, want 1", len(found))
			}
			f := found[0]
			if f.Cost.Unit != c.unit || f.Severity != c.severity || !strings.Contains(f.Claim, c.claim) {
				t.Errorf("%s, %s: %q; want %s, %s, %q", f.Cost.Unit, f.Severity, f.Claim, c.unit, c.severity, c.claim)
			}
		})
	}
}
