package testserver

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestPostgres(t *testing.T) {
	p, other := PostgresFor(t), PostgresFor(t)
	for _, server := range []*Postgres{p, other} {
		conn, err := pgx.Connect(t.Context(), server.URL)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "create table t (a int primary key)"); err != nil {
			t.Errorf("two servers do not have a database each: %v", err)
		}
		if err := conn.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if server.Version == "" || server.Version[0] < '1' || server.Version[0] > '9' {
			t.Errorf("version %q", server.Version)
		}
	}
}

func TestStopRemoves(t *testing.T) {
	p, err := StartPostgres(t.Context())
	if err != nil {
		if errors.Is(err, ErrNotInstalled) && os.Getenv("CI") != "true" {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(p.dir); !os.IsNotExist(err) {
		t.Errorf("the data is still there: %v", err)
	}
	if conn, err := pgx.Connect(t.Context(), p.URL); err == nil {
		conn.Close(t.Context())
		t.Error("the server still answers")
	}
}

// TestKilled holds that the server goes when the process that started it is killed.
func TestKilled(t *testing.T) {
	if os.Getenv("NAPKIN_TESTSERVER_KILL") == "1" {
		p, err := StartPostgres(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("URL " + p.URL + " " + p.dir + "\n")
		time.Sleep(time.Minute)
		return
	}
	if _, err := findPostgres(); err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	child.Env = append(os.Environ(), "NAPKIN_TESTSERVER_KILL=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 1<<10)
	n, err := out.Read(buf)
	fields := strings.Fields(string(buf[:n]))
	if err != nil || len(fields) < 3 || fields[0] != "URL" {
		child.Process.Kill()
		t.Fatalf("the child said %q, %v", buf[:n], err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	defer os.RemoveAll(fields[2])
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		conn, err := pgx.Connect(t.Context(), fields[1])
		_, left := os.Stat(fields[2])
		if err != nil && os.IsNotExist(left) {
			return
		}
		if err == nil {
			conn.Close(t.Context())
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server (answers: %v) or its data outlives the process that started it", err == nil)
		}
	}
}
