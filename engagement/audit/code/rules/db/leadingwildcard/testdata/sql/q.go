package store

const (
	q0 = `SELECT id FROM accounts WHERE notes LIKE '%x%'` // want: db.leading-wildcard
	q1 = `SELECT id FROM accounts WHERE login LIKE 'x%'`
	q2 = `SELECT id FROM indexed_docs WHERE body ILIKE '%x%'`
	q3 = `SELECT id FROM accounts WHERE team_id = $1 AND email LIKE '%x'`
	q4 = `SELECT id FROM account_types WHERE name LIKE '%x'`
)
