package render_test

import (
	"errors"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/render"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/report"
)

func column(name, typ string, form dialect.Form, notes ...string) datadiff.PairedColumn {
	c := dialect.Column{Name: name, Type: typ}
	return datadiff.PairedColumn{A: c, B: c, Form: form, Notes: notes}
}

// pairing of a table users with a key, a moment, a text, an inexact column and a renamed number.
func pairing() *datadiff.Pairing {
	balance := column("balance", "numeric(12,2)", dialect.Decimal)
	balance.B.Name, balance.B.Type, balance.Tolerance = "saldo", "decimal(12,2)", 0.005
	p := &datadiff.Pairing{Key: 1, KeyFrom: "primary key", Unique: true, OnlyA: []string{"legacy_flag"}, OnlyB: []string{"tenant"}, Columns: []datadiff.PairedColumn{
		column("id", "bigint", dialect.Int), column("updated_at", "timestamp", dialect.Timestamp, "a DATETIME is taken as UTC"),
		column("email", "text", dialect.Text), column("shape", "polygon", dialect.Inexact), balance,
	}}
	p.A.Table, p.B.Table = &dialect.Table{}, &dialect.Table{View: true}
	p.A.Where = "id > 10"
	return p
}

const hour = 3_600_000_000

// user makes the cells of a row.
func user(t *testing.T, id, updated int64, email, shape, balance string) []byte {
	t.Helper()
	row := canon.AppendInt(nil, id)
	row = canon.AppendTimestamp(row, updated)
	row = canon.AppendText(row, email)
	row = canon.AppendInexact(row, shape)
	row, err := canon.AppendDecimal(row, balance)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func difference(kind datadiff.Kind, state datadiff.State, a, b []byte) datadiff.Difference {
	d := datadiff.Difference{Kind: kind, State: state, A: a, B: b}
	for _, row := range [][]byte{a, b} {
		if row != nil {
			d.Key = row[:9]
		}
	}
	return d
}

// differences of the fixture: 40 rows an hour apart, some texts, rows of one side.
func differences(t *testing.T) []datadiff.Difference {
	t.Helper()
	const noon = 1_767_268_800_000_000
	var all []datadiff.Difference
	for i := range int64(40) {
		b := user(t, i, noon+hour, "u@ex.com", "((0,0))", "1.5")
		if i == 7 {
			b = user(t, i, noon+hour, "U@EX.COM\x1b[31m with a long tail that no terminal shows in one line, and so it is cut somewhere near its end", "((0,0))", "1.5")
		}
		all = append(all, difference(datadiff.Changed, datadiff.Confirmed, user(t, i, noon, "u@ex.com", "((0,0))", "1.5"), b))
	}
	all = append(all, difference(datadiff.Changed, datadiff.Moving, user(t, 41, noon, "x", "((0,0))", "1"), user(t, 41, noon+5, "x", "((0,0))", "2")),
		difference(datadiff.OnlyA, datadiff.Confirmed, user(t, 50, noon, "only-a@ex.com", "((1,1))", "123456789012345678.25"), nil),
		difference(datadiff.OnlyB, datadiff.Seen, nil, user(t, 51, noon, "", "((1,1))", "-0.25")))
	return all
}

func result(p *datadiff.Pairing, kind datadiff.PlanKind) *datadiff.Result {
	r := &datadiff.Result{Verdict: datadiff.Equal, Pairing: p, Plan: &datadiff.Plan{Kind: kind, Known: true}, Rows: [2]int64{1_000_000, 1_000_001}, CellBytes: [2]int64{50e6, 50e6},
		LinkBytes: [2]int64{60e6, 61e6}, Ranges: 240,
		Outcome: limit.Outcome{Bound: limit.Bound{Seconds: 2, By: "link to B: 61 MB at 30 MB/s (measured 2026-11-27, this machine)"}, Took: 2500 * time.Millisecond}}
	for _, c := range p.Columns {
		r.Columns = append(r.Columns, datadiff.ColumnResult{Name: c.Name()})
	}
	return r
}

// summary is a run over four tables: one that differs in every way, an equal one compared by hashes, a
// sample without a key, and one that failed.
func summary(t *testing.T) *render.Summary {
	t.Helper()
	p := pairing()
	res := result(p, datadiff.Stream)
	c := render.NewCollector(p)
	for _, d := range differences(t) {
		if err := c.Add(d); err != nil {
			t.Fatal(err)
		}
	}
	res.Verdict, res.Changed, res.OnlyA, res.OnlyB, res.Confirmed, res.Moving, res.Transient = datadiff.Different, 41, 1, 1, 41, 1, 12
	res.Columns[1].Changed, res.Columns[2].Changed, res.Columns[4].Changed = 41, 1, 1
	res.Position = [2]string{"LSN 0/1A2B3C", ""}
	res.Spilled = 1_500_000
	s := &render.Summary{SchemaVersion: render.SchemaVersion, Tool: report.Tool{Name: "napkin", Version: "test"},
		A: render.Database{URL: "postgres://shop@db1/shop", Product: "PostgreSQL 15.18"}, B: render.Database{URL: "mysql://shop:xxxxx@db2/shop", Product: "MariaDB 10.11.19"},
		OnlyA: []string{"audit_log"}}
	schema := []render.Change{{Kind: "type", Object: "email", A: "text", B: "varchar(40)", Severity: "breaks writes", Text: "email holds texts of any length in A and at most 40 characters in B"}}
	s.Tables = append(s.Tables, render.NewTable(render.About{A: "users", B: "people", Recheck: true, Schema: schema}, res, c, nil))

	plain := &datadiff.Pairing{Key: 1, KeyFrom: "unique index", Unique: true, Columns: []datadiff.PairedColumn{column("id", "bigint", dialect.Int)}}
	plain.A.Table, plain.B.Table = &dialect.Table{}, &dialect.Table{}
	s.Tables = append(s.Tables, render.NewTable(render.About{A: "orders", B: "orders"}, result(plain, datadiff.Portable), nil, nil))

	keyless := &datadiff.Pairing{Columns: []datadiff.PairedColumn{column("msg", "text", dialect.Text)}}
	keyless.A.Table, keyless.B.Table = &dialect.Table{}, &dialect.Table{}
	s.Tables = append(s.Tables, render.NewTable(render.About{A: "log", B: "log", Sample: 0.05, Confidence: 0.95}, result(keyless, datadiff.Stream), nil, nil))

	s.Tables = append(s.Tables, render.NewTable(render.About{A: "events", B: "events"}, nil, nil, errors.New("read the catalog of events in B: SELECT command denied to user 'shop'@'db2'")))
	s.Conclude()
	return s
}
