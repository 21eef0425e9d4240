package mysql

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// hasWindows says whether the server knows window functions.
func (d *Database) hasWindows() bool {
	if d.mariadb {
		return d.atLeast(10, 2, 0)
	}
	return d.atLeast(8, 0, 0)
}

// atLeast compares the version of the server; false for one that cannot be read.
func (d *Database) atLeast(major, minor, patch int) bool {
	var have [3]int
	if _, err := fmt.Sscanf(d.version, "%d.%d.%d", &have[0], &have[1], &have[2]); err != nil {
		return false
	}
	return slices.Compare(have[:], []int{major, minor, patch}) >= 0
}

// Ranks implements [dialect.Session]. The keys stand in a union with no row of the table, so that they
// get the types and the collations of its columns.
func (s *session) Ranks(ctx context.Context, r *dialect.Relation, keys []dialect.Key) ([]int64, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	if !s.d.hasWindows() {
		return nil, fmt.Errorf("ask for the order of keys of %s: %s has no window functions: %w", r.Table.Name, s.d.Product(), dialect.ErrCannot)
	}
	names := list(r.Key, columnRef)
	var sb strings.Builder
	sb.WriteString("SELECT napkin_key, DENSE_RANK() OVER (ORDER BY " + names + ") FROM (SELECT -1 AS napkin_key, " + names + " FROM " + from(r, false) + " WHERE FALSE")
	for i, key := range keys {
		lits, err := literals(r, key)
		if err != nil {
			return nil, err
		}
		sb.WriteString(" UNION ALL SELECT " + strconv.Itoa(i) + ", " + strings.Join(lits, ", "))
	}
	sb.WriteString(") napkin_keys")
	rows, err := s.c.exec(ctx, sb.String())
	if err != nil {
		return nil, s.fail(ctx, "ask for the order of keys of "+r.Table.Name.String(), err)
	}
	ranks := make([]int64, len(keys))
	for _, row := range rows {
		i := row[0].number()
		if i < 0 || i >= int64(len(ranks)) {
			return nil, fmt.Errorf("the rank of key %d was not asked for", i)
		}
		ranks[i] = row[1].number()
	}
	return ranks, nil
}
