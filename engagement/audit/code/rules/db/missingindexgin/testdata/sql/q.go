package store

const (
	q0 = `SELECT id FROM accounts WHERE data @> $1`   // want: db.missing-index-gin
	q1 = `SELECT id FROM accounts WHERE labels && $1` // want: db.missing-index-gin
	q2 = `SELECT id FROM indexed_docs WHERE data @> $1`
	q3 = `SELECT id FROM accounts WHERE id = $2 AND data @> $1`
)
