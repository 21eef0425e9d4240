package store

const (
	tokens  = `SELECT id FROM tokens WHERE account_id = $1`
	revoked = `SELECT t.id FROM accounts a JOIN tokens t ON t.revoked_by_account_id = a.id WHERE a.id = $1`
	folders = `SELECT id FROM folders WHERE parent_id = $1`
)
