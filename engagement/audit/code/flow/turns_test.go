package flow_test

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/django"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/rails"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
)

const models = `from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=50)


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    state = models.CharField(max_length=20)

    def save(self, *args, **kwargs):
        is_new = not bool(self.pk)
        super().save(*args, **kwargs)
        if is_new:
            for line in self.lines.all():
                print(line.product.name)


class Product(models.Model):
    name = models.CharField(max_length=50)


class Line(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
`

// python evaluates the body of a view and lists the loads in it: what, where, per which rows.
func python(t *testing.T, body string) string {
	t.Helper()
	src := "import enum\nfrom functools import partial\nfrom django.db.models import prefetch_related_objects\nfrom django.utils.functional import SimpleLazyObject\nfrom .models import Customer, Line, Order, Product\n\n" + body
	return list(flow.Analyze(context.Background(), load.FromFiles(map[string]string{"shop/models.py": models, "shop/views.py": src}), []flow.Framework{django.New()}))
}

func list(r *flow.Result) string {
	seen := map[string]bool{}
	for _, l := range r.Loads {
		s := [...]string{"relation", "query", "aggregate", "write"}[l.Kind] + " per " + l.Over.Name
		if l.Kind == flow.LoadRelation {
			s = l.Path + " per " + l.Over.Name
		}
		if l.Over.Parent != nil {
			s += " of " + l.Over.Parent.Name
		}
		for _, f := range []struct {
			on   bool
			word string
		}{{l.Over.OneParent, "one parent"}, {l.Over.Whole, "whole"}, {l.Over.Bound > 0, fmt.Sprintf("at most %d", l.Over.Bound)}, {l.Invariant, "invariant"}, {l.Conditional, "conditional"}, {l.KeyOnly, "key"}} {
			if f.on {
				s += ", " + f.word
			}
		}
		seen[s] = true
	}
	out := make([]string, 0, len(seen))
	for s := range seen {
		out = append(out, s)
	}
	sort.Strings(out)
	return strings.Join(out, "\n")
}

