package recipetest

import (
	"context"
	"fmt"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/jackc/pgx/v5"

	base "github.com/napkin-infra/napkin/foundation/database"
)

// session is a connection of the application.
type session interface {
	// insert returns the id of the new row.
	insert(ctx context.Context, sql string, args ...any) (int64, error)
	// change returns how many rows were found.
	change(ctx context.Context, sql string, args ...any) (int64, error)
	// read returns how many rows came.
	read(ctx context.Context, sql string, args ...any) (int, error)
	closed() bool
	close()
}

// dial opens a session of the application whose waits for locks end in an error after lockTimeout.
func dial(ctx context.Context, address string, lockTimeout time.Duration) (session, error) {
	u, err := base.Parse(address)
	if err != nil {
		return nil, err
	}
	if u.Kind == base.MySQL {
		conn, err := base.OpenMySQL(ctx, u, base.Options{Write: true, Application: "load"})
		if err != nil {
			return nil, err
		}
		s := int64((lockTimeout + time.Second - 1) / time.Second)
		_, err = conn.Execute(fmt.Sprintf("SET SESSION lock_wait_timeout = %d, innodb_lock_wait_timeout = %d", s, s))
		return &mariaSession{conn: conn}, err
	}
	conn, err := connect(ctx, address)
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, fmt.Sprintf("SET lock_timeout = %d", lockTimeout.Milliseconds()))
	return postgresSession{conn}, err
}

type postgresSession struct{ conn *pgx.Conn }

func (s postgresSession) insert(ctx context.Context, sql string, args ...any) (id int64, err error) {
	err = s.conn.QueryRow(ctx, sql, args...).Scan(&id)
	return id, err
}

func (s postgresSession) change(ctx context.Context, sql string, args ...any) (int64, error) {
	tag, err := s.conn.Exec(ctx, sql, args...)
	return tag.RowsAffected(), err
}

func (s postgresSession) read(ctx context.Context, sql string, args ...any) (int, error) {
	rows, err := s.conn.Query(ctx, sql, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

func (s postgresSession) closed() bool { return s.conn.IsClosed() }

func (s postgresSession) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.conn.Close(ctx)
}

type mariaSession struct {
	conn *client.Conn
	gone bool
}

func (s *mariaSession) insert(_ context.Context, sql string, args ...any) (int64, error) {
	r, err := s.conn.Execute(sql, args...)
	if err != nil {
		return 0, s.note(err)
	}
	defer r.Close()
	return int64(r.InsertId), nil
}

func (s *mariaSession) change(_ context.Context, sql string, args ...any) (int64, error) {
	r, err := s.conn.Execute(sql, args...)
	if err != nil {
		return 0, s.note(err)
	}
	defer r.Close()
	return int64(r.AffectedRows), nil
}

func (s *mariaSession) read(_ context.Context, sql string, args ...any) (int, error) {
	r, err := s.conn.Execute(sql, args...)
	if err != nil {
		return 0, s.note(err)
	}
	defer r.Close()
	return r.RowNumber(), nil
}

func (s *mariaSession) note(err error) error {
	s.gone = s.gone || s.conn.Ping() != nil
	return err
}

func (s *mariaSession) closed() bool { return s.gone }
func (s *mariaSession) close()       { _ = s.conn.Close() }
