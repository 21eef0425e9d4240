package enqueueintxn

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
)

// TestHookOfTheSameDatabase: on_commit without an alias registers on the default database, which is in
// no transaction when the block is on another, and would run at once.
func TestHookOfTheSameDatabase(t *testing.T) {
	p := load.FromFiles(map[string]string{
		"tasks.py": "from celery import shared_task\n\n\n@shared_task\ndef send(pk):\n    pass\n",
		"views.py": "from django.db import transaction\n\nfrom .tasks import send\n\n\ndef archive(order):\n    with transaction.atomic(using=\"archive\"):\n        order.save(using=\"archive\")\n        send.delay(order.pk)\n",
	})
	found := rule.NewPass(p, prepare.Run(t.Context(), p), &cost.Model{}, Rule).Run()
	if len(found) != 1 || len(found[0].Edits) != 2 {
		t.Fatalf("findings: %v", found)
	}
	if got := found[0].Edits[1].New; !strings.Contains(got, `using="archive"`) {
		t.Errorf("the hook ends in %q, want the block's alias", got)
	}
}
