package testserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNotInstalled is returned where no PostgreSQL server is found.
var ErrNotInstalled = errors.New("no PostgreSQL server is installed; run scripts/setup-test as root, or install postgresql")

// Postgres is a running server with an empty database. Stop it.
type Postgres struct {
	URL     string // of the superuser, for pgx and libpq
	Version string // "15.18"

	dir   string
	cmd   *exec.Cmd
	stdin io.WriteCloser
	log   bytes.Buffer
	ended chan struct{} // closed when the server process has ended
}

// PostgresFor starts a server that is stopped when the test ends. Where none is installed it skips the
// test with the reason; in CI (CI=true) that is a failure, because there everything must run.
func PostgresFor(t testing.TB) *Postgres {
	t.Helper()
	p, err := StartPostgres(t.Context())
	if errors.Is(err, ErrNotInstalled) && os.Getenv("CI") != "true" {
		t.Skip(err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// StartPostgres starts a server and waits until it answers, at most 60 seconds. Ending ctx later does
// not stop it; [Postgres.Stop] does.
func StartPostgres(ctx context.Context) (*Postgres, error) {
	bin, err := findPostgres()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	account, err := Unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "napkin-pg-")
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	if account != nil {
		if err := os.Chown(dir, int(account.Uid), int(account.Gid)); err != nil {
			os.RemoveAll(dir)
			return nil, fmt.Errorf("start PostgreSQL: %w", err)
		}
	}
	p, err := initAndRun(ctx, bin, dir, account)
	if err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("start PostgreSQL of %s: %w", bin, err)
	}
	return p, nil
}

func initAndRun(ctx context.Context, bin, dir string, account *syscall.Credential) (*Postgres, error) {
	data := filepath.Join(dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", "napkin", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: account}
	initdb.Dir, initdb.Env = dir, environment(dir)
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	// The port is free when it is chosen and may be taken a moment later, so a second try is fair.
	var failed error
	for range 3 {
		p, err := runPostgres(ctx, bin, dir, data, account)
		if err == nil {
			return p, nil
		}
		failed = err
		if ctx.Err() != nil {
			break
		}
	}
	return nil, failed
}

// guard runs the server and stops it when standard input closes, which the end of the test process
// does however it ends. A shell gives its background jobs /dev/null to read, hence descriptor 3; and an
// interrupt that comes before the server listens for it is lost, hence the second signal. The data goes
// with the server when it was told to stop.
const guard = `dir=$1; shift
exec 3<&0
"$@" 3<&- & server=$!
{ read -r _ <&3; : >"$dir/stopping"; kill -INT $server; sleep 8; kill -KILL $server; } >/dev/null 2>&1 & watch=$!
wait $server; code=$?
kill $watch 2>/dev/null
[ -e "$dir/stopping" ] && rm -rf "$dir"
exit $code`

func runPostgres(ctx context.Context, bin, dir, data string, account *syscall.Credential) (*Postgres, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	p := &Postgres{dir: dir, ended: make(chan struct{}), URL: fmt.Sprintf("postgres://napkin@127.0.0.1:%d/postgres?sslmode=disable", port)}
	// The server outlives the context of its start.
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx), "/bin/sh", "-c", guard, "napkin-postgres", dir, filepath.Join(bin, "postgres"), "-D", data,
		"-c", "listen_addresses=127.0.0.1", "-c", "port="+strconv.Itoa(port), "-c", "unix_socket_directories=",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=50")
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: account, Setpgid: true}
	p.cmd.Dir, p.cmd.Env = dir, environment(dir)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	p.cmd.WaitDelay = 10 * time.Second
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // how it ended is in the log, which Stop and the start print
	}()
	if err := p.ready(ctx); err != nil {
		_ = p.halt()
		return nil, fmt.Errorf("%w\n%s", err, p.log.String())
	}
	return p, nil
}

// ready waits until the server answers, or ends.
func (p *Postgres) ready(ctx context.Context) error {
	for {
		conn, err := pgx.Connect(ctx, p.URL)
		if err == nil {
			err = conn.QueryRow(ctx, "show server_version").Scan(&p.Version)
			p.Version, _, _ = strings.Cut(p.Version, " ")
			_ = conn.Close(ctx)
			return err
		}
		select {
		case <-p.ended:
			return errors.New("the server ended while it started")
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop ends the server and removes its data. It may be called once.
func (p *Postgres) Stop() error {
	err := p.halt()
	if removed := os.RemoveAll(p.dir); err == nil && removed != nil {
		err = fmt.Errorf("remove the data of PostgreSQL: %w", removed)
	}
	return err
}

func (p *Postgres) halt() error {
	_ = p.stdin.Close() // the guard sees this and interrupts the server: a fast shutdown
	select {
	case <-p.ended:
		return nil
	case <-time.After(20 * time.Second):
	}
	// The negative id is the group of the guard, which holds the server too.
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.ended
	return errors.New("PostgreSQL did not stop within 20 seconds and was killed")
}

// environment is what the server sees: no PG variables of the developer, a home of its own.
func environment(dir string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C", "TZ=UTC"}
}

func freePort(ctx context.Context) (int, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// Unprivileged returns an account to run a child process as, or nil when this process is not root.
// PostgreSQL refuses to run as root, and root can read and write what others may not.
func Unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(account.Uid, 10, 32)
		if err != nil {
			continue
		}
		gid, err := strconv.ParseUint(account.Gid, 10, 32)
		if err != nil {
			continue
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("this process is root, and there is neither a user postgres nor nobody to run a child as")
}

// findPostgres returns the folder that holds postgres and initdb.
func findPostgres() (string, error) {
	var candidates []string
	if bin := os.Getenv("NAPKIN_POSTGRES_BIN"); bin != "" {
		candidates = append(candidates, bin)
	}
	debian, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	sort.Slice(debian, func(i, j int) bool { return debianVersion(debian[i]) > debianVersion(debian[j]) })
	candidates = append(candidates, debian...)
	if path, err := exec.LookPath("postgres"); err == nil {
		candidates = append(candidates, filepath.Dir(path))
	}
	for _, bin := range candidates {
		complete := true
		for _, program := range []string{"postgres", "initdb"} {
			_, err := exec.LookPath(filepath.Join(bin, program))
			complete = complete && err == nil
		}
		if complete {
			return bin, nil
		}
	}
	return "", ErrNotInstalled
}

// debianVersion reads the version from /usr/lib/postgresql/15/bin.
func debianVersion(bin string) float64 {
	v, err := strconv.ParseFloat(filepath.Base(filepath.Dir(bin)), 64)
	if err != nil {
		return 0
	}
	return v
}
