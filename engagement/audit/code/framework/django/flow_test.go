package django_test

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/django"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
)

const models = `from django.conf import settings
from django.db import models


class User(models.Model):
    name = models.CharField(max_length=50)
    avatar = models.ForeignKey("shop.Asset", null=True, on_delete=models.CASCADE)

    @property
    def avatar_url(self):
        return self.avatar.url if self.avatar else None

    def __str__(self):
        return self.name


class Asset(models.Model):
    url = models.CharField(max_length=50)


class Base(models.Model):
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="%(class)s_created")

    class Meta:
        abstract = True


class OrderQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state="open")

    def full(self):
        return self.select_related("user").prefetch_related("lines__product")


class OrderManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().select_related("user")


class Order(Base):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="orders")
    state = models.CharField(max_length=20)

    objects = OrderQuerySet.as_manager()
    loaded = OrderManager()

    def total(self):
        return sum(line.amount for line in self.lines.all())


class Product(models.Model):
    name = models.CharField(max_length=50)


class Line(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    amount = models.IntegerField()


class Note(models.Model):
    order = models.OneToOneField("Order", on_delete=models.CASCADE)
    text = models.TextField()
`

// loads evaluates a project and lists what is loaded once per row: kind, query line and path.
func loads(t *testing.T, files map[string]string) []string {
	t.Helper()
	files["shop/models.py"] = models
	r := flow.Analyze(context.Background(), load.FromFiles(files), []flow.Framework{django.New()})
	seen := map[string]bool{}
	for _, l := range r.Loads {
		if l.Guarded {
			continue
		}
		at := l.Site
		if l.Root != nil {
			at = l.Root.Site()
		}
		kind := [...]string{"relation", "query", "aggregate", "write"}[l.Kind]
		seen[fmt.Sprintf("%s %s:%d %s", kind, at.File.Path[strings.LastIndexByte(at.File.Path, '/')+1:], at.Node.EndLine(), l.Path)] = true
	}
	out := make([]string, 0, len(seen))
	for s := range seen {
		out = append(out, strings.TrimSpace(s))
	}
	sort.Strings(out)
	return out
}

