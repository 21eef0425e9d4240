package database

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/go-mysql-org/go-mysql/mysql"
)

// OpenMySQL connects to a MySQL or MariaDB server. ?tls=true, ?tls=skip-verify and ?socket=PATH are
// known; without a password in the URL the one in MYSQL_PWD is taken. The session speaks utf8mb4, its
// time zone is UTC and its sql_mode is ANSI_QUOTES, NO_BACKSLASH_ESCAPES, NO_UNSIGNED_SUBTRACTION.
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
	query := u.raw.Query()
	network, address := "tcp", net.JoinHostPort(host, port)
	if socket := query.Get("socket"); socket != "" {
		network, address = "unix", socket
	}
	encryption, err := mysqlTLS(query.Get("tls"), host)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", u, err)
	}
	password := u.password()
	if password == "" {
		password = os.Getenv("MYSQL_PWD")
	}
	ctx, cancel := context.WithTimeout(ctx, o.connectTimeout())
	defer cancel()
	// The driver heeds the context while it dials only; the end of it must cut the handshake and the
	// settings too.
	stop := func() bool { return true }
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := o.dial(ctx, network, address)
		if err == nil {
			stop = context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
		}
		return conn, err
	}
	conn, err := client.ConnectWithDialer(ctx, network, address, u.raw.User.Username(), password, strings.TrimPrefix(u.raw.Path, "/"), dial, func(c *client.Conn) error {
		c.SetAttributes(map[string]string{"program_name": o.application()})
		if encryption != nil {
			c.SetTLSConfig(encryption)
		}
		if o.Write {
			// An UPDATE counts the rows that it finds, as in other products, and not only those that it changes.
			return c.SetCapability(mysql.CLIENT_FOUND_ROWS)
		}
		return nil
	})
	if err == nil {
		for _, s := range mysqlSettings(conn.GetServerVersion(), o) {
			if _, err = conn.Execute(s); err != nil {
				err = fmt.Errorf("%s: %w", s, err)
				_ = conn.Close()
				break
			}
		}
	}
	if !stop() { // the end of the context has cut the connection, or is about to
		if conn != nil {
			_ = conn.Close()
		}
		return nil, u.connectError(ctx.Err(), password)
	}
	if err != nil {
		return nil, u.connectError(err, password)
	}
	return conn, nil
}

func mysqlTLS(mode, host string) (*tls.Config, error) {
	switch mode {
	case "", "false":
		return nil, nil
	case "skip-verify":
		return &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}, nil // asked for by name
	case "true":
		return &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}, nil
	default:
		return nil, fmt.Errorf("tls=%s is not known; known are true, skip-verify and false", mode)
	}
}

// mysqlSettings are the statements that make a session what the options ask for.
func mysqlSettings(version string, o Options) []string {
	settings := []string{
		"set names utf8mb4",
		"set session time_zone = '+00:00', sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,NO_UNSIGNED_SUBTRACTION'",
	}
	if !o.Write {
		settings = append(settings, "set session transaction read only")
	}
	if o.StatementTimeout > 0 {
		// Both are off at 0, so that a timeout below the unit must be rounded up.
		if strings.Contains(strings.ToLower(version), "mariadb") {
			seconds := max(o.StatementTimeout, time.Millisecond).Seconds()
			settings = append(settings, "set session max_statement_time = "+strconv.FormatFloat(seconds, 'f', 3, 64))
		} else {
			settings = append(settings, "set session max_execution_time = "+strconv.FormatInt(max(o.StatementTimeout.Milliseconds(), 1), 10))
		}
	}
	return settings
}
