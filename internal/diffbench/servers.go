package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/procfs"
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
	pg, _ := procfs.Host.TreeCPU(s.pg.Pid())
	my, _ := procfs.Host.TreeCPU(s.my.Pid())
	return (pg + my).Seconds()
}
