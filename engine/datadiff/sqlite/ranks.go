package sqlite

import (
	"context"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Ranks implements dialect.Session. A literal has no collation: that of the column is named.
func (s *session) Ranks(ctx context.Context, r *dialect.Relation, keys []dialect.Key) (ranks []int64, err error) {
	if len(keys) == 0 {
		return nil, nil
	}
	ranks = make([]int64, len(keys))
	err = s.run(func() error {
		var order, values []string
		for i, f := range r.Key {
			by := "column" + strconv.Itoa(i+2)
			if f.Column.Collation != "" {
				by += " COLLATE " + quote(f.Column.Collation)
			}
			order = append(order, by)
		}
		for i, key := range keys {
			literals, err := s.d.literals(r.Key, key)
			if err != nil {
				return err
			}
			values = append(values, "("+strconv.Itoa(i)+", "+strings.Join(literals, ", ")+")")
		}
		return s.c.query(ctx, "SELECT column1, dense_rank() OVER (ORDER BY "+strings.Join(order, ", ")+") FROM (VALUES "+strings.Join(values, ", ")+")", func(st *stmt) error {
			ranks[st.int(0)] = st.int(1)
			return nil
		})
	})
	return ranks, err
}
