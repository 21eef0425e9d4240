package store

const (
	q0 = `SELECT id FROM accounts WHERE date(created_at) = $1`              // want: db.func-on-column
	q1 = `SELECT id FROM accounts WHERE date_trunc('day', expires_at) = $1` // want: db.func-on-column
	q2 = `SELECT id FROM accounts WHERE created_at >= $1 AND created_at < $2`
	q3 = `SELECT id FROM accounts WHERE team_id = $1 AND date(created_at) = $2`
	q4 = `SELECT date(created_at), count(*) FROM accounts GROUP BY 1`
	q5 = `SELECT id FROM accounts WHERE lower(email) = $1`
)
