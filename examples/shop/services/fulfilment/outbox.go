package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"net/http"
	"time"
)

// Outbox sends the events that Book wrote.
type Outbox struct {
	store *Store
	url   string
}

// Run polls until the context ends.
func (o *Outbox) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if err := o.sendBatch(ctx); err != nil && ctx.Err() == nil {
			log.Printf("outbox: %v", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (o *Outbox) sendBatch(ctx context.Context) error {
	tx, err := o.store.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	rows, err := tx.QueryContext(ctx, `SELECT id, payload FROM outbox WHERE sent_at IS NULL ORDER BY id LIMIT 50 FOR UPDATE`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var events []Event
	for rows.Next() {
		var e Event
		if err := rows.Scan(&e.ID, &e.Payload); err != nil {
			return err
		}
		events = append(events, e)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, e := range events {
		if err := o.deliver(ctx, e); err != nil {
			return fmt.Errorf("deliver event %d: %w", e.ID, err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE outbox SET sent_at = now() WHERE id = $1`, e.ID); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (o *Outbox) deliver(ctx context.Context, e Event) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.url+"/webhooks/parcels", bytes.NewReader(e.Payload))
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("the shop answered %s", resp.Status)
	}
	return nil
}
