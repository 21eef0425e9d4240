package main

import "database/sql"

func limit(db *sql.DB) { db.SetMaxOpenConns(20) }
