package gosql

import (
	"context"
	"fmt"
	"sort"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/rawsql"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
)

var store = map[string]string{
	"go.mod": "module shop\n",
	"internal/store/store.go": `package store

import (
	"context"

	sq "github.com/Masterminds/squirrel"
)

var psql = sq.StatementBuilder.PlaceholderFormat(sq.Dollar)

// Users is what the handlers need.
type Users interface {
	ByID(ctx context.Context, id int) (*User, error)
}

type User struct{ ID int }

type pgUsers struct{ conn Conn }

func NewUsers(c Conn) *pgUsers { return &pgUsers{conn: c} }

func (u *pgUsers) ByID(ctx context.Context, id int) (*User, error) {
	row := psql.Select("u.id").From("users u").Where(sq.Eq{"u.id": id}).RunWith(u.conn).QueryRow()
	return scan(row)
}

func Count(c Conn, team int) int {
	query := psql.Select("count(*)").From("members")
	query = query.Where(sq.Eq{"team_id": team}).OrderBy("created_at DESC").Limit(5)
	rows, _ := query.RunWith(c).Query()
	return scanOne(rows)
}

func Items(db *sql.DB, order int) { db.Query("SELECT id FROM items WHERE order_id = $1", order) }
`,
}

func analyze(t *testing.T, path, src string) *flow.Result {
	t.Helper()
	all := map[string]string{path: src}
	for p, s := range store {
		all[p] = s
	}
	p := load.FromFiles(all)
	for _, f := range p.Files {
		if f.Tree != nil && f.Tree.Errors > 0 {
			t.Fatalf("%s does not parse", f.Path)
		}
	}
	return flow.Analyze(context.Background(), p, []flow.Framework{New(), rawsql.New()})
}

func TestLoads(t *testing.T) {
	for _, tc := range []struct {
		name, imports, body string
		want                []string
	}{
		{"through a field of an interface type", "", `for _, id := range h.ids { h.users.ByID(ctx, id) }`, []string{"query users"}},
		{"through a parameter", "", `for _, id := range h.ids { other(h.users, id) }`, []string{"query users"}},
		{"through a constructor", "", `u := store.NewUsers(nil); for _, id := range h.ids { u.ByID(ctx, id) }`, []string{"query users"}},
		{"a function of another package", "", `for _, id := range h.ids { store.Count(nil, id) }`, []string{"query members"}},
		{"SQL in a function of another package", "", `for _, id := range h.ids { store.Items(nil, id) }`, []string{"query items"}},
		{"once", "", `h.users.ByID(ctx, 1)`, nil},
		{"a retry", "", `for { _, err := h.users.ByID(ctx, 1); if err == nil { return }; time.Sleep(1) }`, nil},
		{"attempts", "", `for range 5 { h.users.ByID(ctx, 1) }`, nil},
		{"a channel", "", `for { select { case id := <-h.queue: h.users.ByID(ctx, id) } }`, nil},
		{"three fixed values", "", `for _, id := range []int{1, 2, 3} { h.users.ByID(ctx, id) }`, nil},
		{"GORM by the type of a field", `"gorm.io/gorm"`, `for _, id := range h.ids { var o Order; h.db.Where("user_id = ?", id).First(&o) }`, []string{"query orders"}},
		{"GORM's preload", `"gorm.io/gorm"`, `var list []Order; h.db.Preload("Items").Find(&list); for _, o := range list { use(o.Items) }`, nil},
		{"GORM's save", `"gorm.io/gorm"`, `var list []Order; h.db.Find(&list); for _, o := range list { h.db.Save(&o) }`, []string{"write orders"}},
		{"bun", `"github.com/uptrace/bun"`, `for _, id := range h.ids { h.bun.NewSelect().Model((*Order)(nil)).Where("? = ?", bun.Ident("order.user_id"), id).Scan(ctx) }`, []string{"query orders"}},
		{"beego", `"github.com/beego/beego/v2/client/orm"`, `for _, id := range h.ids { h.orm.QueryTable("orders").Filter("user_id", id).All(nil) }`, []string{"query orders"}},
		{"other words of the same name", "", `for _, id := range h.ids { h.list.Find(id); h.list.Count() }`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			src := "package api\n\nimport (\n\t\"shop/internal/store\"\n\t" + tc.imports + "\n)\n\ntype Order struct { ID int; Items []Item }\n\ntype Handler struct {\n\tusers store.Users\n\tids []int\n\tqueue chan int\n\tdb *gorm.DB\n\tbun bun.IDB\n\torm orm.Ormer\n\tlist List\n}\n\nfunc other(u store.Users, id int) { u.ByID(nil, id) }\n\nfunc (h *Handler) list(w http.ResponseWriter, r *http.Request) { " + tc.body + " }\n"
			r := analyze(t, "internal/api/api.go", src)
			set := map[string]bool{}
			for _, l := range r.Loads {
				set[[...]string{"relation", "query", "aggregate", "write"}[l.Kind]+" "+l.Query.Model.Table] = true
			}
			got := make([]string, 0, len(set))
			for s := range set {
				got = append(got, s)
			}
			sort.Strings(got)
			if fmt.Sprint(got) != fmt.Sprint(tc.want) {
				t.Errorf("loads %v, want %v", got, tc.want)
			}
			if len(r.Entries) != 1 {
				t.Errorf("entries %v", r.Entries)
			}
		})
	}
}

// What a chain asks for is read where it runs, also from the variable that it was built in.
func TestConditions(t *testing.T) {
	r := analyze(t, "a.go", "package a\n")
	got := map[string]string{}
	for _, q := range r.Queries {
		s := ""
		for _, f := range q.Filters {
			s += f.Column + f.Op + " "
		}
		for _, o := range q.Orders {
			s += fmt.Sprintf("by %s %v ", o.Column, o.Desc)
		}
		if q.Model.Framework == "gosql" {
			got[q.Model.Table] = s + fmt.Sprint(q.Limit)
		}
	}
	want := map[string]string{"users": "id= 0", "members": "team_id= by created_at true 5"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("conditions %v, want %v", got, want)
	}
}

// A method that only passes a statement on is not the place of the query, and its callers keep their own
// tables, however long the statements are.
func TestWrappers(t *testing.T) {
	r := analyze(t, "db/map.go", `package db

import "database/sql"

type Wrapped struct{ inner *sql.DB }

func (w Wrapped) Select(query string, args ...any) error {
	return w.inner.Select(nil, query, args...)
}

type Store struct{ db Wrapped }

func (s *Store) Each(ids []int) {
	s.db.Select("SELECT id, name, created_at, updated_at FROM serial_numbers WHERE id = 1")
	for _, id := range ids {
		s.db.Select("SELECT id, name, created_at, updated_at FROM paused_names WHERE id = ?", id)
	}
	for _, id := range ids {
		s.one(id)
	}
}

func (s *Store) one(id int) {
	s.db.Select("SELECT id, name, created_at, updated_at FROM certificates WHERE id = ?", id)
}
`)
	got := map[string]bool{}
	for _, l := range r.Loads {
		if l.Site.File.Path == "db/map.go" {
			got[fmt.Sprintf("%s:%d", l.Query.Model.Table, l.Site.Node.Line())] = true
		}
	}
	if want := map[string]bool{"paused_names:16": true, "certificates:24": true}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("loads %v, want %v", got, want)
	}
}
