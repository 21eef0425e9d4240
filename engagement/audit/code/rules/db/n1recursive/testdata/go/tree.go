package tree

import (
	"context"
	"database/sql"
)

type node struct {
	id   int64
	kids []*node
}

func load(ctx context.Context, db *sql.DB, n *node) error {
	rows, err := db.QueryContext(ctx, "SELECT id FROM folders WHERE parent_id = $1", n.id) // want: db.n1-recursive
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		k := &node{}
		if err := rows.Scan(&k.id); err != nil {
			return err
		}
		if err := load(ctx, db, k); err != nil {
			return err
		}
		n.kids = append(n.kids, k)
	}
	return rows.Err()
}

// The rows are in memory: no statement below.
func size(n *node) int {
	total := 1
	for _, k := range n.kids {
		total += size(k)
	}
	return total
}
