package sqlalchemy_test

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/sqlalchemy"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
)

const models = `from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column, relationship, backref

db = SQLAlchemy()


class Team(db.Model):
    id = db.Column(db.Integer, primary_key=True)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    team_id = db.Column(db.Integer, db.ForeignKey("team.id"), index=True)
    team = db.relationship("Team")

    def to_dict(self, with_team=True):
        d = {"id": self.id}
        if with_team:
            d["team"] = self.team.id
        return d


class Order(db.Model):
    __tablename__ = "orders"
    __table_args__ = (db.Index("by_state", "state", "user_id"), db.UniqueConstraint("number"))
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20))
    state = db.Column(db.String(20))
    user_id = db.Column(db.Integer, db.ForeignKey("user.id"))
    user = db.relationship(User, backref=backref("orders", lazy="dynamic"))
    lines: Mapped[list["Line"]] = relationship(back_populates="order", lazy="selectin")
    notes = db.relationship("Note", back_populates="order")

    @classmethod
    def open(cls):
        return cls.query.filter(cls.state == "open")


class Line(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(db.ForeignKey("orders.id"))
    order: Mapped["Order"] = relationship(back_populates="lines")


class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    order_id = db.Column(db.Integer, db.ForeignKey("orders.id"))
    order = db.relationship("Order", back_populates="notes")
`

func loads(t *testing.T, files map[string]string) string {
	t.Helper()
	files["app/models.py"] = models
	r := flow.Analyze(context.Background(), load.FromFiles(files), []flow.Framework{sqlalchemy.New()})
	seen := map[string]bool{}
	for _, l := range r.Loads {
		kind := [...]string{"relation", "query", "aggregate", "write"}[l.Kind]
		seen[strings.TrimSpace(fmt.Sprintf("%s %s", kind, l.Path))] = true
	}
	out := make([]string, 0, len(seen))
	for s := range seen {
		out = append(out, s)
	}
	sort.Strings(out)
	return strings.Join(out, "\n")
}

