package proof

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/internal/testserver"
)

// rows of each table: enough that a scan takes tens of milliseconds and a descent does not.
const rows = 300_000

// inRow is how many small statements, or round trips, are timed together: one alone after a scan of a
// large table finds cold caches.
const inRow = 20

// schemaSQL is both the audited file and what the server holds.
const schemaSQL = `-- PostgreSQL
CREATE TABLE customers (
  id bigint PRIMARY KEY,
  name text NOT NULL
);

CREATE TABLE orders (
  id bigint PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers (id),
  tracking_number text NOT NULL,
  email text NOT NULL,
  payload jsonb NOT NULL,
  placed_at timestamptz NOT NULL,
  note text NOT NULL
);
`

// fillSQL fills the tables; the last customers have no orders, so that they can be deleted. The table
// ledger is of another shape: rates are measured on it.
const fillSQL = `
INSERT INTO customers SELECT i, 'customer ' || i FROM generate_series(1, 20000) i;
INSERT INTO orders
  SELECT i, 1 + (i * 7919::bigint) %% 15000, md5(i::text), 'User' || i || '@Example.org',
         jsonb_build_object('sku', i %% 50000), timestamptz '2024-01-01' + ((i * 104729::bigint) %% 30000000) * interval '1 second',
         repeat('n', 100)
  FROM generate_series(1, %[1]d) i;
CREATE TABLE ledger (id bigint PRIMARY KEY, amount integer NOT NULL, booked_at timestamptz NOT NULL, reference text NOT NULL, attributes jsonb NOT NULL, text text NOT NULL);
INSERT INTO ledger
  SELECT i, i %% 1000, timestamptz '2024-01-01' + ((i * 15485863::bigint) %% 30000000) * interval '1 second', 'ref ' || i, jsonb_build_object('kind', i %% 700), repeat('t', 130)
  FROM generate_series(1, %[1]d) i;
`

// database is a server with the tables filled and the counting connection to it.
type database struct {
	*pgx.Conn
	counter *counter
}

// counter counts the statements that are sent.
type counter struct{ statements int }

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.statements++
	return ctx
}

func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func start(t *testing.T) *database {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: filling the tables and building the indexes takes several seconds")
	}
	server := testserver.PostgresFor(t)
	config, err := pgx.ParseConfig(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	db := &database{counter: &counter{}}
	config.Tracer = db.counter
	if db.Conn, err = pgx.ConnectConfig(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(context.Background()) })
	// One worker and no just-in-time compilation: the model prices one core.
	db.must(t, "ALTER SYSTEM SET autovacuum = off")
	db.must(t, "SELECT pg_reload_conf()")
	db.must(t, "SET max_parallel_workers_per_gather = 0")
	db.must(t, "SET jit = off")
	db.must(t, "SET synchronize_seqscans = off")
	db.must(t, schemaSQL)
	db.must(t, fmt.Sprintf(fillSQL, rows))
	for _, table := range []string{"customers", "orders", "ledger"} {
		db.must(t, "VACUUM ANALYZE "+table)
	}
	return db
}

func (db *database) must(t *testing.T, sql string) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// plan is what EXPLAIN (ANALYZE) says of a statement.
type plan struct {
	node      node
	execution float64 // ms, triggers included
}

type node struct {
	Type  string `json:"Node Type"`
	Index string `json:"Index Name"`
	Plans []node `json:"Plans"`
}

// uses reports whether a node of the type, or on the index, is in the plan.
func (n node) uses(name string) bool {
	if n.Type == name || n.Index == name {
		return true
	}
	for _, c := range n.Plans {
		if c.uses(name) {
			return true
		}
	}
	return false
}

// explain runs a statement in a transaction that is rolled back.
func (db *database) explain(t *testing.T, sql string) plan {
	t.Helper()
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	var text []byte
	if err := tx.QueryRow(t.Context(), "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) "+sql, pgx.QueryExecModeSimpleProtocol).Scan(&text); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	var out []struct {
		Plan node    `json:"Plan"`
		Time float64 `json:"Execution Time"`
	}
	if err := json.Unmarshal(text, &out); err != nil || len(out) != 1 {
		t.Fatalf("%s: %v in %s", sql, err, text)
	}
	return plan{node: out[0].Plan, execution: out[0].Time}
}

