package rehearse

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/scale"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/scratch"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// files reads migrations of the plain layout, or of tool.
func files(t *testing.T, tool layout.Tool, texts ...string) []*layout.Migration {
	t.Helper()
	var all []*layout.Migration
	for i, text := range texts {
		name := fmt.Sprintf("%03d.sql", i+1)
		h, err := layout.Read(fstest.MapFS{name: {Data: []byte(text)}}, []string{name}, layout.Options{Tool: tool, Dialect: schema.Postgres})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, h.Migrations...)
	}
	return all
}

const shop = `
create table customer (id bigint primary key, email text not null);
create table orders (id bigint primary key, customer bigint not null references customer, total int, note text, at timestamptz not null);
create index orders_at on orders (at);
`

// shopStatistics are those of a shop of so many orders, as the reader would have taken them.
func shopStatistics(orders float64) *scale.Statistics {
	key := func(low, high float64) *scale.Shape {
		return &scale.Shape{Width: 8, Distinct: -1, Correlation: 1, Low: fmt.Sprint(int(low)), High: fmt.Sprint(int(high))}
	}
	return &scale.Statistics{SchemaVersion: scale.SchemaVersion, Server: scale.Server{Version: "15.4", VersionNum: 150004,
		Settings: map[string]string{"shared_buffers": "128MB", "maintenance_work_mem": "64MB"}},
		Tables: []scale.Table{
			{Schema: "public", Name: "customer", Kind: "table", Rows: orders / 10, Analyzed: true, Heap: 50 * 1 << 20, Columns: []scale.Column{
				{Name: "id", Base: "int8", Shape: key(1, orders/10)}, {Name: "email", Base: "text", Shape: &scale.Shape{Width: 21, Distinct: -1}}}},
			{Schema: "public", Name: "orders", Kind: "table", Rows: orders, Analyzed: true, Heap: 1 << 30, Columns: []scale.Column{
				{Name: "id", Base: "int8", Shape: key(1, orders)}, {Name: "customer", Base: "int8", Shape: &scale.Shape{Width: 8, Distinct: -0.1}},
				{Name: "total", Base: "int4", Shape: &scale.Shape{Width: 4, Distinct: 1000, Low: "1", High: "1000"}},
				{Name: "note", Base: "text", Shape: &scale.Shape{Width: 60, Distinct: -1, NullFraction: 0.25}},
				{Name: "at", Base: "timestamptz", Shape: &scale.Shape{Width: 8, Distinct: -1, Correlation: 1, Low: "2023-01-01 00:00:00+00", High: "2024-01-01 00:00:00+00"}}}},
		}}
}

