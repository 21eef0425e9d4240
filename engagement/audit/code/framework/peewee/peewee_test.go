package peewee_test

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/peewee"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
)

const models = `import peewee


class Measured(peewee.Model):
    @classmethod
    def select(cls, *args):
        return cls.measure("select", args)


class User(Measured):
    name = peewee.CharField()


class Order(Measured):
    user = peewee.ForeignKeyField(User, backref="orders")
    editor = peewee.ForeignKeyField(User, null=True, backref="edited")
    state = peewee.CharField()

    @classmethod
    def open(cls):
        return cls.select().where(cls.state == "open")

    def to_dict(self, with_editor=True):
        d = {"user": self.user.name}
        if with_editor:
            d["editor"] = self.editor.name
        return d


class Line(Measured):
    order = peewee.ForeignKeyField(Order, related_name="lines")
`

func TestLoads(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"relations per row", "return [o.to_dict() for o in Order.open()]", "relation editor\nrelation user"},
		{"a parameter decides", "return [o.to_dict(with_editor=False) for o in Order.open()]", "relation user"},
		{"selected and joined", "return [o.to_dict(with_editor=False) for o in Order.select(Order, User).join(User)]", ""},
		{"the join follows one key", "return [o.to_dict() for o in Order.select(Order, User).join(User)]", "relation editor"},
		{"through another", "return [l.order.user.name for l in Line.select(Line, Order, User).join(Order).join(User)]", ""},
		{"the key is on the row", "return [o.user_id for o in Order.select()]", ""},
		{"back-references", "return [len(o.lines) for o in Order.select()]", "relation lines"},
		{"prefetched", "return [len(o.lines) for o in prefetch(Order.select(), Line.select())]", ""},
		{"a query per element", "for i in ids:\n        print(Order.get_by_id(i))", "query"},
		{"rows as dicts", "return [o['user'] for o in Order.select().dicts()]", ""},
		{"a row saved per turn", "for o in Order.select():\n        o.save()", "write"},
		{"one row", "return Order.get(Order.id == 3).to_dict()", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			src := "from peewee import prefetch\nfrom models import Line, Order, User\n\n\ndef handler(ids):\n    " + c.body + "\n"
			r := flow.Analyze(context.Background(), load.FromFiles(map[string]string{"models.py": models, "app.py": src}), []flow.Framework{peewee.New()})
			seen := map[string]bool{}
			for _, l := range r.Loads {
				seen[strings.TrimSpace(fmt.Sprintf("%s %s", [...]string{"relation", "query", "aggregate", "write"}[l.Kind], l.Path))] = true
			}
			var out []string
			for s := range seen {
				out = append(out, s)
			}
			sort.Strings(out)
			if got := strings.Join(out, "\n"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
