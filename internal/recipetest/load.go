package recipetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Requests are the statements of the application at one time of its life. An empty one is not sent.
type Requests struct {
	Insert string // parameters: customer, amount, note; returns the id
	Again  string // the same with the id as the first parameter: for the copy
	Update string // id, amount
	Delete string // id
	Point  string // id
	Range  string // from id, to id
}

// orders are the requests on the table of most cases.
func orders(table string) Requests {
	return Requests{
		Insert: "INSERT INTO " + table + " (customer, amount, note) VALUES ($1, $2, $3) RETURNING id::bigint",
		Again:  "INSERT INTO " + table + " (id, customer, amount, note) VALUES ($1, $2, $3, $4)",
		Update: "UPDATE " + table + " SET amount = $2 WHERE id = $1",
		Delete: "DELETE FROM " + table + " WHERE id = $1",
		Point:  "SELECT id::text, customer, amount::text, note FROM " + table + " WHERE id = $1",
		Range:  "SELECT count(amount) FROM " + table + " WHERE id BETWEEN $1 AND $2",
	}
}

// op is one write that the server has confirmed.
type op struct {
	insert, update bool
	id             int64
	customer       int64
	amount         int64
	note           string
}

// Load is writers and readers at work.
type Load struct {
	address  string
	version  sync.RWMutex // read-held by each request: a deployment waits for those under way
	requests Requests
	rows     int64 // ids that are there from the start
	stop     chan struct{}
	group    *errgroup.Group

	mu      sync.Mutex
	failed  []string
	delays  []time.Duration
	written [][]op // by writer
}

// LoadOptions say how much.
type LoadOptions struct {
	Writers, Readers int
	Rate             float64 // requests per second of all together
	LockTimeout      time.Duration
	Rows             int64
}

// StartLoad starts the load; each session sends at its share of the rate, whether or not it is late (an open
// loop: a delay counts from the moment at which the request was due).
func StartLoad(ctx context.Context, address string, r Requests, o LoadOptions) (*Load, error) {
	l := &Load{address: address, requests: r, rows: o.Rows, stop: make(chan struct{}), group: &errgroup.Group{}, written: make([][]op, o.Writers)}
	every := time.Duration(float64(o.Writers+o.Readers) / o.Rate * float64(time.Second))
	var conns []session
	for range o.Writers + o.Readers {
		conn, err := dial(ctx, address, o.LockTimeout)
		if err != nil {
			return nil, err
		}
		conns = append(conns, conn)
	}
	for i, conn := range conns {
		w := &worker{Load: l, conn: conn, random: rand.New(rand.NewPCG(uint64(i), 7)), number: int64(i), writers: int64(o.Writers)}
		l.group.Go(func() error {
			defer conn.close()
			return w.loop(ctx, every, i < o.Writers)
		})
	}
	return l, nil
}

// Switch brings out another version of the application, and returns when no request of the old one is under way.
func (l *Load) Switch(r Requests) {
	l.version.Lock()
	l.requests = r
	l.version.Unlock()
}

// Await returns when so many more requests have been answered, or after ten seconds: a load that stands still is for
// the locks of its sessions to tell.
func (l *Load) Await(ctx context.Context, requests int) {
	answered := func() int {
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(l.delays) + len(l.failed)
	}
	enough := answered() + requests
	for range 5000 {
		if ctx.Err() != nil || answered() >= enough {
			return
		}
		pause(ctx, 2*time.Millisecond)
	}
}

// Stop ends the load and waits for it.
func (l *Load) Stop() error {
	close(l.stop)
	return l.group.Wait()
}

// Seen is what the load has met.
type Seen struct {
	Requests int
	Failed   []string // errors, one for each request
	Longest  time.Duration
	P99      time.Duration
	Median   time.Duration
}

// Seen returns what the load has met; call it after Stop.
func (l *Load) Seen() Seen {
	slices.Sort(l.delays)
	s := Seen{Requests: len(l.delays) + len(l.failed), Failed: l.failed}
	if n := len(l.delays); n > 0 {
		s.Longest, s.P99, s.Median = l.delays[n-1], l.delays[n*99/100], l.delays[n/2]
	}
	return s
}

