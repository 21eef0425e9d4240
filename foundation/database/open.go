package database

import (
	"context"
	"net"
	"time"
)

// Options of a connection. The zero value opens a read-only session without a timeout of statements.
type Options struct {
	// Application is the name shown in the server's list of sessions; "napkin" when empty.
	Application string
	// StatementTimeout ends a statement on the server; 0 means never. MySQL applies it to SELECT only;
	// SQLite has none: end the context of the statement.
	StatementTimeout time.Duration
	// ConnectTimeout bounds connecting, all of it; 0 means 10 seconds.
	ConnectTimeout time.Duration
	// Write opens a session that may write.
	Write bool
	// Wrap, if not nil, is put around the connection before the first byte: to count, to slow down. It
	// sees what goes over the wire, thus encrypted bytes under TLS.
	Wrap func(net.Conn) net.Conn
}

// dial opens a network connection as a driver's dialer must.
func (o Options) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext(ctx, network, address)
	if err != nil || o.Wrap == nil {
		return conn, err
	}
	return o.Wrap(conn), nil
}

func (o Options) application() string {
	if o.Application == "" {
		return "napkin"
	}
	return o.Application
}

func (o Options) connectTimeout() time.Duration {
	if o.ConnectTimeout == 0 {
		return 10 * time.Second
	}
	return o.ConnectTimeout
}
