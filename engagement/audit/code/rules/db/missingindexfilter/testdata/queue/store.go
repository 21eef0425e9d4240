package store

// The index on weighed finds what is left to weigh; no row leaves the unlisted ones.
const (
	next    = `SELECT id FROM parcels WHERE weighed = false AND arrived < $1`
	done    = `UPDATE parcels SET weighed = true WHERE id = $1`
	changes = `SELECT id FROM parcels WHERE listed = false AND unlisted > $1` // want: db.missing-index-filter
)
