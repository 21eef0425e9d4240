package scratch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/jackc/pgx/v5"
)

// products start a server each, and run one statement on one.
var products = []struct {
	name  string
	start func(context.Context) (*process, error)
	exec  func(ctx context.Context, port int, statement string) error
}{
	{"PostgreSQL", func(ctx context.Context) (*process, error) {
		p, err := StartPostgres(ctx, "work_mem=8MB")
		if err != nil {
			return nil, err
		}
		return &p.process, nil
	}, func(ctx context.Context, port int, statement string) error {
		conn, err := pgx.Connect(ctx, postgresURL(port))
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, statement)
		return err
	}},
	{"MariaDB", func(ctx context.Context) (*process, error) {
		m, err := StartMariaDB(ctx)
		if err != nil {
			return nil, err
		}
		return &m.process, nil
	}, func(_ context.Context, port int, statement string) error {
		conn, err := client.Connect(fmt.Sprintf("127.0.0.1:%d", port), "napkin", "", "test")
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = conn.Execute(statement)
		return err
	}},
}

func TestRestartKeepsAndStopRemoves(t *testing.T) {
	for _, product := range products {
		t.Run(product.name, func(t *testing.T) {
			p, err := product.start(t.Context())
			if errors.Is(err, ErrNotInstalled) && os.Getenv("CI") != "true" {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			port := p.Port()
			if err := product.exec(t.Context(), port, "create table kept (a int)"); err != nil {
				t.Error(err)
			}
			if err := p.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
			if p.Port() != port {
				t.Errorf("port %d became %d", port, p.Port())
			}
			if err := product.exec(t.Context(), port, "insert into kept values (1)"); err != nil {
				t.Errorf("the data is gone after a restart: %v", err)
			}
			if err := p.Stop(); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(p.dir); !os.IsNotExist(err) {
				t.Errorf("the data is still there: %v", err)
			}
			if product.exec(t.Context(), port, "select 1") == nil {
				t.Error("the server still answers")
			}
		})
	}
}

// TestFolder holds that a server's data lies where the caller wants it, and that a folder which the server's
// account may not enter is refused by its name.
func TestFolder(t *testing.T) {
	folder := t.TempDir()
	if os.Getuid() == 0 {
		// The folders of a test are root's alone.
		for _, shut := range []string{folder, filepath.Dir(folder)} {
			if err := os.Chmod(shut, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	r, err := StartRedisIn(t.Context(), folder, "appendonly yes")
	if errors.Is(err, ErrNotInstalled) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(r.dir, folder) || r.Version == "" {
		t.Errorf("version %q in %s, want it below %s", r.Version, r.dir, folder)
	}
	if err := r.Stop(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if os.Getuid() != 0 {
		return
	}
	shut := filepath.Join(folder, "shut")
	if err := os.Mkdir(shut, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := StartRedisIn(t.Context(), shut); err == nil || !strings.Contains(err.Error(), "may not enter "+shut) {
		t.Errorf("a folder that is shut: %v", err)
	}
}

// TestKilled holds that a server goes when the process that started it is killed.
func TestKilled(t *testing.T) {
	const variable = "NAPKIN_TESTSERVER_KILL"
	for _, product := range products {
		t.Run(product.name, func(t *testing.T) {
			if os.Getenv(variable) == product.name {
				p, err := product.start(t.Context())
				if err != nil {
					fmt.Fprintf(os.Stdout, "FAILED %t\n", errors.Is(err, ErrNotInstalled))
					t.Fatal(err)
				}
				fmt.Fprintf(os.Stdout, "SERVER %d %s\n", p.Port(), p.dir)
				time.Sleep(time.Minute)
				return
			}
			child := exec.Command(os.Args[0], "-test.run=^TestKilled$/^"+product.name+"$")
			child.Env = append(os.Environ(), variable+"="+product.name)
			out, err := child.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, 1<<10)
			n, err := out.Read(buf)
			killed := child.Process.Kill()
			_ = child.Wait()
			fields := strings.Fields(string(buf[:n]))
			if len(fields) > 1 && fields[0] == "FAILED" && fields[1] == "true" && os.Getenv("CI") != "true" {
				t.Skip("not installed")
			}
			if err != nil || killed != nil || len(fields) < 3 || fields[0] != "SERVER" {
				t.Fatalf("the child said %q, %v, %v", buf[:n], err, killed)
			}
			port, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(fields[2])
			for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(50 * time.Millisecond) {
				gone := product.exec(t.Context(), port, "select 1")
				_, left := os.Stat(fields[2])
				if gone != nil && os.IsNotExist(left) {
					return
				}
				if time.Now().After(deadline) {
					t.Fatalf("the server (answers: %v) or its data outlives the process that started it", gone == nil)
				}
			}
		})
	}
}