func TestQuerysets(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"a relation in a loop", "for o in Order.objects.all():\n        print(o.user.name)", "relation views.py:6 user"},
		{"the key is on the row", "for o in Order.objects.all():\n        print(o.user_id, o.pk)", ""},
		{"joined", "for o in Order.objects.select_related('user'):\n        print(o.user.name)", ""},
		{"joined, one step short", "for o in Order.objects.select_related('user'):\n        print(o.user.avatar.url)", "relation views.py:6 user.avatar"},
		{"without names all required keys are joined", "for o in Order.objects.select_related():\n        print(o.user.name)", ""},
		{"a key that may be null is not", "for u in User.objects.select_related():\n        print(u.avatar.url)", "relation views.py:6 avatar"},
		{"a reverse relation", "for o in Order.objects.all():\n        print(o.total())", "relation views.py:6 lines"},
		{"prefetched", "for o in Order.objects.prefetch_related('lines'):\n        print(o.total())", ""},
		{"a prefetch object loads what its queryset loads", "for o in Order.objects.prefetch_related(Prefetch('lines', queryset=Line.objects.select_related('product'))):\n        print([l.product.name for l in o.lines.all()])", ""},
		{"to_attr", "for o in Order.objects.prefetch_related(Prefetch('lines', to_attr='kept')):\n        print([l.amount for l in o.kept])", ""},
		{"a filter leaves the cache", "for o in Order.objects.prefetch_related('lines'):\n        print(list(o.lines.filter(amount=3)))", "query views.py:6 lines"},
		{"a count of loaded rows is in memory", "for o in Order.objects.prefetch_related('lines'):\n        print(o.lines.count())", ""},
		{"a count per row", "for o in Order.objects.all():\n        print(o.lines.count())", "aggregate views.py:6 lines"},
		{"a reverse one-to-one", "for o in Order.objects.all():\n        print(o.note.text)", "relation views.py:6 note"},
		{"a method of the queryset class", "for o in Order.objects.open():\n        print(o.user.name)", "relation views.py:6 user"},
		{"which loads", "for o in Order.objects.open().full():\n        print(o.user.name, [l.product.name for l in o.lines.all()])", ""},
		{"a manager that loads", "for o in Order.loaded.filter(state='x'):\n        print(o.user.name)", ""},
		{"a key of an abstract base", "for o in Order.objects.all():\n        print(o.created_by.name)", "relation views.py:6 created_by"},
		{"and back", "for u in User.objects.all():\n        print(list(u.order_created.all()))", "relation views.py:6 order_created"},
		{"from the owner the way back is known", "for o in Order.objects.prefetch_related('lines'):\n        print([l.order.state for l in o.lines.all()])", ""},
		{"rows of values have no relations", "for o in Order.objects.values('user'):\n        print(o['user'])", ""},
		{"a query per element", "for i in request.ids:\n        print(Order.objects.get(pk=i))", "query views.py:7"},
		{"a queryset keeps its rows", "orders = Order.objects.all()\n    for i in request.ids:\n        print([o.state for o in orders])", ""},
		{"three rows are no loop", "for o in Order.objects.all()[:3]:\n        print(o.user.name)", ""},
		{"a slice is", "for o in Order.objects.all()[:50]:\n        print(o.user.name)", "relation views.py:6 user"},
		{"a list keeps its rows", "orders = list(Order.objects.all())\n    print([o.user.name for o in orders])", "relation views.py:6 user"},
		{"prefetch_related_objects", "orders = list(Order.objects.all())\n    prefetch_related_objects(orders, 'user')\n    print([o.user.name for o in orders])", ""},
		{"names that a constant holds", "for o in Order.objects.select_related(*PATHS):\n        print(o.user.name)", ""},
		{"names that nothing shows", "for o in Order.objects.select_related(*request.paths):\n        print(o.user.name)", ""},
		{"a row saved per turn", "for o in Order.objects.all():\n        o.save()", "write views.py:6"},
		{"one branch of a loop over kinds", "for k in request.kinds:\n        if k == 'a':\n            print(Order.objects.count())", ""},
		{"one row is not many", "o = Order.objects.get(pk=1)\n    print(o.user.name)", ""},
		{"its lines are", "o = Order.objects.get(pk=1)\n    print([l.product.name for l in o.lines.all()])", "relation views.py:6 lines.product"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			src := "from django.db.models import Prefetch, prefetch_related_objects\nfrom .models import Line, Order, User\nPATHS = ['user']\n\ndef view(request):\n    " + c.body + "\n"
			got := loads(t, map[string]string{"shop/views.py": src})
			if s := strings.Join(got, "\n"); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

func TestSerializersAndViews(t *testing.T) {
	const serializers = `from rest_framework import serializers

from .models import Line, Order, User


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["name", "avatar_url"]


class LineSerializer(serializers.ModelSerializer):
    class Meta:
        model = Line
        fields = "__all__"


class OrderSerializer(serializers.ModelSerializer):
    user = UserSerializer(read_only=True)
    lines = LineSerializer(many=True, read_only=True)
    secret = UserSerializer(source="created_by", write_only=True)
    first = serializers.SerializerMethodField()

    def get_first(self, obj):
        return obj.note.text

    class Meta:
        model = Order
        fields = ["user", "lines", "first", "created_by"]


class ShortSerializer(OrderSerializer):
    class Meta(OrderSerializer.Meta):
        fields = ["state", "user"]
`
	cases := []struct{ name, view, want string }{
		{"the list of a viewset", "class V(viewsets.ModelViewSet):\n    queryset = Order.objects.all()\n    serializer_class = OrderSerializer\n",
			"relation views.py:6 lines\nrelation views.py:6 note\nrelation views.py:6 user\nrelation views.py:6 user.avatar"},
		{"loaded", "class V(viewsets.ModelViewSet):\n    queryset = Order.objects.select_related('user__avatar', 'note').prefetch_related('lines')\n    serializer_class = OrderSerializer\n", ""},
		{"by get_queryset, through super", "class B(viewsets.ModelViewSet):\n    def get_queryset(self):\n        return self.model.objects.all()\n\nclass V(B):\n    model = Order\n    serializer_class = ShortSerializer\n    def get_queryset(self):\n        return self.filter_queryset(super().get_queryset().select_related('user'))\n",
			"relation views.py:13 user.avatar"},
		{"by action", "class V(viewsets.ModelViewSet):\n    queryset = Order.objects.select_related('user__avatar')\n    def get_serializer_class(self):\n        if self.action == 'list':\n            return ShortSerializer\n        return OrderSerializer\n", ""},
		{"written out", "class V(APIView):\n    def get(self, request):\n        orders = Order.objects.select_related('user')\n        return Response(ShortSerializer(orders, many=True).data)\n",
			"relation views.py:7 user.avatar"},
		{"a page with a function", "class V(APIView):\n    def get(self, request):\n        return self.paginate(request=request, queryset=Order.objects.all(), on_results=lambda rows: ShortSerializer(rows, many=True).data)\n",
			"relation views.py:7 user\nrelation views.py:7 user.avatar"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			src := "from rest_framework import viewsets\nfrom rest_framework.views import APIView\nfrom .models import Order\nfrom .serializers import OrderSerializer, ShortSerializer\n" + c.view
			got := loads(t, map[string]string{"shop/views.py": src, "shop/serializers.py": serializers})
			if s := strings.Join(got, "\n"); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

func TestTemplatesAndAdmin(t *testing.T) {
	got := loads(t, map[string]string{
		"shop/views.py": `from django.shortcuts import render
from django.views.generic import ListView
from .models import Order, User


def orders(request):
    return render(request, "shop/orders.html", {"orders": Order.objects.all()})


class UserList(ListView):
    model = User
    paginate_by = 20
`,
		"shop/admin.py": `from django.contrib import admin
from .models import Line


@admin.register(Line)
class LineAdmin(admin.ModelAdmin):
    list_display = ["amount", "product", "buyer"]

    def buyer(self, obj):
        return obj.order.user.name
`,
		"shop/templates/shop/orders.html":    "{% for o in orders %}{{ o.user.name }}{% include \"shop/lines.html\" %}{% endfor %}",
		"shop/templates/shop/lines.html":     "{% for l in o.lines.all %}{{ l.amount }}{% endfor %}",
		"shop/templates/shop/user_list.html": "{% for u in object_list %}{{ u.avatar.url }}{% endfor %}",
	})
	want := "relation views.py:12 avatar\nrelation views.py:7 lines\nrelation views.py:7 user"
	s := strings.Join(got, "\n")
	if s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
}
