package scratch

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres is a running PostgreSQL server with an empty database. Stop it.
type Postgres struct {
	URL     string // of the superuser, for pgx and libpq
	Version string // "15.18"

	process
}

// PostgresPrograms is where the programs of one version of PostgreSQL lie.
type PostgresPrograms struct {
	Bin string // the folder of postgres and initdb
	Lib string // the folder of the libraries that they were built with; empty where the system has them
}

// StartPostgres starts a server of the programs that are found first, as the package comment says, and
// waits until it answers, at most 60 seconds. Ending ctx later does not stop it; Stop does. Settings are
// further ones of the server, each as in its configuration file: "shared_buffers=2GB".
func StartPostgres(ctx context.Context, settings ...string) (*Postgres, error) {
	return StartPostgresIn(ctx, "", settings...)
}

// StartPostgresIn is [StartPostgres] with the data below a folder of the caller's choice, for work that
// measures the disk there; "" is the folder of temporary files.
func StartPostgresIn(ctx context.Context, folder string, settings ...string) (*Postgres, error) {
	found := FindPostgres()
	if len(found) == 0 {
		return nil, fmt.Errorf("PostgreSQL (postgresql): %w", ErrNotInstalled)
	}
	return startPostgres(ctx, folder, found[0], settings...)
}

// StartPostgresOf is [StartPostgres] with given programs. The account that the server runs as, not root,
// must be able to read them.
func StartPostgresOf(ctx context.Context, programs PostgresPrograms, settings ...string) (*Postgres, error) {
	return startPostgres(ctx, "", programs, settings...)
}

func startPostgres(ctx context.Context, folder string, programs PostgresPrograms, settings ...string) (*Postgres, error) {
	bin := programs.Bin
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	account, err := Unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := makeFolder(folder, "napkin-pg-", account)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	data := filepath.Join(dir, "data")
	p := &Postgres{process: process{name: "PostgreSQL", dir: dir, account: account, signal: "INT", libraries: programs.Lib, ping: pingPostgres}}
	p.command = func(port int) []string {
		command := []string{filepath.Join(bin, "postgres"), "-D", data,
			"-c", "listen_addresses=127.0.0.1", "-c", "port=" + strconv.Itoa(port), "-c", "unix_socket_directories=",
			"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=100"}
		for _, s := range settings {
			command = append(command, "-c", s)
		}
		return command
	}
	err = p.prepare(ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", "napkin", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
	if err == nil {
		p.Version, err = p.startAnywhere(ctx)
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, fmt.Errorf("start PostgreSQL of %s: %w", bin, err)
	}
	p.URL = postgresURL(p.port)
	return p, nil
}

func postgresURL(port int) string {
	return fmt.Sprintf("postgres://napkin@127.0.0.1:%d/postgres?sslmode=disable", port)
}

func pingPostgres(ctx context.Context, port int) (string, error) {
	conn, err := pgx.Connect(ctx, postgresURL(port))
	if err != nil {
		return "", err
	}
	var version string
	err = conn.QueryRow(ctx, "show server_version").Scan(&version)
	_ = conn.Close(ctx)
	version, _, _ = strings.Cut(version, " ")
	return version, err
}

// FindPostgres returns the programs of every PostgreSQL on this machine, in the order in which
// [StartPostgres] looks for them and each folder once: $NAPKIN_POSTGRES_BIN, Debian's folders from the
// highest version down, the PATH. There may be none.
func FindPostgres() []PostgresPrograms {
	var candidates []string
	if bin := os.Getenv("NAPKIN_POSTGRES_BIN"); bin != "" {
		candidates = append(candidates, bin)
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is well formed
	sort.Slice(debian, func(i, j int) bool { return debianVersion(debian[i]) > debianVersion(debian[j]) })
	candidates = append(candidates, debian...)
	if path, err := exec.LookPath("postgres"); err == nil {
		// A link on the PATH may lead to one of the folders above.
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		candidates = append(candidates, filepath.Dir(path))
	}
	var found []PostgresPrograms
	for _, bin := range candidates {
		complete := !slices.Contains(found, PostgresPrograms{Bin: bin})
		for _, program := range []string{"postgres", "initdb"} {
			_, err := exec.LookPath(filepath.Join(bin, program))
			complete = complete && err == nil
		}
		if complete {
			found = append(found, PostgresPrograms{Bin: bin})
		}
	}
	return found
}

// debianVersion reads the version from /usr/lib/postgresql/15/bin.
func debianVersion(bin string) float64 {
	v, err := strconv.ParseFloat(filepath.Base(filepath.Dir(bin)), 64)
	if err != nil {
		return 0
	}
	return v
}
