package store

const inGroup = `SELECT id FROM children WHERE group_id = $1`
