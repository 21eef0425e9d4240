package conf

import "time"

// Pool is the configuration of a database.
type Pool struct {
	DSN             string
	MaxOpenConns    int
	MaxIdleConns    int
	ConnMaxLifetime time.Duration
}

func (p Pool) URL() (string, error) { return p.DSN, nil }
