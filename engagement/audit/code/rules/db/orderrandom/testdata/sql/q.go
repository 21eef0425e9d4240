package store

const (
	q0 = `SELECT id FROM accounts ORDER BY random() LIMIT 1` // want: db.order-random
	q1 = `SELECT id FROM accounts WHERE team_id = $1 ORDER BY random() LIMIT 1`
	q2 = `SELECT id FROM account_types ORDER BY random() LIMIT 1`
	q3 = `SELECT id FROM accounts ORDER BY created_at LIMIT 1`
)
