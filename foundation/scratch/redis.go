package scratch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Redis is a running Redis server without keys. Stop it.
type Redis struct {
	URL     string // redis://127.0.0.1:PORT
	Version string // "7.0.15"

	process
}

// StartRedis starts a server and waits until it answers, at most 60 seconds. Ending ctx later does not stop
// it; Stop does. It keeps nothing on disk unless settings say so, each as in its configuration file:
// "appendonly yes".
func StartRedis(ctx context.Context, settings ...string) (*Redis, error) {
	return StartRedisIn(ctx, "", settings...)
}

// StartRedisIn is [StartRedis] with the data below a folder of the caller's choice, for work that measures the
// disk there.
func StartRedisIn(ctx context.Context, folder string, settings ...string) (*Redis, error) {
	daemon, err := findRedis()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	account, err := Unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := makeFolder(folder, "napkin-redis-", account)
	if err != nil {
		return nil, fmt.Errorf("start Redis: %w", err)
	}
	r := &Redis{process: process{name: "Redis", dir: dir, account: account, signal: "TERM", ping: pingRedis}}
	r.command = func(port int) []string {
		command := []string{daemon, "--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", dir, "--daemonize", "no", "--save", "", "--appendonly", "no"}
		for _, s := range settings {
			name, value, _ := strings.Cut(s, " ")
			command = append(command, "--"+name, value)
		}
		return command
	}
	if r.Version, err = r.startAnywhere(ctx); err != nil {
		_ = os.RemoveAll(dir)
		return nil, fmt.Errorf("start Redis of %s: %w", daemon, err)
	}
	r.URL = fmt.Sprintf("redis://127.0.0.1:%d", r.port)
	return r, nil
}

// pingRedis asks for the part of INFO that holds the version: a bulk string after the line with its length.
func pingRedis(ctx context.Context, port int) (string, error) {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	if _, err := conn.Write([]byte("INFO server\r\n")); err != nil {
		return "", err
	}
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "-") {
			return "", errors.New(lines.Text()) // still loading, for instance
		}
		if version, ok := strings.CutPrefix(lines.Text(), "redis_version:"); ok {
			return version, nil
		}
	}
	return "", errors.Join(errors.New("the answer to INFO holds no version"), lines.Err())
}

func findRedis() (string, error) {
	candidates := []string{"redis-server"}
	if bin := os.Getenv("NAPKIN_REDIS_BIN"); bin != "" {
		candidates = append([]string{filepath.Join(bin, "redis-server")}, candidates...)
	}
	for _, c := range candidates {
		if path, err := exec.LookPath(c); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("Redis (redis-server): %w", ErrNotInstalled) //nolint:staticcheck // a name
}
