package datadiff

import (
	"context"
	"fmt"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

const (
	// probeTime is what one rate is measured by, at least; a link is measured by more, because what lies
	// in between lets the first bytes pass at once.
	probeTime     = 40 * time.Millisecond
	linkProbeTime = 100 * time.Millisecond
	// probeRows is the first number of made-up rows; it grows until the probe lasts.
	probeRows  = 2_000
	mostRows   = 200_000
	probeBytes = 64 << 10
	mostBytes  = 16 << 20
	roundTrips = 3
	// growth is how many times larger each probe of a rate is than the one before.
	growth = 4
	// tries is how often the last probe of a rate is made.
	tries = 3
	// farRoundTrip is more than a server on this machine takes to answer.
	farRoundTrip = 300 * time.Microsecond
)

// measure finds the rates of one side. Nothing of the table is read: the server makes the rows up.
func (j *Job) measure(ctx context.Context, side int, native, portable bool) (SideRates, error) {
	db, rel := j.side[side].Database, j.relation(side)
	r := SideRates{Local: db.Local()}
	s, err := db.Open(ctx)
	if err != nil {
		return r, err
	}
	defer s.Close()
	r.RoundTrip = time.Hour
	for range roundTrips {
		trip, err := s.RoundTrip(ctx)
		if err != nil {
			return r, err
		}
		r.RoundTrip = min(r.RoundTrip, trip)
	}
	// The loopback address may be the near end of a tunnel: what takes as long as a network is one.
	if !r.Local || r.RoundTrip > farRoundTrip {
		perByte, err := perUnit(probeBytes, mostBytes, linkProbeTime, func(n int64) error { return s.Throughput(ctx, n) })
		if err != nil {
			return r, err
		}
		r.Bandwidth = 1 / perByte
	}
	// A small table is compared in less time than long probes take.
	most := min(max(j.plan.Rows/4, 500), mostRows)
	// Rows of megabytes are made up one by one.
	most = min(most, max(1, mostBytes/int64(max(rel.Width(), 1))))
	first := min(probeRows, most)
	var cpu, before, bytes float64
	var rows int64
	kept := make([]byte, 0, 256<<10)
	r.Row, err = perUnit(first, most, probeTime, func(n int64) error {
		before, rows = processorSeconds(), 0
		received := j.received(side)
		err := s.Generate(ctx, rel, n, func(cells []byte, _ int) error {
			if len(kept)+len(cells) > cap(kept) {
				kept = kept[:0]
			}
			kept = append(kept, cells...) // as a batch does
			rows++
			return nil
		})
		cpu, bytes = processorSeconds()-before, float64(j.received(side)-received)
		if err == nil && rows < n {
			err = fmt.Errorf("asked for %d made-up rows and got %d", n, rows)
		}
		return err
	})
	if err != nil {
		return r, err
	}
	r.Client, r.Bytes = cpu/float64(rows), bytes/float64(rows)
	if db.Kind() == dialect.SQLite {
		r.Client = 0 // its server is this process: the time of the rows is all there is
	}
	if r.Bytes == 0 {
		r.Bytes = float64(rel.Width())
	}
	for _, h := range []struct {
		hash dialect.Hash
		ok   bool
		to   *float64
	}{{dialect.Native, native, &r.Native}, {dialect.Portable, portable, &r.Portable}} {
		if !h.ok {
			continue
		}
		if *h.to, err = perUnit(first, 4*most, probeTime, func(n int64) error { return s.GenerateHash(ctx, rel, h.hash, n) }); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (j *Job) received(side int) int64 {
	if m := j.side[side].Meter; m != nil {
		return m.Received()
	}
	return 0
}

// perUnit measures the seconds per unit of work: with more and more units, until the last step took at
// least some time. The cost is that of the units which the last step had more than the
// one before, so that round trips and the parsing of the statement do not count; of several tries the fastest
// counts, because what else runs on the machine only ever adds.
func perUnit(first, most int64, least time.Duration, f func(n int64) error) (float64, error) {
	timed := func(n int64) (time.Duration, error) {
		began := time.Now()
		err := f(n)
		return time.Since(began), err
	}
	before, err := timed(first)
	if err != nil {
		return 0, err
	}
	for n := first; ; n *= growth {
		took, err := timed(n * growth)
		if err != nil {
			return 0, err
		}
		if took-before < least && n*growth*growth <= most {
			before = took
			continue
		}
		for range tries - 1 {
			again, err := timed(n * growth)
			if err != nil {
				return 0, err
			}
			took = min(took, again)
		}
		more := took - before
		if more <= 0 { // too little to tell from the noise
			return (took / time.Duration(n*growth)).Seconds() + 1e-9, nil
		}
		return more.Seconds() / float64(n*(growth-1)), nil
	}
}