func TestTurns(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"a query per element", "def view(request, ids):\n    for i in ids:\n        Order.objects.get(pk=i)\n", "query per ids"},
		{"the same query in each turn", "def view(request, ids, owner):\n    for i in ids:\n        print(i, Customer.objects.get(pk=owner))\n", "query per ids, invariant"},
		{"through a helper that ignores the element", "def find(i, owner):\n    print(i)\n    return Customer.objects.get(pk=owner)\n\ndef view(request, ids, owner):\n    for i in ids:\n        find(i, owner)\n", "query per ids, invariant"},
		{"through a helper that does not", "def find(i, owner):\n    return Customer.objects.get(pk=i)\n\ndef view(request, ids, owner):\n    for i in ids:\n        find(i, owner)\n", "query per ids"},
		{"a key that the body makes from the element", "def view(request, ids):\n    for i in ids:\n        key = i.key\n        Order.objects.get(pk=key)\n", "query per ids"},
		{"a random key", "def view(request, ids):\n    for i in ids:\n        Order.objects.get(pk=random())\n", "query per ids"},
		{"a random key in a helper", "def find():\n    key = generate_code()\n    return Order.objects.get(pk=key)\n\ndef view(request, ids):\n    for i in ids:\n        find()\n", "query per ids"},
		{"a variable of the function around", "def view(request, ids):\n    for i in ids:\n        def find():\n            return Order.objects.get(pk=i)\n        find()\n", "query per ids"},
		{"equal rows are written each", "def view(request, ids):\n    for i in ids:\n        Order.objects.create(state='new')\n", "write per ids"},
		{"an arm of a dispatch", "def view(request, modules, owner):\n    for m in modules:\n        if m.kind == KIND_A:\n            Customer.objects.get(pk=owner)\n        elif m.kind == 'b':\n            Order.objects.filter(customer=owner).count()\n", ""},
		{"whose query asks for the element", "def view(request, modules):\n    for m in modules:\n        if m.kind == KIND_A:\n            Customer.objects.get(pk=m.owner)\n", "query per modules, conditional"},
		{"inside a real loop", "def view(request, modules, owners):\n    for owner in owners:\n        for m in modules:\n            if m.kind == KIND_A:\n                Customer.objects.get(pk=owner)\n", "query per owners"},
		{"the first hit ends the loop", "def view(request, ids):\n    for i in ids:\n        if i.ok:\n            o = Order.objects.get(pk=i)\n            return o\n", ""},
		{"by break", "def view(request, ids):\n    for i in ids:\n        if i.ok:\n            o = Order.objects.get(pk=i)\n            break\n", ""},
		{"by raise", "def view(request, ids):\n    for i in ids:\n        if i.bad:\n            Order.objects.create(state='bad')\n            raise ValueError()\n", ""},
		{"continue does not", "def view(request, ids):\n    for i in ids:\n        if i.ok:\n            Order.objects.get(pk=i)\n            continue\n", "query per ids"},
		{"a return of a function inside does not", "def view(request, ids):\n    for i in ids:\n        def f():\n            return Order.objects.get(pk=i)\n        f()\n", "query per ids"},
		{"a write when it failed", "def view(request, ids):\n    for i in ids:\n        try:\n            work(i)\n        except ValueError:\n            Order.objects.create(state='bad')\n", ""},
		{"the other operand", "def view(request, rows):\n    for r in rows:\n        print(r.order or Order.objects.get(pk=r.key))\n", "query per rows, conditional"},
		{"a daemon", "def view(request):\n    while True:\n        Order.objects.get(pk=request.key)\n        sleep(1)\n", ""},
		{"a frontier", "def view(request, start):\n    frontier = start\n    while frontier:\n        frontier = list(Line.objects.filter(order__in=frontier))\n", ""},
		{"a retry", "def view(request):\n    for attempt in range(MAX):\n        Order.objects.get(pk=request.key)\n", ""},
		{"a fresh key until it is free", "def view(request):\n    key = make()\n    while Order.objects.filter(state=key).exists():\n        key = make()\n", ""},
		{"a work list", "def view(request, todo):\n    while todo:\n        i = todo.pop()\n        Order.objects.get(pk=i)\n", "query per "},
		{"an enumeration", "class Kind(enum.Enum):\n    A = 1\n\ndef view(request):\n    for k in Kind:\n        Order.objects.get(state=k)\n", ""},
		{"a function for a queue", "def work(i):\n    Order.objects.get(pk=i)\n\ndef view(request, ids):\n    for i in ids:\n        enqueue(work, i)\n        queue.enqueue(lambda: Order.objects.get(pk=i))\n", ""},
		{"a lazy object", "def view(request, ids):\n    for i in ids:\n        x = SimpleLazyObject(lambda: Order.objects.get(pk=i))\n", ""},
		{"a call under a flag that nobody sets", "def run(i, now=False):\n    if now:\n        Order.objects.get(pk=i)\n\ndef view(request, ids):\n    for i in ids:\n        run(i)\n", ""},
		{"and that somebody sets", "def run(i, now=False):\n    if now:\n        Order.objects.get(pk=i)\n\ndef view(request, ids):\n    for i in ids:\n        run(i, now=True)\n", "query per ids"},
		{"a literal decides", "def run(i, kind):\n    if kind == 'a':\n        Order.objects.get(pk=i)\n\ndef view(request, ids):\n    for i in ids:\n        run(i, 'b')\n", ""},
		{"what is done for new rows only", "def view(request):\n    for o in Order.objects.filter(state='x'):\n        o.save()\n", "write per Order"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := python(t, c.body); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCollections(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"every row", "def view(request):\n    for o in Order.objects.all():\n        print(o.customer.name)\n", "customer per Order, whole"},
		{"some rows", "def view(request):\n    for o in Order.objects.filter(state='x')[:50]:\n        print(o.customer.name)\n", "customer per Order, at most 50"},
		{"children of one row", "def view(request):\n    o = Order.objects.get(pk=1)\n    for line in o.lines.all():\n        print(line.product.name)\n", "lines.product per lines of Order, one parent"},
		{"children of every row", "def view(request):\n    for o in Order.objects.prefetch_related('lines'):\n        for line in o.lines.all():\n            print(line.product.name)\n", "lines.product per lines of Order"},
		{"a query for the children of one row", "def view(request):\n    o = Order.objects.get(pk=1)\n    for line in o.lines.filter(product=1):\n        print(line.product.name)\n", "product per lines of Order, one parent"},
		{"one row is no collection", "def view(request):\n    o = Order.objects.get(pk=1)\n    print(o.customer.name)\n", ""},
		{"a query about one row in a loop over others", "def view(request):\n    o = Order.objects.get(pk=1)\n    for p in Product.objects.filter(name='x'):\n        print(o.lines.filter(product=p).first())\n", "query per Product"},
		{"only the key", "def view(request):\n    for o in Order.objects.all():\n        print(o.customer.id)\n", "customer per Order, whole, key"},
		{"paths that are gathered", "def view(request, full):\n    paths = ['customer']\n    if full:\n        paths.extend(['lines__product'])\n    for o in Order.objects.prefetch_related(*paths):\n        print(o.customer.name)\n        if full:\n            print([x.product.name for x in o.lines.all()])\n", ""},
		{"one row is given its relations", "def show(order, loaded=False):\n    if not loaded:\n        prefetch_related_objects([order], 'lines__product')\n    for line in order.lines.all():\n        print(line.product.name)\n\ndef view(request):\n    show(Order.objects.filter(state='x').first())\n", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := python(t, c.body); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestRetryUntilFree(t *testing.T) {
	r := flow.Analyze(context.Background(), load.FromFiles(map[string]string{
		"app/models/card.rb": "class Card < ApplicationRecord\n  belongs_to :owner\n\n  def token\n    record = true\n    while record\n      key = SecureRandom.hex\n      record = Card.find_by(key: key)\n    end\n    key\n  end\nend\n",
	}), []flow.Framework{rails.New()})
	if got := list(r); got != "" {
		t.Errorf("got %q, want none", got)
	}
}

func TestEntriesOfALoad(t *testing.T) {
	r := flow.Analyze(context.Background(), load.FromFiles(map[string]string{
		"shop/models.py": models,
		"shop/tasks.py":  "from celery import shared_task\nfrom .work import report\n\n\n@shared_task\ndef nightly():\n    report()\n",
		"shop/work.py":   "from .models import Order\n\n\ndef report():\n    for o in Order.objects.filter(state='x'):\n        print(o.customer.name)\n",
		"shop/views.py":  "from .work import report\n\n\ndef index(request):\n    report()\n",
		"settings.py":    "CELERY_BEAT_SCHEDULE = {'nightly': {'task': 'shop.tasks.nightly', 'schedule': crontab(hour=3, minute=0)}}\n",
	}), []flow.Framework{django.New()})
	for _, l := range r.Loads {
		class, _ := r.ClassOf(l)
		if l.Entry != "index" || class != flow.EntryRead || len(l.Entries) != 1 || l.Entries[0] != "task nightly" {
			t.Errorf("load of %s is of %q (%s), also %q; want index, also task nightly", l.Path, l.Entry, class, l.Entries)
		}
	}
	e, ok := r.EntryOf("task nightly")
	if !ok || e.Class != flow.EntryTask || e.Period != 24*time.Hour {
		t.Errorf("task nightly: class %q, period %s, known %v; want a task every day", e.Class, e.Period, ok)
	}
}

func TestCronPeriod(t *testing.T) {
	for expr, want := range map[string]time.Duration{
		"* * * * *": time.Minute, "*/5 * * * *": 5 * time.Minute, "0 * * * *": time.Hour, "0 */6 * * *": 6 * time.Hour, "30 3 * * *": 24 * time.Hour, "0 0 * * 1": 7 * 24 * time.Hour,
		"0 0 1 * *": 30 * 24 * time.Hour, "0 0 1 * * ?": 24 * time.Hour, "@daily": 24 * time.Hour, "@every 90s": 90 * time.Second, "5 minutes": 5 * time.Minute, "nonsense": 0,
	} {
		if got := flow.CronPeriod(expr); got != want {
			t.Errorf("%q: got %s, want %s", expr, got, want)
		}
	}
}
