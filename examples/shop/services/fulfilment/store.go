package main

import (
	"context"
	"database/sql"
	"fmt"
)

// Parcel is one box on its way.
type Parcel struct {
	ID          int64
	OrderNumber string
	Carrier     string
	Tracking    string
}

// Event is one message to the shop.
type Event struct {
	ID      int64
	Payload []byte
}

// Store is the service's database.
type Store struct {
	db *sql.DB
}

// Book writes a parcel and its event in one transaction.
func (s *Store) Book(ctx context.Context, p Parcel, payload []byte) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx,
		`INSERT INTO parcels (order_number, carrier, tracking) VALUES ($1, $2, $3)`, p.OrderNumber, p.Carrier, p.Tracking); err != nil {
		return fmt.Errorf("insert parcel: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO outbox (payload) VALUES ($1)`, payload); err != nil {
		return fmt.Errorf("insert event: %w", err)
	}
	return tx.Commit()
}

// ByOrder returns the parcels of an order.
func (s *Store) ByOrder(ctx context.Context, number string) ([]Parcel, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, order_number, carrier, tracking FROM parcels WHERE order_number = $1`, number)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Parcel
	for rows.Next() {
		var p Parcel
		if err := rows.Scan(&p.ID, &p.OrderNumber, &p.Carrier, &p.Tracking); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// ClaimLabels takes a batch of print jobs; many printers poll at once.
func (s *Store) ClaimLabels(ctx context.Context, printer string) ([]int64, error) {
	rows, err := s.db.QueryContext(ctx,
		`UPDATE label_jobs SET printer = $1 WHERE id IN (
		   SELECT id FROM label_jobs WHERE printer IS NULL ORDER BY id LIMIT 20 FOR UPDATE SKIP LOCKED
		 ) RETURNING id`, printer)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