func TestRehearsal(t *testing.T) {
	t.Parallel() // half of it waits for the scenes of queues
	server := tracked(t)
	before := files(t, layout.Plain, shop)
	migrations := files(t, layout.Plain, `alter table orders alter column total type bigint;
create index orders_customer on orders (customer);
alter table orders add column extra text;
delete from orders where total < 100;
begin;
alter table orders add constraint positive check (total > 0);
create index concurrently never on orders (note);
alter table orders drop column note;
commit;
create index concurrently orders_total on orders (total);
create table fresh (id int);
drop table customer cascade;`)
	result, err := Run(t.Context(), Options{Before: before, Migrations: migrations, Statistics: shopStatistics(3_000_000), Rows: 30_000, Repeats: 2, Queue: true, Seed: 1, started: server.started})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range result.Statements {
		t.Logf("%d %.40s | %s | %s | %v..%v | floor %.3g %s | %+v | %s", s.Line, s.SQL, s.Effect, s.Signature, s.Duration.Low, s.Duration.High, s.Floor, s.FloorBy, s.Queue, s.Error)
	}
	by := map[string]*Statement{}
	for _, s := range result.Statements {
		by[s.SQL] = s
	}
	if len(result.Sizes) != 3 || result.Sizes[2].Tables[1].Rows != 30_000 || result.Partial != "" || len(result.Problems) > 0 {
		t.Errorf("sizes %+v, partial %q, problems %v", result.Sizes, result.Partial, result.Problems)
	}
	rewrite := by["alter table orders alter column total type bigint"]
	if e := rewrite.Effect; e.Target != effect.AccessExclusive || !e.Work.Has(effect.Rewrite) || !rewrite.Signature.Rewrite {
		t.Errorf("int to bigint: %s", e)
	}
	if d := rewrite.Duration; !d.Estimated() || d.Low <= 0 || d.Low >= d.High || d.Rows != 3_000_000 || len(rewrite.Samples) != 8 { // the smallest size twice as often
		t.Errorf("int to bigint: %+v of %v", d, rewrite.Samples)
	}
	if rewrite.Floor <= 0 || rewrite.WAL < 100_000_000 {
		t.Errorf("int to bigint: floor %v, WAL %v", rewrite.Floor, rewrite.WAL)
	}
	if q := rewrite.Queue; q == nil || q.Waited < 1 || q.Blocked < q.Probes/2 || q.Longest < 0.5 || q.Writes {
		t.Errorf("int to bigint behind a reader: %+v", q)
	}
	index := by["create index orders_customer on orders (customer)"]
	if index.Effect.Target != effect.Share || index.Signature.Indexes != 1 || index.Duration.Model.Growth != scale.Sorting {
		t.Errorf("index: %s, %+v, %+v", index.Effect, index.Signature, index.Duration.Model)
	}
	if q := index.Queue; q == nil || !q.Writes || q.Blocked == 0 {
		t.Errorf("index behind a writer: %+v", q)
	}
	column := by["alter table orders add column extra text"]
	if column.Effect.Work != 0 || column.Duration.High > 5 || !column.Duration.Estimated() {
		t.Errorf("a column without default: %s, %+v", column.Effect, column.Duration)
	}
	if bad := by["create index concurrently never on orders (note)"]; !strings.Contains(bad.Error, "it cannot run in a transaction") {
		t.Errorf("concurrently in a transaction: %q", bad.Error)
	}
	check := by["alter table orders add constraint positive check (total > 0)"]
	if check.Transaction != 1 || check.Held.High <= check.Duration.High || check.Error != "" {
		t.Errorf("the lock of a statement in a transaction is held as long as the statement: %+v, %+v", check.Duration, check.Held)
	}
	if fresh := by["create table fresh (id int)"]; fresh.Error != "" || fresh.Effect.Harm() {
		t.Errorf("a new table: %s, %s", fresh.Effect, fresh.Error)
	}
	var losses []string
	for _, l := range result.Losses {
		losses = append(losses, l.Sentence)
	}
	for _, want := range []string{"removes the table public.customer with its 300,000 rows", "removes the column note of public.orders, which 2.25 million rows", "of the generated rows of public.orders"} {
		if !strings.Contains(strings.Join(losses, "\n"), want) {
			t.Errorf("no loss says %q: %q", want, losses)
		}
	}
	if text, err := json.Marshal(result); err != nil || len(text) < 1000 {
		t.Errorf("JSON: %s, %v", text, err)
	}
	server.gone(t)
}

// trackedServer is the private server of a rehearsal, which must be gone after it.
type trackedServer struct {
	server *scratch.Postgres
	folder string
	failed error
}

func tracked(t *testing.T) *trackedServer {
	t.Helper()
	if len(scratch.FindPostgres()) == 0 {
		testserver.PostgresFor(t) // skips, or fails in CI
	}
	return &trackedServer{}
}

func (s *trackedServer) started(p *scratch.Postgres) {
	s.server = p
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, p.URL)
	if err != nil {
		s.failed = err
		return
	}
	defer conn.Close(ctx)
	s.failed = conn.QueryRow(ctx, "show data_directory").Scan(&s.folder)
}

// gone looks for what a rehearsal must not leave behind: the server and its folder.
func (s *trackedServer) gone(t *testing.T) {
	t.Helper()
	if s.server == nil || s.failed != nil {
		t.Fatal("no server was started: ", s.failed)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if conn, err := pgx.Connect(ctx, s.server.URL); err == nil {
		conn.Close(ctx)
		t.Error("the server still answers")
	}
	if _, err := os.Stat(s.folder); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}
