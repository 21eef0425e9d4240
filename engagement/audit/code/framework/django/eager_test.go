package django_test

import (
	"context"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/django"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
)

// What is written must be a call that Django takes, and one that keeps the rows as they are.
func TestEagerCall(t *testing.T) {
	const models = `from django.contrib.contenttypes.fields import GenericForeignKey
from django.db import models
from .fields import EndsForeignKey, TreeForeignKey


class Site(models.Model):
    name = models.CharField(max_length=50)


class Cluster(models.Model):
    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    parent = TreeForeignKey("self", on_delete=models.CASCADE)


class Machine(models.Model):
    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE)
    ends = EndsForeignKey("kinds")
    subject = GenericForeignKey("type", "id")
`
	const fields = `from django.db import models


class EndsForeignKey:
    one_to_many = True

    def get_prefetch_querysets(self, instances, querysets=None):
        return []


class TreeForeignKey(models.ForeignKey):
    pass
`
	for _, c := range []struct{ name, query, path, want string }{
		{"a key", "Machine.objects.all()", "cluster", `.select_related("cluster")`},
		{"two keys", "Machine.objects.all()", "cluster.site", `.select_related("cluster__site")`},
		{"a subclass of a key", "Cluster.objects.all()", "parent", `.select_related("parent")`},
		{"a field of the project's own kind", "Machine.objects.all()", "ends", `.prefetch_related("ends")`},
		{"a generic key", "Machine.objects.all()", "subject", `.prefetch_related("subject")`},
		{"behind a generic key", "Machine.objects.all()", "subject.site", ""},
		{"behind a prefetch", "Machine.objects.prefetch_related('cluster')", "cluster.site", `.prefetch_related("cluster__site")`},
	} {
		t.Run(c.name, func(t *testing.T) {
			fw := django.New()
			r := flow.Analyze(context.Background(), load.FromFiles(map[string]string{
				"infra/fields.py": fields, "infra/models.py": models,
				"infra/views.py": "from .models import Cluster, Machine\n\n\ndef view(request):\n    for m in " + c.query + ":\n        print(m)\n",
			}), []flow.Framework{fw})
			if len(r.Queries) == 0 {
				t.Fatal("no query")
			}
			if got, _ := fw.EagerCall(r.Queries[0], []string{c.path}); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
