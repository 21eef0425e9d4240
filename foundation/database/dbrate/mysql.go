package dbrate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-mysql-org/go-mysql/client"

	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/rate/measure"
	"github.com/napkin-infra/napkin/foundation/scratch"
)

// mariadb is what the probes of MySQL and MariaDB share. Its driver heeds no context within a statement; each
// is a few milliseconds long.
type mariadb struct {
	given *database.URL // nil: a private server
	write bool

	url    database.URL
	prefix string // of the tables
	rows   uint64
	conn   *client.Conn
	server *scratch.MariaDB
	folder string
}

func mysqlGroup(given *database.URL, write bool) measure.Group {
	m := &mariadb{given: given, write: write || given == nil}
	const latency = rate.Latency
	return measure.Group{Name: "mysql", Disk: true, Open: m.open, Probes: []measure.Probe{
		{Name: rate.MySQLConnect, Kind: latency, Single: true, What: "opening a connection to MySQL or MariaDB without TLS", How: "a new connection with the settings of a session, ready for a statement", Ceiling: 10e-6, Setup: m.connects},
		{Name: rate.MySQLPing, Kind: latency, Single: true, What: "a statement that reads no table of MySQL or MariaDB, over loopback or to the server given", How: "select of a constant by the text protocol", Ceiling: 2e-6, Setup: m.ping},
		{Name: rate.MySQLPointRead, Kind: latency, Single: true, What: "a client's read of one row by primary key from MySQL or MariaDB, over loopback or from the server given", How: "a prepared select at a random place of a cached table, one at a time", Ceiling: 2e-6, Setup: writing(m.write, m.pointReads)},
		{Name: rate.MySQLDurable, Kind: latency, Single: true, What: "inserting one row into InnoDB and committing it durably, one client", How: "a prepared insert of one row, committed by itself, innodb_flush_log_at_trx_commit=1", Ceiling: 5e-6, Setup: writing(m.write, m.commits(true))},
		{Name: rate.MySQLAsync, Kind: latency, Single: true, What: "inserting one row into InnoDB with innodb_flush_log_at_trx_commit=2, one client", How: "a prepared insert of one row, committed by itself, innodb_flush_log_at_trx_commit=2", Ceiling: 3e-6, Setup: writing(m.write, m.commits(false))},
		{Name: rate.MySQLInsertRows, Kind: rate.Throughput, Of: "row", Each: insertBatch, Single: true, What: "rows written by statements with many rows into InnoDB, one index", How: "an INSERT of 1,000 rows, committed durably", Ceiling: 5e7, Setup: writing(m.write, m.inserts)},
	}}
}

func (m *mariadb) open(ctx context.Context, env measure.Env) (func() error, error) {
	if m.given != nil {
		m.url = *m.given
	} else {
		var err error
		if m.folder, err = serverFolder(env.Dir); err != nil {
			return nil, err
		}
		m.server, err = scratch.StartMariaDBIn(ctx, m.folder, "innodb-flush-log-at-trx-commit=1", "innodb-flush-method=fsync", "innodb-log-file-size=64M")
		if err != nil {
			return nil, err
		}
		if m.url, err = database.Parse(m.server.URL); err != nil {
			return m.server.Stop, err
		}
	}
	tidy := func() error { return m.tidy(ctx) }
	var err error
	if m.conn, err = database.OpenMySQL(ctx, m.url, database.Options{Write: m.write}); err != nil || !m.write {
		return tidy, err
	}
	m.prefix, m.rows = ownName(), tableRows(env)/4
	for _, table := range m.tables() {
		if _, err := m.conn.Execute("create table " + table + " (id bigint unsigned primary key, v bigint unsigned not null) engine=InnoDB"); err != nil {
			return tidy, err
		}
	}
	for first := uint64(1); first <= m.rows && err == nil; first += insertBatch {
		if err = ctx.Err(); err == nil {
			_, err = m.conn.Execute(insertStatement(m.table("points"), first))
		}
	}
	return tidy, err
}

func (m *mariadb) table(name string) string { return m.prefix + "_" + name }

func (m *mariadb) tables() []string {
	return []string{m.table("points"), m.table("commits"), m.table("bulk")}
}

func (m *mariadb) tidy(ctx context.Context) error {
	if m.conn != nil {
		_ = m.conn.Close()
	}
	if m.server != nil {
		return m.server.Stop()
	}
	if m.prefix == "" {
		return nil
	}
	ctx, cancel := tidyContext(ctx)
	defer cancel()
	conn, err := database.OpenMySQL(ctx, m.url, database.Options{Write: true})
	if err == nil {
		_, err = conn.Execute("drop table if exists " + strings.Join(m.tables(), ", "))
		_ = conn.Close()
	}
	if err != nil {
		return fmt.Errorf("the tables %s could not be dropped; drop them: %w", strings.Join(m.tables(), ", "), err)
	}
	return nil
}

// number returns the first column of the first row.
func (m *mariadb) number(statement string) (uint64, error) {
	r, err := m.conn.Execute(statement)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	return r.GetUint(0, 0)
}