// medians runs all functions by turns and returns the median of what each gave: whatever else the
// machine does then weighs on all of them.
func medians(turns int, run ...func() float64) []float64 {
	samples := make([][]float64, len(run))
	for range turns {
		for i, f := range run {
			samples[i] = append(samples[i], f())
		}
	}
	out := make([]float64, len(run))
	for i := range samples {
		slices.Sort(samples[i])
		out[i] = samples[i][len(samples[i])/2]
	}
	return out
}

// calibration are the statements on the ledger from which rates are taken.
type calibration struct{ scan, page, documents, function, point, ping, statement func() float64 }

func (db *database) calibration(t *testing.T) calibration {
	execution := func(sql string) func() float64 {
		return func() float64 { return db.explain(t, sql).execution }
	}
	id := 0
	return calibration{
		scan:      execution("SELECT id FROM ledger WHERE reference = 'none'"),
		page:      execution("SELECT id FROM ledger ORDER BY booked_at DESC LIMIT 20"),
		documents: execution(`SELECT id FROM ledger WHERE attributes @> '{"kind": -1}'`),
		function:  execution("SELECT id FROM ledger WHERE lower(reference) = 'none'"),
		point:     execution("SELECT id FROM ledger WHERE id = 4711"),
		ping:      loopback(t),
		statement: func() float64 {
			at := time.Now()
			for range inRow {
				id++
				var got int64
				if err := db.QueryRow(t.Context(), "SELECT id FROM ledger WHERE id = $1", 1+id%rows).Scan(&got); err != nil {
					t.Fatal(err)
				}
			}
			return float64(time.Since(at)) / 1e6 / inRow
		},
	}
}

// loopback measures a round trip between two goroutines over TCP, in ms.
func loopback(t *testing.T) func() float64 {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		peer, err := listener.Accept()
		if err != nil {
			return
		}
		buffer := make([]byte, 64)
		for {
			n, err := peer.Read(buffer)
			if err != nil {
				_ = peer.Close()
				return
			}
			if _, err := peer.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(); _ = listener.Close() })
	buffer := make([]byte, 64)
	return func() float64 {
		at := time.Now()
		for range inRow {
			if _, err := conn.Write(buffer); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Read(buffer); err != nil {
				t.Fatal(err)
			}
		}
		return float64(time.Since(at)) / 1e6 / inRow
	}
}

// number asks for one number.
func (db *database) number(t *testing.T, sql string) float64 {
	t.Helper()
	var v float64
	if err := db.QueryRow(t.Context(), sql).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// run measures the calibration's statements by turns with the others and returns the rates and the
// medians of the others, in ms.
func (c calibration) run(t *testing.T, db *database, turns int, others ...func() float64) (rates, []float64) {
	t.Helper()
	got := medians(turns, append([]func() float64{c.scan, c.page, c.documents, c.function, c.point, c.ping, c.statement}, others...)...)
	return rates{got[0], got[1], got[2], got[3], got[4], got[5], got[6]}, got[7:]
}

// rates are the times of the calibration's statements in ms.
type rates struct{ scan, page, documents, function, point, ping, statement float64 }

// profile lays measured rates over the published ones.
func (r rates) profile(t *testing.T, db *database) *rate.Profile {
	t.Helper()
	ledger := db.number(t, "SELECT pg_relation_size('ledger')::float8")
	width := db.number(t, fmt.Sprintf("SELECT pg_relation_size('orders')::float8 / %d", rows))
	measured := func(name string, kind rate.Kind, value float64, of string) rate.Rate {
		return rate.Rate{Name: name, Kind: kind, Value: value, Low: value, High: value, Of: of, What: "measured on the server of this test", Origin: rate.Measured, Source: "this test", Date: time.Now().Format(time.DateOnly)}
	}
	return rate.Embedded().With(
		measured(rate.PostgresSeqScan, rate.Throughput, ledger/r.scan*1000, "B"),
		measured(rate.PostgresRowBytes, rate.Size, width, ""),
		measured(rate.PostgresSortRows, rate.Throughput, rows/max(r.page-r.scan, r.scan/20)*1000, "row"),
		measured(rate.PostgresDocuments, rate.Throughput, rows/max(r.documents-r.scan, r.scan/20)*1000, "row"),
		measured(rate.PostgresFunction, rate.Throughput, rows/max(r.function-r.scan, r.scan/20)*1000, "row"),
		measured(rate.IndexDescent, rate.Latency, r.point/1000, ""),
		measured(rate.TCPRoundTrip, rate.Latency, r.ping/1000, ""),
		measured(rate.PostgresStatement, rate.Latency, math.Max(r.statement-r.ping, 0.001)/1000, ""),
	)
}
