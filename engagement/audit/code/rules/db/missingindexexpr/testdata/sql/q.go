package store

const (
	q0 = `SELECT id FROM accounts WHERE lower(email) = $1`          // want: db.missing-index-expr
	q1 = `SELECT id FROM accounts a WHERE a.data->>'external' = $1` // want: db.missing-index-expr
	q2 = `SELECT id FROM accounts WHERE lower(login) = $1`
	q3 = `SELECT id FROM accounts WHERE lower(name) = $1`
	q4 = `SELECT id FROM accounts WHERE team_id = $1 AND lower(notes) = $2`
	q5 = `SELECT id FROM account_types WHERE lower(name) = $1`
	q6 = `SELECT id FROM accounts WHERE date(created_at) = $1`
)