func (m *mariadb) connects(ctx context.Context, _ measure.Env) (measure.Work, error) {
	return connecting(func() (*client.Conn, uint64, error) {
		conn, err := database.OpenMySQL(ctx, m.url, database.Options{})
		if err != nil {
			return nil, 0, err
		}
		return conn, uint64(conn.GetConnectionID()), nil
	}, func(conn *client.Conn) (uint64, error) {
		return (&mariadb{conn: conn}).number("select connection_id()")
	}, func(conn *client.Conn) { _ = conn.Close() }), nil
}

func (m *mariadb) ping(context.Context, measure.Env) (measure.Work, error) {
	return counting(1, func(n uint64) (uint64, error) { return m.number(fmt.Sprintf("select %d + 1", n)) }), nil
}

func (m *mariadb) pointReads(context.Context, measure.Env) (measure.Work, error) {
	statement, err := m.conn.Prepare("select v from " + m.table("points") + " where id = ?")
	if err != nil {
		return measure.Work{}, err
	}
	work := points(m.rows, func(id uint64) (uint64, error) {
		answer, err := statement.Execute(id)
		if err != nil {
			return 0, err
		}
		defer answer.Close()
		return answer.GetUint(0, 0)
	})
	work.Close = statement.Close
	return work, nil
}

// isDurable asks the server for the settings that a durable commit needs: the log is flushed at each commit,
// and so is the binary log where there is one.
func (m *mariadb) isDurable() error {
	flush, err := m.number("select @@innodb_flush_log_at_trx_commit")
	if err != nil {
		return err
	}
	if flush != 1 {
		return fmt.Errorf("commits of this server are not durable: innodb_flush_log_at_trx_commit is %d", flush)
	}
	binlog, err := m.number("select @@log_bin")
	if err != nil {
		return err
	}
	sync, err := m.number("select @@sync_binlog")
	if err != nil {
		return err
	}
	if binlog == 1 && sync != 1 {
		return fmt.Errorf("commits of this server are not durable: sync_binlog is %d", sync)
	}
	method, err := m.conn.Execute("select @@innodb_flush_method")
	if err != nil {
		return err
	}
	defer method.Close()
	if text, err := method.GetString(0, 0); err != nil || strings.Contains(strings.ToLower(text), "nosync") {
		return errors.Join(fmt.Errorf("commits of this server are not durable: innodb_flush_method is %q", text), err)
	}
	return durableFolder(m.folder, m.given == nil)
}

func (m *mariadb) commits(durable bool) setup {
	return func(context.Context, measure.Env) (measure.Work, error) {
		restore := func() error { return nil }
		if durable {
			if err := m.isDurable(); err != nil {
				return measure.Work{}, err
			}
		} else {
			if m.given != nil {
				return measure.Work{}, errors.New("it would change a setting of the whole server, innodb_flush_log_at_trx_commit, and is measured on private servers only")
			}
			if _, err := m.conn.Execute("set global innodb_flush_log_at_trx_commit = 2"); err != nil {
				return measure.Work{}, err
			}
			restore = func() error {
				_, err := m.conn.Execute("set global innodb_flush_log_at_trx_commit = 1")
				return err
			}
		}
		table := m.table("commits")
		if _, err := m.conn.Execute("truncate table " + table); err != nil {
			return measure.Work{}, errors.Join(err, restore())
		}
		statement, err := m.conn.Prepare("insert into " + table + " values (?, ?)")
		if err != nil {
			return measure.Work{}, errors.Join(err, restore())
		}
		id := uint64(0)
		return measure.Work{
			Run: func(n int) (uint64, error) {
				for range n {
					id++
					if _, err := statement.Execute(id, stored(id)); err != nil {
						return 0, err
					}
				}
				return stored(id), nil
			},
			Verify: func(_ int, sum uint64) error {
				v, err := m.number("select v from " + table + " order by id desc limit 1")
				if err != nil {
					return err
				}
				return sameSum(v, sum)
			},
			Close: func() error {
				rows, err := m.number("select count(*) from " + table)
				if err == nil && rows != id {
					err = fmt.Errorf("%d commits left %d rows", id, rows)
				}
				return errors.Join(err, statement.Close(), restore())
			},
		}, nil
	}
}

func (m *mariadb) inserts(context.Context, measure.Env) (measure.Work, error) {
	if err := m.isDurable(); err != nil {
		return measure.Work{}, err
	}
	table, loaded := m.table("bulk"), uint64(0)
	if _, err := m.conn.Execute("truncate table " + table); err != nil {
		return measure.Work{}, err
	}
	return measure.Work{
		Run: func(n int) (uint64, error) {
			for range n {
				if _, err := m.conn.Execute(insertStatement(table, loaded+1)); err != nil {
					return 0, err
				}
				loaded += insertBatch
			}
			return loaded, nil
		},
		Verify: func(_ int, sum uint64) error {
			v, err := m.number("select count(*) from " + table + " where v = id * 7 + 3")
			if err != nil {
				return err
			}
			return sameSum(v, sum)
		},
	}, nil
}
