package outbox

import (
	"context"
	"database/sql"
	"net/http"
)

type Outbox struct{ db *sql.DB }

type Log struct{}

func (o *Outbox) Send(ctx context.Context, req *http.Request) error {
	tx, err := o.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := o.deliver(req); err != nil { // want: db.io-in-txn
		return err
	}
	o.note("sent")
	if _, err := tx.ExecContext(ctx, "UPDATE outbox SET sent_at = now()"); err != nil {
		return err
	}
	return tx.Commit()
}

func (o *Outbox) deliver(req *http.Request) error {
	client := &http.Client{}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func (o *Outbox) note(s string) {}

// note of another type talks to another machine.
func (l *Log) note(s string) { http.Get("https://log.example.com/" + s) }
