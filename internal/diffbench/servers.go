package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/scratch"
)

// servers are the private servers of a run.
type servers struct {
	pg *scratch.Postgres
	my *scratch.MariaDB
}

func (s *servers) start(ctx context.Context) (err error) {
	if s.pg, err = scratch.StartPostgres(ctx, "shared_buffers=3GB", "max_wal_size=8GB", "maintenance_work_mem=512MB", "autovacuum=off"); err != nil {
		return err
	}
	if s.my, err = scratch.StartMariaDB(ctx, "innodb-buffer-pool-size=3G", "innodb-log-file-size=1G"); err != nil {
		return errors.Join(err, s.pg.Stop())
	}
	return nil
}

func (s *servers) stop() error { return errors.Join(s.pg.Stop(), s.my.Stop()) }

func (s *servers) pgVersion() string { return "PostgreSQL " + s.pg.Version }
func (s *servers) myVersion() string { return "MariaDB " + s.my.Version }

func (s *servers) execPG(ctx context.Context, statements ...string) error {
	u, err := database.Parse(s.pg.URL)
	if err != nil {
		return err
	}
	conn, err := database.OpenPostgres(ctx, u, database.Options{Write: true})
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, q := range statements {
		if _, err := conn.Exec(ctx, q).ReadAll(); err != nil {
			return fmt.Errorf("%.80s: %w", q, err)
		}
	}
	return nil
}

func (s *servers) execMy(ctx context.Context, statements ...string) error {
	u, err := database.Parse(s.my.URL)
	if err != nil {
		return err
	}
	conn, err := database.OpenMySQL(ctx, u, database.Options{Write: true})
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, q := range statements {
		if _, err := conn.Execute(q); err != nil {
			return fmt.Errorf("%.80s: %w", q, err)
		}
	}
	return nil
}

// serverSeconds is the processor time that both servers have used, with all their processes, those that
// have ended included.
func (s *servers) serverSeconds() float64 {
	return treeSeconds(s.pg.Pid()) + treeSeconds(s.my.Pid())
}

// clockTick is the unit of /proc/PID/stat: 1/100 s on every Linux of ours.
const clockTick = 100

// treeSeconds adds up a process and all below it.
func treeSeconds(root int) float64 {
	children := map[int][]int{}
	ticks := map[int]float64{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		pid, parent, used, ok := parseStat(string(text))
		if ok {
			children[parent] = append(children[parent], pid)
			ticks[pid] = used
		}
	}
	var sum func(int) float64
	sum = func(pid int) float64 {
		t := ticks[pid]
		for _, c := range children[pid] {
			t += sum(c)
		}
		return t
	}
	return sum(root) / clockTick
}

// parseStat reads the process, its parent, and its own and its ended children's time.
func parseStat(text string) (pid, parent int, ticks float64, ok bool) {
	head, rest, found := strings.Cut(text, " (")
	end := strings.LastIndex(rest, ") ")
	if !found || end < 0 {
		return 0, 0, 0, false
	}
	f := strings.Fields(rest[end+2:])
	if len(f) < 15 {
		return 0, 0, 0, false
	}
	pid, err1 := strconv.Atoi(head)
	parent, err2 := strconv.Atoi(f[1])
	for _, i := range []int{11, 12, 13, 14} { // utime, stime, cutime, cstime
		v, err := strconv.ParseFloat(f[i], 64)
		if err != nil {
			return 0, 0, 0, false
		}
		ticks += v
	}
	return pid, parent, ticks, errors.Join(err1, err2) == nil
}
