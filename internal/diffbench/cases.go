package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/internal/netproxy"
)

// identical is B1: equal tables in two products, beside reladiff. Ours and the peer take turns; of each
// the run with the least CPU time counts.
func (b *bench) identical(ctx context.Context) error {
	var best outcome
	least := math.Inf(1)
	runs := max(b.runs, 1)
	defer b.once()()
	for i := range runs {
		o, err := b.compare(ctx, request{A: b.pg.URL, B: b.my.URL, TableA: "narrow", TableB: "narrow"})
		if err != nil {
			return err
		}
		fmt.Println(o)
		if i == 0 {
			for _, e := range o.Estimates {
				fmt.Println("   ", e)
			}
		}
		if i == 0 || o.Server+o.Client < best.Server+best.Client {
			best = o
		}
		if b.peer == "" {
			continue
		}
		cpu, err := b.runPeer(ctx, i == 0)
		if err != nil {
			return err
		}
		least = min(least, cpu)
	}
	if b.peer == "" {
		fmt.Println("reladiff: not measured (-peer)")
		return nil
	}
	fmt.Printf("CPU of ours / reladiff: %.3f (bar 0.25)   wall / limit: %.2f (bar 1.5)   memory %d MB (bar 200)\n", (best.Server+best.Client)/least, best.Took/best.Least, best.Memory>>20)
	return nil
}

// once makes each comparison one run, until the returned function is called.
func (b *bench) once() (restore func()) {
	runs := b.runs
	b.runs = 1
	return func() { b.runs = runs }
}

// runPeer runs reladiff on the narrow tables and returns its CPU seconds, the servers' included.
func (b *bench) runPeer(ctx context.Context, say bool) (float64, error) {
	server := b.serverSeconds()
	began := time.Now()
	cmd := exec.CommandContext(ctx, b.peer, peerURL(b.pg.URL), "narrow", peerURL(b.my.URL), "narrow", "-k", "id", "-c", "n", "-c", "amount", "-c", "at", "-c", "name", "--stats", "-j", "2")
	text, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("reladiff: %w\n%s", err, text)
	}
	peer := b.serverSeconds() - server
	client := (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	fmt.Printf("reladiff: wall %.2f s  CPU servers %.2f + client %.2f s\n", time.Since(began).Seconds(), peer, client)
	if say {
		fmt.Printf("%s\n", indent(string(text)))
	}
	return peer + client, nil
}

func peerURL(u string) string {
	u = strings.Replace(u, "postgres://", "postgresql://", 1)
	u, _, _ = strings.Cut(u, "?")
	return u
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n    ")
}

// changes is B2: planted changes are found, all and no others, and what they cost.
func (b *bench) changes(ctx context.Context) error {
	r := request{A: b.pg.URL, B: b.my.URL, TableA: "narrow", TableB: "narrow", Keys: true}
	base, err := b.compare(ctx, r)
	if err != nil {
		return err
	}
	fmt.Println("identical:", base)
	random := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // a benchmark
	for _, c := range []struct {
		n   int
		bar float64
	}{{5, 5}, {1_000, 25}, {100_000, 100}} {
		n := min(c.n, int(b.rows/10))
		keys := distinct(random, n, b.rows)
		if err := b.plant(ctx, "narrow", keys); err != nil {
			return err
		}
		o, err := b.compare(ctx, r)
		if err != nil {
			return err
		}
		if err := b.undo(ctx, "narrow", keys); err != nil {
			return err
		}
		missed, extra := compareKeys(keys, o.Keys)
		fmt.Printf("%d changes: %s\n    missed %d, extra %d (bars 0, 0)   CPU %+.1f %%, wall %+.1f %% over the identical run (bar +%.0f %%)\n", n, o, missed, extra,
			100*((o.Server+o.Client)/(base.Server+base.Client)-1), 100*(o.Took/base.Took-1), c.bar)
	}
	return nil
}

