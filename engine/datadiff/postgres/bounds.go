package postgres

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

const (
	pageSize = 8192 // of a server built as usual
	// smallTable is what is cut exactly even if that was not asked for: its index is read in a moment.
	smallTable = 4 << 20
	// A sample takes samplesPerPart pages for each part, and at most largestSample percent of all pages:
	// numbering the sampled rows costs as much as streaming them. Of a table with few pages a few percent
	// are too few to cut it by; fewestPages are read then.
	samplesPerPart = 4
	largestSample  = 2.0
	fewestPages    = 256
)

// Bounds implements [dialect.Session]. A table is sampled by pages; a small one, and one that must be
// cut, is cut by the numbers of its rows in the order of the key, which the server reads from an index
// on the key where there is one.
func (s *session) Bounds(ctx context.Context, r *dialect.Relation, in dialect.Range, rows int64, exact bool) ([]dialect.Key, error) {
	// Views and foreign tables have no size. To sample them is to read them.
	sized := r.Table.Bytes >= 0
	if len(r.Key) == 0 || in.Null || !exact && !sized {
		return nil, nil
	}
	return s.bounds(ctx, r, in, max(rows, 1), exact || r.Table.Bytes <= smallTable)
}

func (s *session) bounds(ctx context.Context, r *dialect.Relation, in dialect.Range, rows int64, exact bool) ([]dialect.Key, error) {
	condition, err := s.d.condition(r, in)
	if err != nil {
		return nil, err
	}
	p, err := s.d.projection(&dialect.Relation{Table: r.Table, Key: r.Key})
	if err != nil {
		return nil, err
	}
	table, step := quoteTable(r.Table.Name), rows
	source := table
	if !exact {
		percent := samplePercent(r.Table, rows)
		step = max(int64(float64(rows)*percent/100+0.5), 1)
		source += " TABLESAMPLE SYSTEM (" + strconv.FormatFloat(percent, 'f', 6, 64) + ")"
	}
	columns := strings.Join(quotedKey(r), ", ")
	// A key of the first rank is the bound below or the least key: nothing lies before it. A run of
	// equal keys gives one border, before it.
	sql := "SELECT " + p.selects(p.own) + " FROM (SELECT DISTINCT ON (" + columns + ") " + columns +
		" FROM (SELECT " + columns + ", row_number() OVER w AS napkin_row, rank() OVER w AS napkin_rank FROM " + source + condition + " WINDOW w AS (ORDER BY " + columns + ")) numbered" +
		" WHERE (napkin_row - 1) % " + strconv.FormatInt(step, 10) + " = 0 AND napkin_rank > 1 ORDER BY " + columns + ") borders ORDER BY " + columns
	var keys []dialect.Key
	err = s.copyRows(ctx, table, p, sql, func(cells []byte, _ int) error {
		keys = append(keys, slices.Clone(cells))
		return nil
	})
	return keys, err
}

// samplePercent is the share of pages that cuts a table into parts of so many rows.
func samplePercent(t *dialect.Table, rows int64) float64 {
	pages := float64(max(t.Bytes/pageSize, 1))
	parts := pages // never analyzed: as much as is allowed
	if t.Rows > 0 {
		parts = max(float64(t.Rows)/float64(rows), 1)
	}
	return min(100*samplesPerPart*parts/pages, max(largestSample, 100*fewestPages/pages), 100)
}
