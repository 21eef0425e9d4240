package datadiff_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/foundation/database"
)

// The benchmark of live tables is this test for longer:
//
//	go test ./engine/datadiff -run TestLive -v -live 60s -lag 2s
var (
	liveFor = flag.Duration("live", 8*time.Second, "how long TestLive writes")
	liveLag = flag.Duration("lag", time.Second, "how far its target is behind")
)

const (
	liveRows    = 20_000
	livePlanted = 10
	liveRate    = 500 // writes a second
)

// A table that is written to and a copy that is behind it: what lags is never reported as confirmed, and
// what really differs always is.
func TestLive(t *testing.T) {
	all := stores(t)
	a, b := all[dialect.Postgres], all[dialect.MySQL]
	fill := func(s *store, series string) {
		s.exec(t, "drop table if exists live", "create table live (id bigint primary key, v int not null, note varchar(40))",
			"insert into live select n, n % 1000, concat('note ', n) from "+series)
	}
	fill(a, fmt.Sprintf("generate_series(1, %d) n", liveRows))
	fill(b, fmt.Sprintf("(select seq n from seq_1_to_%d) s", liveRows))
	a.exec(t, "analyze live")
	var want []string
	for i := range livePlanted {
		id := liveRows - 2000 + i*10 // the writer stays below
		switch i % 3 {
		case 0:
			b.exec(t, fmt.Sprintf("update live set note = 'planted' where id = %d", id))
			want = append(want, fmt.Sprintf("changed %d", id))
		case 1:
			b.exec(t, fmt.Sprintf("delete from live where id = %d", id))
			want = append(want, fmt.Sprintf("only in A %d", id))
		default:
			b.exec(t, fmt.Sprintf("insert into live values (%d, 1, 'planted')", 10_000_000+id))
			want = append(want, fmt.Sprintf("only in B %d", 10_000_000+id))
		}
	}
	slices.Sort(want)

	ctx, stop := context.WithTimeout(t.Context(), *liveFor)
	defer stop()
	var written atomic.Int64
	done := make(chan error, 1)
	go func() { done <- writeLive(ctx, a, b, &written) }()
	runs, transient := 0, int64(0)
	for ctx.Err() == nil {
		job, err := datadiff.Prepare(t.Context(), a.side("live"), b.side("live"), datadiff.Options{RangeRows: 2000, Recheck: *liveLag + *liveLag/2 + 500*time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		var confirmed, moving []string
		res, err := job.Run(t.Context(), func(d datadiff.Difference) error {
			switch d.State {
			case datadiff.Confirmed:
				confirmed = append(confirmed, line(d))
			case datadiff.Moving:
				moving = append(moving, line(d))
			case datadiff.Seen:
				t.Errorf("a difference was not read again: %s", line(d))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		runs++
		transient += res.Transient
		slices.Sort(confirmed)
		if !slices.Equal(confirmed, want) {
			t.Errorf("run %d confirmed %q, want %q", runs, confirmed, want)
		}
		if len(moving) > 0 {
			t.Logf("run %d left as moving: %q", runs, moving)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	t.Logf("%d runs beside %d writes, %s behind: %d differences were transient, the %d planted ones confirmed each time", runs, written.Load(), *liveLag, transient, livePlanted)
	if transient == 0 {
		t.Error("no difference was ever transient: the test did not test")
	}
}

// writeLive changes rows of a at a fixed rate, and does the same to b later.
func writeLive(ctx context.Context, a, b *store, written *atomic.Int64) error {
	type write struct {
		sql string
		due time.Time
	}
	queue := make(chan write, 100_000)
	applied := make(chan error, 1)
	go func() {
		applied <- func() error {
			u, err := database.Parse(b.url)
			if err != nil {
				return err
			}
			conn, err := database.OpenMySQL(context.WithoutCancel(ctx), u, database.Options{Write: true})
			if err != nil {
				return err
			}
			defer conn.Close()
			for w := range queue {
				time.Sleep(time.Until(w.due))
				if _, err := conn.Execute(w.sql); err != nil {
					return fmt.Errorf("%s: %w", w.sql, err)
				}
			}
			return nil
		}()
	}()
	err := func() error {
		defer close(queue)
		u, err := database.Parse(a.url)
		if err != nil {
			return err
		}
		conn, err := database.OpenPostgres(context.WithoutCancel(ctx), u, database.Options{Write: true})
		if err != nil {
			return err
		}
		defer conn.Close(context.WithoutCancel(ctx))
		tick := time.NewTicker(time.Second / liveRate)
		defer tick.Stop()
		next := int64(liveRows + 1)
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
			id := 1 + rand.Int64N(liveRows-3000)                                                                 //nolint:gosec // a test
			sql := fmt.Sprintf("update live set v = v + 1, note = 'written %d' where id = %d", rand.Int64(), id) //nolint:gosec // a test
			switch rand.IntN(10) {                                                                               //nolint:gosec // a test
			case 0:
				sql = fmt.Sprintf("insert into live values (%d, 0, 'new')", next)
				next++
			case 1:
				sql = fmt.Sprintf("delete from live where id = %d", id)
			}
			if _, err := conn.Exec(context.WithoutCancel(ctx), sql).ReadAll(); err != nil && !strings.Contains(err.Error(), "duplicate") {
				return fmt.Errorf("%s: %w", sql, err)
			}
			written.Add(1)
			queue <- write{sql, time.Now().Add(*liveLag)}
		}
	}()
	if later := <-applied; err == nil {
		err = later
	}
	return err
}