// Replay applies the confirmed writes to a copy, writer by writer: each writes rows of its own only.
func (l *Load) Replay(ctx context.Context, address string, r Requests) error {
	conn, err := dial(ctx, address, time.Minute)
	if err != nil {
		return err
	}
	defer conn.close()
	for _, ops := range l.written {
		for _, o := range ops {
			switch {
			case o.insert:
				_, err = conn.change(ctx, r.Again, o.id, o.customer, o.amount, o.note)
			case o.update:
				_, err = conn.change(ctx, r.Update, swapped(r, o.id, o.amount)...)
			default:
				_, err = conn.change(ctx, r.Delete, o.id)
			}
			if err != nil {
				return fmt.Errorf("replay %+v: %w", o, err)
			}
		}
	}
	return nil
}

// worker is one session of the load.
type worker struct {
	*Load
	conn    session
	random  *rand.Rand
	number  int64
	writers int64
	mine    []int64 // rows that this writer has inserted
}

func (w *worker) loop(ctx context.Context, every time.Duration, writes bool) error {
	due := time.Now().Add(time.Duration(w.random.Float64() * float64(every)))
	for {
		wait := time.NewTimer(time.Until(due))
		select {
		case <-w.stop:
			wait.Stop()
			return nil
		case <-ctx.Done():
			wait.Stop()
			return ctx.Err()
		case <-wait.C:
		}
		w.version.RLock()
		r := w.requests
		var err error
		var done *op
		if writes {
			done, err = w.write(ctx, r)
		} else {
			err = w.read(ctx, r)
		}
		w.version.RUnlock()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w.mu.Lock()
		if err != nil {
			w.failed = append(w.failed, err.Error())
		} else {
			w.delays = append(w.delays, time.Since(due))
		}
		if done != nil {
			w.written[w.number] = append(w.written[w.number], *done)
		}
		w.mu.Unlock()
		if err != nil && w.conn.closed() {
			return err
		}
		due = due.Add(every)
	}
}

// errNothing marks a request that changed no row where it must change one.
var errNothing = errors.New("the row of this writer is gone")

func (w *worker) write(ctx context.Context, r Requests) (*op, error) {
	o := &op{customer: 1 + w.random.Int64N(50), amount: w.random.Int64N(100_000), note: fmt.Sprintf("note %d", w.random.Int64N(1000))}
	switch dice := w.random.IntN(10); {
	case dice < 3:
		o.insert = true
		id, err := w.conn.insert(ctx, r.Insert, o.customer, o.amount, o.note)
		if err != nil {
			return nil, fmt.Errorf("insert: %w", err)
		}
		o.id = id
		w.mine = append(w.mine, o.id)
		return o, nil
	case dice < 4 && len(w.mine) > 0:
		k := w.random.IntN(len(w.mine))
		o.id = w.mine[k]
		n, err := w.conn.change(ctx, r.Delete, o.id)
		if err == nil && n != 1 {
			err = errNothing
		}
		if err != nil {
			return nil, fmt.Errorf("delete %d: %w", o.id, err)
		}
		w.mine = slices.Delete(w.mine, k, k+1)
		return o, nil
	}
	o.update = true
	// Of the rows that were there, those whose number leaves the writer's as a remainder are its own.
	o.id = w.random.Int64N(w.rows/w.writers)*w.writers + w.number + 1
	if len(w.mine) > 0 && w.random.IntN(3) == 0 {
		o.id = w.mine[w.random.IntN(len(w.mine))]
	}
	n, err := w.conn.change(ctx, r.Update, swapped(r, o.id, o.amount)...)
	if err == nil && n != 1 {
		err = errNothing
	}
	if err != nil {
		return nil, fmt.Errorf("update %d: %w", o.id, err)
	}
	return o, nil
}

func (w *worker) read(ctx context.Context, r Requests) error {
	from := 1 + w.random.Int64N(w.rows)
	if w.random.IntN(10) < 7 {
		n, err := w.conn.read(ctx, r.Point, from)
		if err == nil && n != 1 {
			err = fmt.Errorf("%d rows", n)
		}
		if err != nil {
			return fmt.Errorf("point read of %d: %w", from, err)
		}
		return nil
	}
	if _, err := w.conn.read(ctx, r.Range, from, from+99); err != nil {
		return fmt.Errorf("range read: %w", err)
	}
	return nil
}

// swapped orders the parameters of an update as they stand in its text where they have no numbers (?).
func swapped(r Requests, id, amount int64) []any {
	if strings.Contains(r.Update, "?") {
		return []any{amount, id}
	}
	return []any{id, amount}
}
