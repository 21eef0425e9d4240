package database

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/go-mysql-org/go-mysql/mysql"
)

// OpenMySQL connects to a MySQL or MariaDB server. ?tls=skip-verify, ?tls=true and ?socket=PATH are
// known; the password may stand in MYSQL_PWD.
func OpenMySQL(ctx context.Context, u URL, o Options) (*client.Conn, error) {
	if u.Kind != MySQL {
		return nil, fmt.Errorf("%s is not a MySQL database", u)
	}
	host, port := u.raw.Hostname(), u.raw.Port()
	if host == "" {
		host = "127.0.0.1"
	}
	if port == "" {
		port = "3306"
	}
	network, address := "tcp", net.JoinHostPort(host, port)
	if socket := u.raw.Query().Get("socket"); socket != "" {
		network, address = "unix", socket
	}
	ctx, cancel := context.WithTimeout(ctx, o.connectTimeout())
	defer cancel()
	password, _ := u.raw.User.Password()
	database := ""
	if len(u.raw.Path) > 1 {
		database = u.raw.Path[1:]
	}
	conn, err := client.ConnectWithDialer(ctx, network, address, u.raw.User.Username(), password, database, o.dial, func(c *client.Conn) error {
		c.SetAttributes(map[string]string{"program_name": o.application()})
		if o.Write {
			// An UPDATE counts the rows that it finds, as in other products, and not only those that it changes.
			if err := c.SetCapability(mysql.CLIENT_FOUND_ROWS); err != nil {
				return err
			}
		}
		switch mode := u.raw.Query().Get("tls"); mode {
		case "", "false":
		case "skip-verify":
			c.UseSSL(true)
		case "true":
			c.SetTLSConfig(&tls.Config{ServerName: host, MinVersion: tls.VersionTLS12})
		default:
			return fmt.Errorf("tls=%s is not known; known are true, skip-verify and false", mode)
		}
		return c.SetCharset("utf8mb4")
	})
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", u, u.clean(err))
	}
	settings := []string{"set session time_zone = '+00:00', sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,NO_UNSIGNED_SUBTRACTION'"}
	if !o.Write {
		settings = append(settings, "set session transaction read only")
	}
	if o.StatementTimeout > 0 {
		settings = append(settings, "set session max_statement_time = "+strconv.FormatFloat(o.StatementTimeout.Seconds(), 'f', 3, 64))
	}
	for _, s := range settings {
		if _, err := conn.Execute(s); err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("connect to %s: %s: %w", u, s, u.clean(err))
		}
	}
	return conn, nil
}
