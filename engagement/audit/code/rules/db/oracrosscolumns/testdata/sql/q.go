package store

const (
	q0 = `SELECT id FROM accounts WHERE email = $1 OR login = $1` // want: db.or-across-columns
	q1 = `SELECT id FROM accounts WHERE email = $1 OR team_id = $2`
	q2 = `SELECT id FROM accounts WHERE team_id = $2 AND (email = $1 OR login = $1)`
	q3 = `SELECT id FROM accounts WHERE email = $1 OR expires_at < $2`
)