func TestQueries(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"a relationship in a loop", "for o in Order.query.all():\n        print(o.user.id)", "relation user"},
		{"the key is on the row", "for o in Order.query.all():\n        print(o.user_id)", ""},
		{"joined", "for o in Order.query.options(joinedload(Order.user)).all():\n        print(o.user.id)", ""},
		{"one step short", "for o in Order.query.options(joinedload(Order.user)).all():\n        print(o.user.team.id)", "relation user.team"},
		{"chained", "for o in Order.query.options(joinedload(Order.user).selectinload(User.team)):\n        print(o.user.team.id)", ""},
		{"by name", "for o in Order.query.options(joinedload('user').joinedload('team')):\n        print(o.user.team.id)", ""},
		{"loaded by declaration", "for o in Order.query.all():\n        print([l.id for l in o.lines])", ""},
		{"a list per row", "for o in Order.query.all():\n        print([n.id for n in o.notes])", "relation notes"},
		{"dynamic is a query", "for u in User.query.all():\n        print([o.id for o in u.orders])", "query orders"},
		{"session.query", "for o in db.session.query(Order).filter(Order.state == 'x'):\n        print(o.user.id)", "relation user"},
		{"columns have no relationships", "for o in db.session.query(Order.id, Order.state):\n        print(o.id)", ""},
		{"select", "for o in db.session.scalars(select(Order)).all():\n        print(o.user.id)", "relation user"},
		{"select, executed", "for o in db.session.execute(select(Order)).scalars():\n        print(o.user.id)", "relation user"},
		{"a class method", "return [o.user.to_dict() for o in Order.open()]", "relation user\nrelation user.team"},
		{"a parameter decides", "return [o.user.to_dict(with_team=False) for o in Order.open().options(joinedload(Order.user))]", ""},
		{"a function by name", "return page(Order.open(), show)", "relation user"},
		{"get per element", "for i in ids:\n        print(Order.query.get(i))", "query"},
		{"commit per row", "for o in Order.query.all():\n        o.state = 'x'\n        db.session.commit()", "write"},
		{"options that a function makes", "for o in Order.query.options(*options()):\n        print(o.user.id)", ""},
		{"one row", "o = Order.query.first()\n    print(o.user.id)", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			src := "from sqlalchemy import select\nfrom sqlalchemy.orm import joinedload, selectinload\nfrom app.models import db, Order, User\n\n\ndef show(o):\n    return o.user.id\n\n\ndef page(query, serialize):\n    return [serialize(r) for r in query.paginate(1, 20).items]\n\n\n@app.route('/x')\ndef handler(ids):\n    " + c.body + "\n"
			if got := loads(t, map[string]string{"app/views.py": src}); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestResponseModels(t *testing.T) {
	src := `from typing import List
from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy.orm import joinedload
from app.models import Order

router = APIRouter()


class UserOut(BaseModel):
    id: int


class OrderOut(BaseModel):
    id: int
    user: UserOut


@router.get("/orders", response_model=List[OrderOut])
def orders(session):
    return session.query(Order)%s.all()
`
	if got := loads(t, map[string]string{"app/api.py": fmt.Sprintf(src, "")}); got != "relation user" {
		t.Errorf("got %q", got)
	}
	if got := loads(t, map[string]string{"app/api.py": fmt.Sprintf(src, ".options(joinedload(Order.user))")}); got != "" {
		t.Errorf("loaded: got %q", got)
	}
}

func TestEagerCall(t *testing.T) {
	src := "from sqlalchemy.orm import joinedload\nfrom app.models import Order\n\n\ndef f():\n    for o in Order.query.all():\n        print(o.user.team.id)\n"
	files := map[string]string{"app/models.py": models, "app/f.py": src}
	fw := sqlalchemy.New()
	r := flow.Analyze(context.Background(), load.FromFiles(files), []flow.Framework{fw})
	groups := r.RelationGroups()
	if len(groups) != 1 {
		t.Fatalf("got %d groups", len(groups))
	}
	if text, ok := fw.EagerCall(groups[0].Root, groups[0].Paths()); ok {
		t.Errorf("wrote %q though User is not in sight", text)
	}
	files["app/f.py"] = strings.Replace(src, "import Order", "import Order, User", 1)
	fw = sqlalchemy.New()
	r = flow.Analyze(context.Background(), load.FromFiles(files), []flow.Framework{fw})
	g := r.RelationGroups()[0]
	if text, ok := fw.EagerCall(g.Root, g.Paths()); !ok || text != ".options(joinedload(Order.user).joinedload(User.team))" {
		t.Errorf("got %q %v", text, ok)
	}
}

func TestSchemas(t *testing.T) {
	first := `from alembic import op
import sqlalchemy as sa

revision = "b1"
down_revision = None


def upgrade():
    op.create_table("orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20)),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"))


def downgrade():
    op.drop_table("orders")
`
	second := `from alembic import op
import sqlalchemy as sa

revision = "a2"
down_revision = "b1"


def upgrade():
    with op.batch_alter_table("orders") as batch_op:
        batch_op.add_column(sa.Column("number", sa.String(20), nullable=False))
        batch_op.create_index("ix_number", ["number"], unique=True)
    with op.get_context().autocommit_block():
        op.create_index(op.f("ix_user"), "orders", ["user_id", sa.text("state DESC")], postgresql_concurrently=True)
    op.execute("CREATE INDEX extra ON orders (state)")
    op.drop_index("extra", table_name="orders")
`
	p := load.FromFiles(map[string]string{"app/models.py": models, "migrations/versions/z.py": first, "migrations/versions/a.py": second, "requirements.txt": "psycopg2==2.9\n"})
	dbs := sqlalchemy.New().Schemas(p)
	if len(dbs) != 1 {
		t.Fatalf("got %d databases", len(dbs))
	}
	orders := dbs[0].Schema.Table("orders")
	if orders == nil || len(orders.Columns) != 4 || !orders.HasIndexPrefix([]string{"user_id", "state"}) || !orders.HasIndexPrefix([]string{"number"}) || orders.HasIndexPrefix([]string{"state"}) {
		t.Errorf("orders: %+v", orders)
	}
	if len(orders.ForeignKeys) != 1 || orders.ForeignKeys[0].OnDelete != "cascade" {
		t.Errorf("foreign keys: %+v", orders.ForeignKeys)
	}
	user := dbs[0].Schema.Table("user")
	if user == nil || !user.HasIndexPrefix([]string{"team_id"}) {
		t.Errorf("user comes from the model: %+v", user)
	}
	if m := dbs[0].Migrations; len(m) != 2 || m[0].ID != "b1" || m[1].Transactional {
		t.Errorf("migrations: %+v", m)
	}
}
