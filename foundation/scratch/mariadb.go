package scratch

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
)

// MariaDB is a running MariaDB server with an empty database test. Stop it.
type MariaDB struct {
	URL     string // mysql://napkin@127.0.0.1:PORT/test; napkin has all rights and no password
	Version string // "10.11.19"

	process
}

// initFile is run by the server at each start, so it must bear a second time.
const initFile = `create database if not exists test character set utf8mb4;
create user if not exists napkin@127.0.0.1;
grant all on *.* to napkin@127.0.0.1 with grant option;
`

// StartMariaDB starts a server and waits until it answers, at most 60 seconds. Ending ctx later does
// not stop it; Stop does. Settings are further ones of the server, each as on its command line without
// the dashes: "innodb-buffer-pool-size=2G".
func StartMariaDB(ctx context.Context, settings ...string) (*MariaDB, error) {
	return StartMariaDBIn(ctx, "", settings...)
}

// StartMariaDBIn is [StartMariaDB] with the data below a folder of the caller's choice, for work that measures the disk
// there.
func StartMariaDBIn(ctx context.Context, folder string, settings ...string) (*MariaDB, error) {
	daemon, err := findMariaDB("mariadbd")
	if err != nil {
		return nil, err
	}
	install, err := findMariaDB("mariadb-install-db")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	account, err := Unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := makeFolder(folder, "napkin-my-", account)
	if err != nil {
		return nil, fmt.Errorf("start MariaDB: %w", err)
	}
	data, first := filepath.Join(dir, "data"), filepath.Join(dir, "init.sql")
	m := &MariaDB{process: process{name: "MariaDB", dir: dir, account: account, signal: "TERM", ping: pingMariaDB}}
	m.command = func(port int) []string {
		command := []string{daemon, "--no-defaults", "--datadir=" + data, "--tmpdir=" + dir, "--init-file=" + first,
			"--bind-address=127.0.0.1", "--port=" + strconv.Itoa(port),
			"--socket=" + filepath.Join(dir, "socket"), "--pid-file=" + filepath.Join(dir, "pid"),
			"--skip-name-resolve", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync",
			"--max-connections=100", "--character-set-server=utf8mb4"}
		for _, s := range settings {
			command = append(command, "--"+s)
		}
		return command
	}
	err = os.WriteFile(first, []byte(initFile), 0o644) // the server reads it under another account
	if err == nil {
		// A server that starts removes what looks like temporary tables in its folder for them, so servers
		// that share /tmp take each other's away.
		err = m.prepare(ctx, install, "--no-defaults", "--datadir="+data, "--tmpdir="+dir, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")
	}
	if err == nil {
		m.Version, err = m.startAnywhere(ctx)
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, fmt.Errorf("start MariaDB of %s: %w", daemon, err)
	}
	m.URL = fmt.Sprintf("mysql://napkin@127.0.0.1:%d/test", m.port)
	return m, nil
}

// Socket returns the path of the server's Unix socket; napkin may connect over TCP only.
func (m *MariaDB) Socket() string { return filepath.Join(m.dir, "socket") }

func pingMariaDB(ctx context.Context, port int) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := client.ConnectWithContext(ctx, fmt.Sprintf("127.0.0.1:%d", port), "napkin", "", "test", 5*time.Second)
	if err != nil {
		return "", err
	}
	version, _, _ := strings.Cut(conn.GetServerVersion(), "-MariaDB")
	_ = conn.Close()
	// Servers before MariaDB 11 announce themselves as 5.5.5 first, for the sake of old replicas.
	return strings.TrimPrefix(version, "5.5.5-"), nil
}

// findMariaDB returns the path of one of its programs. Daemons are not on the PATH of every user.
func findMariaDB(program string) (string, error) {
	candidates := []string{program, filepath.Join("/usr/sbin", program), filepath.Join("/usr/bin", program)}
	if bin := os.Getenv("NAPKIN_MARIADB_BIN"); bin != "" {
		candidates = append([]string{filepath.Join(bin, program)}, candidates...)
	}
	for _, c := range candidates {
		if path, err := exec.LookPath(c); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("MariaDB (mariadb-server): %w", ErrNotInstalled)
}
