package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Ranks implements [dialect.Session]. The keys stand in a union with no row of the table, so that they
// get the types and the collations of its columns.
func (s *session) Ranks(ctx context.Context, r *dialect.Relation, keys []dialect.Key) ([]int64, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	columns := strings.Join(quotedKey(r), ", ")
	var sb strings.Builder
	sb.WriteString("SELECT napkin_key, dense_rank() OVER (ORDER BY " + columns + ") FROM (SELECT -1 AS napkin_key, " + columns + " FROM " + quoteTable(r.Table.Name) + " WHERE false UNION ALL VALUES ")
	for i, key := range keys {
		literals, err := s.d.keyLiterals(r, key)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			sb.WriteString(", ")
		}
		sb.WriteString("(" + strconv.Itoa(i) + ", " + strings.Join(literals, ", ") + ")")
	}
	sb.WriteString(") napkin_keys")
	ranks := make([]int64, len(keys))
	err := query(ctx, s.conn, sb.String(), func(v [][]byte) error {
		i, err := strconv.Atoi(string(v[0]))
		if err == nil && (i < 0 || i >= len(ranks)) {
			err = fmt.Errorf("the rank of key %d was not asked for", i)
		}
		if err == nil {
			ranks[i], err = strconv.ParseInt(string(v[1]), 10, 64)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ask for the order of keys of %s: %w", r.Table.Name, explain(err, quoteTable(r.Table.Name)))
	}
	return ranks, nil
}
