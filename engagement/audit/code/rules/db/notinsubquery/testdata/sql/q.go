package store

const (
	q0 = `DELETE FROM accounts WHERE id NOT IN (SELECT id FROM indexed_docs)` // want: db.not-in-subquery
	q1 = `DELETE FROM accounts a WHERE NOT EXISTS (SELECT 1 FROM indexed_docs d WHERE d.id = a.id)`
	q2 = `SELECT id FROM accounts WHERE id NOT IN ($1, $2)`
	q3 = `SELECT id FROM accounts WHERE id IN (SELECT id FROM indexed_docs)`
)