func distinct(r *rand.Rand, n int, most int64) []int64 {
	seen := map[int64]bool{}
	keys := make([]int64, 0, n)
	for len(keys) < n {
		k := 1 + r.Int64N(most)
		if !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	return keys
}

func compareKeys(want, got []int64) (missed, extra int) {
	w, g := map[int64]bool{}, map[int64]bool{}
	for _, k := range want {
		w[k] = true
	}
	for _, k := range got {
		if !w[k] || g[k] {
			extra++
		}
		g[k] = true
	}
	for k := range w {
		if !g[k] {
			missed++
		}
	}
	return missed, extra
}

// slow is B3: over a link of 20 ms and 50 Mbit/s the planner hashes.
func (b *bench) slow(ctx context.Context) error {
	defer b.once()()
	keys := distinct(rand.New(rand.NewPCG(3, 3)), 5, b.rows) //nolint:gosec // a benchmark
	if err := b.plant(ctx, "narrow", keys); err != nil {
		return err
	}
	a, closeA, err := b.proxied(b.pg.URL, 20*time.Millisecond, 50e6/8)
	if err != nil {
		return err
	}
	defer closeA()
	m, closeM, err := b.proxied(b.my.URL, 20*time.Millisecond, 50e6/8)
	if err != nil {
		return err
	}
	defer closeM()
	o, err := b.compare(ctx, request{A: a, B: m, TableA: "narrow", TableB: "narrow", Keys: true})
	if err != nil {
		return err
	}
	missed, extra := compareKeys(keys, o.Keys)
	fmt.Println(o)
	for _, e := range o.Estimates {
		fmt.Println("   ", e)
	}
	// What both tables are on the wire: the rows as the stream plan would move them.
	whole := float64(b.rows) * 124
	fmt.Printf("    missed %d, extra %d; bytes moved %.3f %% of the tables (bar 1 %%)\n", missed, extra, 100*float64(o.LinkBytes[0]+o.LinkBytes[1])/whole)
	return b.undo(ctx, "narrow", keys)
}

// proxied puts a slow link before a server. The host is written as a name that is not the loopback
// address, because a server on this machine would be taken for one that shares its processors.
func (b *bench) proxied(url string, trip time.Duration, rate float64) (string, func(), error) {
	u := url
	at := strings.Index(u, "@")
	end := at + strings.IndexAny(u[at:], "/")
	p, err := netproxy.Start(context.Background(), u[at+1:end], netproxy.Options{Delay: trip, BytesPerSecond: int64(rate)})
	if err != nil {
		return "", nil, err
	}
	return u[:at+1] + p.Address() + u[end:], func() { _ = p.Close() }, nil
}

// outlier is B4's cost: one key at 9e18 among dense ones.
func (b *bench) outlier(ctx context.Context) error {
	n := min(b.rows, 1_000_000)
	for _, t := range []string{"dense", "outlier"} {
		if err := b.load(ctx, t, n); err != nil {
			return err
		}
	}
	const far = "insert into outlier values (9000000000000000000, 1, 1, '2020-01-01 00:00:00', 'far')"
	if err := b.execPG(ctx, far, "analyze outlier"); err != nil {
		return err
	}
	if err := b.execMy(ctx, far, "analyze table outlier"); err != nil {
		return err
	}
	var cost [2]float64
	for i, t := range []string{"dense", "outlier"} {
		for _, pair := range [][2]string{{b.pg.URL, b.my.URL}, {b.my.URL, b.pg.URL}} {
			o, err := b.compare(ctx, request{A: pair[0], B: pair[1], TableA: t, TableB: t})
			if err != nil {
				return err
			}
			fmt.Printf("%-8s %s\n", t, o)
			cost[i] += o.Server + o.Client
		}
	}
	fmt.Printf("outlier / dense: %.2f (bar 1.3)\n", cost[1]/cost[0])
	return nil
}

// words is the cost of text keys under a collation: a table keyed by UUIDs in a char(36), and its copy in
// the same product, on this machine and over the slow link.
func (b *bench) words(ctx context.Context) error {
	n := min(b.rows/5, 2_000_000)
	const rows = "select uuid() id, (seq * 7919) %% 1000003 n, concat('customer-', seq) name from seq_1_to_%d"
	err := b.execMy(ctx, "drop table if exists words", "drop table if exists words_copy",
		"create table words (id char(36) collate utf8mb4_general_ci primary key, n int not null, name varchar(40) not null) as "+fmt.Sprintf(rows, n),
		"create table words_copy like words", "insert into words_copy select * from words",
		"update words_copy set name = upper(name) order by id limit 5", "analyze table words", "analyze table words_copy")
	if err != nil {
		return err
	}
	r := request{A: b.my.URL, B: b.my.URL, TableA: "words", TableB: "words_copy"}
	o, err := b.compare(ctx, r)
	if err != nil {
		return err
	}
	fmt.Println("this machine:", o)
	for _, u := range []*string{&r.A, &r.B} {
		to, done, err := b.proxied(*u, 20*time.Millisecond, 50e6/8)
		if err != nil {
			return err
		}
		defer done()
		*u = to
	}
	if o, err = b.compare(ctx, r); err != nil {
		return err
	}
	fmt.Println("20 ms, 50 Mbit/s:", o)
	return nil
}

// predict is B9: what --explain foretells beside what it took. No run is chosen among several.
func (b *bench) predict(ctx context.Context) error {
	defer b.once()()
	n := min(b.rows/4, 2_000_000)
	for _, t := range []string{"p1", "p2"} {
		if err := b.load(ctx, t, n); err != nil {
			return err
		}
	}
	type scenario struct {
		name string
		r    request
		trip time.Duration
		rate float64 // bytes per second, 0 for no proxy
	}
	pg, my := b.pg.URL, b.my.URL
	scenarios := []scenario{
		{"PostgreSQL-MariaDB", request{A: pg, B: my}, 0, 0},
		{"PostgreSQL-MariaDB, streamed", request{A: pg, B: my, Plan: "stream"}, 0, 0},
		{"PostgreSQL-MariaDB, portable", request{A: pg, B: my, Plan: "portable"}, 0, 0},
		{"PostgreSQL twice", request{A: pg, B: pg}, 0, 0},
		{"PostgreSQL twice, native", request{A: pg, B: pg, Plan: "native"}, 0, 0},
		{"PostgreSQL twice, join", request{A: pg, B: pg, Plan: "join"}, 0, 0},
		{"MariaDB twice", request{A: my, B: my}, 0, 0},
		{"MariaDB twice, join", request{A: my, B: my, Plan: "join"}, 0, 0},
		{"PostgreSQL-MariaDB, 1 ms 1 Gbit/s", request{A: pg, B: my}, time.Millisecond, 125e6},
		{"PostgreSQL-MariaDB, 5 ms 200 Mbit/s", request{A: pg, B: my}, 5 * time.Millisecond, 25e6},
		{"PostgreSQL-MariaDB, 20 ms 50 Mbit/s", request{A: pg, B: my}, 20 * time.Millisecond, 6.25e6},
	}
	good := 0
	for _, s := range scenarios {
		s.r.TableA, s.r.TableB = "p1", "p2"
		var closers []func()
		if s.rate > 0 {
			for _, u := range []*string{&s.r.A, &s.r.B} {
				to, done, err := b.proxied(*u, s.trip, s.rate)
				if err != nil {
					return err
				}
				*u = to
				closers = append(closers, done)
			}
		}
		o, err := b.compare(ctx, s.r)
		for _, f := range closers {
			f()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		within := o.Predicted/o.Took > 0.7 && o.Predicted/o.Took < 1.3
		if within {
			good++
		}
		fmt.Printf("%-38s predicted %6.2f s  took %6.2f s  %.2f  %s  by %s\n", s.name, o.Predicted, o.Took, o.Predicted/o.Took, o.Plan, o.By)
	}
	fmt.Printf("within 30 %%: %d of %d (bar 8 of 10)\n", good, len(scenarios))
	return nil
}
