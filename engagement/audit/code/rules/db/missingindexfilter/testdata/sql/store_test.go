package store

const test = `SELECT id FROM devices WHERE label = $1`
