package store

const (
	q0 = `DELETE FROM a WHERE id NOT IN (SELECT a_id FROM b)`
)
