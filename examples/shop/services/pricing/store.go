package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Price is what a variant costs from a moment on.
type Price struct {
	VariantID int64
	Cents     int64
	ValidFrom time.Time
}

// Store reads and writes prices.
type Store struct {
	db *sql.DB
}

var errNoPrice = errors.New("no price")

// Current returns the price that holds now.
func (s *Store) Current(ctx context.Context, variantID int64) (Price, error) {
	p := Price{VariantID: variantID}
	err := s.db.QueryRowContext(ctx,
		`SELECT cents, valid_from FROM prices WHERE variant_id = $1 AND valid_from <= now() ORDER BY valid_from DESC LIMIT 1`,
		variantID).Scan(&p.Cents, &p.ValidFrom)
	if errors.Is(err, sql.ErrNoRows) {
		return p, errNoPrice
	}
	return p, err
}

// CurrentMany returns the prices of many variants in one statement.
func (s *Store) CurrentMany(ctx context.Context, ids []int64) (map[int64]Price, error) {
	rows, err := s.db.QueryContext(ctx,
		`SELECT DISTINCT ON (variant_id) variant_id, cents, valid_from FROM prices
		 WHERE variant_id = ANY($1) AND valid_from <= now() ORDER BY variant_id, valid_from DESC`, ids)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make(map[int64]Price, len(ids))
	for rows.Next() {
		var p Price
		if err := rows.Scan(&p.VariantID, &p.Cents, &p.ValidFrom); err != nil {
			return nil, err
		}
		out[p.VariantID] = p
	}
	return out, rows.Err()
}

// History returns the prices of a variant, newest first.
func (s *Store) History(ctx context.Context, variantID int64) ([]Price, error) {
	rows, err := s.db.QueryContext(ctx,
		`SELECT variant_id, cents, valid_from FROM prices WHERE variant_id = $1 ORDER BY valid_from DESC LIMIT 100`, variantID)
	if err != nil {
		return nil, err
	}
	var out []Price
	for rows.Next() {
		var p Price
		if err := rows.Scan(&p.VariantID, &p.Cents, &p.ValidFrom); err != nil {
			return nil, fmt.Errorf("read price: %w", err)
		}
		out = append(out, p)
	}
	return out, nil
}

// Totals prices a basket.
func (s *Store) Totals(ctx context.Context, basket map[int64]int64) (int64, error) {
	var total int64
	for variantID, n := range basket {
		var cents int64
		err := s.db.QueryRowContext(ctx,
			`SELECT cents FROM prices WHERE variant_id = $1 AND valid_from <= now() ORDER BY valid_from DESC LIMIT 1`,
			variantID).Scan(&cents)
		if err != nil {
			return 0, fmt.Errorf("price of variant %d: %w", variantID, err)
		}
		total += cents * n
	}
	return total, nil
}

// Import writes a price list.
func (s *Store) Import(ctx context.Context, prices []Price) error {
	for _, p := range prices {
		if _, err := s.db.ExecContext(ctx,
			`INSERT INTO prices (variant_id, cents, valid_from) VALUES ($1, $2, $3)`, p.VariantID, p.Cents, p.ValidFrom); err != nil {
			return fmt.Errorf("insert price of variant %d: %w", p.VariantID, err)
		}
	}
	return nil
}

// PurgeEvents drops old price events.
func (s *Store) PurgeEvents(ctx context.Context, before time.Time) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM price_events WHERE created_at < $1`, before)
	return err
}

// Rules returns the discount rules. There are a dozen.
func (s *Store) Rules(ctx context.Context) (map[string]int64, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT name, percent FROM discount_rules ORDER BY name LIMIT 100`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var name string
		var percent int64
		if err := rows.Scan(&name, &percent); err != nil {
			return nil, err
		}
		out[name] = percent
	}
	return out, rows.Err()
}
