package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/link"
	"github.com/napkin-infra/napkin/engine/datadiff/mysql"
	"github.com/napkin-infra/napkin/engine/datadiff/postgres"
	"github.com/napkin-infra/napkin/engine/datadiff/sqlite"
	"github.com/napkin-infra/napkin/foundation/database"
)

// compare runs one comparison in a child process and measures it and the servers.
func (b *bench) compare(ctx context.Context, r request) (outcome, error) {
	var best outcome
	for i := range max(b.runs, 1) {
		text, err := json.Marshal(r)
		if err != nil {
			return best, err
		}
		cmd := exec.CommandContext(ctx, os.Args[0], childArgument)
		cmd.Stdin = bytes.NewReader(text)
		cmd.Stderr = os.Stderr
		server := b.serverSeconds()
		began := time.Now()
		answer, err := cmd.Output()
		wall := time.Since(began).Seconds()
		if err != nil {
			return best, fmt.Errorf("compare %s with %s: %w", r.TableA, r.TableB, err)
		}
		o, err := parseOutcome(answer)
		if err != nil {
			return best, err
		}
		o.Server, o.Wall = b.serverSeconds()-server, wall
		o.Client = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
		o.Memory = cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
		if i == 0 || o.Server+o.Client < best.Server+best.Client {
			best = o
		}
	}
	return best, nil
}

// child reads a request and answers it.
func child() error {
	var r request
	if err := json.NewDecoder(os.Stdin).Decode(&r); err != nil {
		return err
	}
	o, err := r.answer(context.Background())
	if err != nil {
		o.Error = err.Error()
	}
	return json.NewEncoder(os.Stdout).Encode(o)
}

func (r request) answer(ctx context.Context) (o outcome, err error) {
	var sides [2]datadiff.Side
	for i, s := range [2][2]string{{r.A, r.TableA}, {r.B, r.TableB}} {
		meter := link.NewMeter(nil)
		db, err := open(ctx, s[0], meter)
		if err != nil {
			return o, err
		}
		defer db.Close()
		sides[i] = datadiff.Side{Database: db, Table: dialect.ParseTableName(s[1]), Name: s[1], Meter: meter}
	}
	began := time.Now()
	job, err := datadiff.Prepare(ctx, sides[0], sides[1], datadiff.Options{Plan: datadiff.PlanKind(r.Plan), Workers: r.Workers})
	if err != nil {
		return o, err
	}
	o.Planning = time.Since(began).Seconds()
	began = time.Now()
	res, err := job.Run(ctx, func(d datadiff.Difference) error {
		if r.Keys {
			o.Keys = append(o.Keys, canon.Int(d.Key))
		}
		return nil
	})
	if err != nil {
		return o, err
	}
	o.Took = time.Since(began).Seconds()
	chosen := job.Plan().Chosen()
	o.Plan, o.Verdict, o.Rows = string(job.Plan().Kind), string(res.Verdict), res.Rows
	o.OnlyA, o.OnlyB, o.Changed, o.LinkBytes = res.OnlyA, res.OnlyB, res.Changed, res.LinkBytes
	for side, n := range job.Plan().ProbeBytes {
		o.LinkBytes[side] += n
	}
	least := chosen.Least.Least()
	o.Least, o.By, o.Predicted = least.Seconds, least.By, chosen.Predicted
	for _, e := range job.Plan().Estimates {
		o.Estimates = append(o.Estimates, e.Describe())
	}
	return o, nil
}

func open(ctx context.Context, url string, meter *link.Meter) (dialect.Database, error) {
	u, err := database.Parse(url)
	if err != nil {
		return nil, err
	}
	o := database.Options{Wrap: meter.Wrap}
	switch u.Kind {
	case database.Postgres:
		return postgres.Open(ctx, u, o)
	case database.MySQL:
		return mysql.Open(ctx, u, o)
	default:
		return sqlite.Open(ctx, u, o)
	}
}
