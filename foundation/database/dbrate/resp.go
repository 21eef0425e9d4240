package dbrate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// redisURL is redis://[user][:password@]host[:port][/database].
type redisURL struct{ raw *url.URL }

func parseRedis(text string) (redisURL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "redis" || u.Hostname() == "" {
		return redisURL{}, errors.New("the URL of Redis cannot be read; write redis://host:port or redis://:password@host:port/database")
	}
	if db := strings.TrimPrefix(u.Path, "/"); db != "" {
		if _, err := strconv.ParseUint(db, 10, 16); err != nil {
			return redisURL{}, fmt.Errorf("%s: a database of Redis is a number, and %q is none", masked(u), db)
		}
	}
	return redisURL{u}, nil
}

// String prints the URL without its password.
func (u redisURL) String() string { return masked(u.raw) }

// GoString is String, so that no verb of fmt prints the password.
func (u redisURL) GoString() string { return fmt.Sprintf("redisURL(%q)", u.String()) }

// redisConn speaks RESP version 2 (Redis documentation, "Redis serialization protocol specification").
type redisConn struct {
	net.Conn
	reader *bufio.Reader
	writer *bufio.Writer
}

// redisPatience bounds each answer.
const redisPatience = 10 * time.Second

func openRedis(ctx context.Context, u redisURL) (*redisConn, error) {
	port := u.raw.Port()
	if port == "" {
		port = "6379"
	}
	conn, err := (&net.Dialer{Timeout: redisPatience}).DialContext(ctx, "tcp", net.JoinHostPort(u.raw.Hostname(), port))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w; is Redis running there?", u, err)
	}
	c := &redisConn{Conn: conn, reader: bufio.NewReaderSize(conn, 64<<10), writer: bufio.NewWriterSize(conn, 64<<10)}
	var commands [][]string
	if password, ok := u.raw.User.Password(); ok {
		auth := []string{"AUTH", password}
		if name := u.raw.User.Username(); name != "" {
			auth = []string{"AUTH", name, password}
		}
		commands = append(commands, auth)
	}
	if db := strings.TrimPrefix(u.raw.Path, "/"); db != "" {
		commands = append(commands, []string{"SELECT", db})
	}
	commands = append(commands, []string{"PING"})
	for _, command := range commands {
		if _, err := c.do(command...); err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("connect to %s: %s: %w", u, command[0], err)
		}
	}
	return c, nil
}

// do sends a command and returns its answer.
func (c *redisConn) do(command ...string) (string, error) {
	c.send(command...)
	if err := c.flush(); err != nil {
		return "", err
	}
	return c.receive()
}

func (c *redisConn) number(command ...string) (uint64, error) {
	answer, err := c.do(command...)
	if err != nil {
		return 0, err
	}
	return number(answer)
}

// send puts a command into the buffer; a failure shows at the flush.
func (c *redisConn) send(command ...string) {
	fmt.Fprintf(c.writer, "*%d\r\n", len(command))
	for _, word := range command {
		fmt.Fprintf(c.writer, "$%d\r\n%s\r\n", len(word), word)
	}
}

func (c *redisConn) flush() error {
	if err := c.SetDeadline(time.Now().Add(redisPatience)); err != nil {
		return err
	}
	return c.writer.Flush()
}

// receive reads an answer that is no list.
func (c *redisConn) receive() (string, error) {
	list, err := readRESP(c.reader, 0)
	if err != nil {
		return "", err
	}
	if len(list) != 1 {
		return "", fmt.Errorf("Redis answered with a list of %d where one value was asked for", len(list)) //nolint:staticcheck // a name
	}
	return list[0], nil
}

func (c *redisConn) list(command ...string) ([]string, error) {
	c.send(command...)
	if err := c.flush(); err != nil {
		return nil, err
	}
	return readRESP(c.reader, 0)
}

// setting asks for one setting of the server.
func (c *redisConn) setting(name string) (string, error) {
	pair, err := c.list("CONFIG", "GET", name)
	if err != nil {
		return "", err
	}
	if len(pair) != 2 {
		return "", fmt.Errorf("the server does not tell its setting %s", name)
	}
	return pair[1], nil
}

// deletePrefix walks the keys with a prefix by SCAN, which does not block the server.
func (c *redisConn) deletePrefix(prefix string) error {
	for cursor := "0"; ; {
		answer, err := c.list("SCAN", cursor, "MATCH", prefix+"*", "COUNT", "1000")
		if err != nil {
			return err
		}
		if len(answer) == 0 {
			return errors.New("SCAN has no answer")
		}
		cursor = answer[0]
		if keys := answer[1:]; len(keys) > 0 {
			if _, err := c.do(append([]string{"UNLINK"}, keys...)...); err != nil {
				return err
			}
		}
		if cursor == "0" {
			return nil
		}
	}
}

// Bounds of an answer: nothing that is asked for here comes near them.
const (
	maxBulk  = 1 << 20
	maxList  = 1 << 16
	maxDepth = 4
)

// readRESP reads one answer; lists within lists are flattened. An error answer is an error, a null is "".
func readRESP(r *bufio.Reader, depth int) ([]string, error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return nil, fmt.Errorf("read an answer of Redis: %w", err)
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r")
	if text == "" {
		return nil, errors.New("read an answer of Redis: an empty line")
	}
	kind, rest := text[0], text[1:]
	switch kind {
	case '+', ':':
		return []string{rest}, nil
	case '-':
		return nil, fmt.Errorf("Redis says: %s", rest) //nolint:staticcheck // a name
	case '$', '*':
	default:
		return nil, fmt.Errorf("read an answer of Redis: %q is not its protocol", kind)
	}
	n, err := strconv.Atoi(rest)
	if err != nil || n < -1 || kind == '$' && n > maxBulk || kind == '*' && (n > maxList || depth >= maxDepth) {
		return nil, fmt.Errorf("read an answer of Redis: length %q", rest)
	}
	if n == -1 {
		return []string{""}, nil
	}
	if kind == '$' {
		value := make([]byte, n+2)
		if _, err := io.ReadFull(r, value); err != nil {
			return nil, fmt.Errorf("read an answer of Redis: %w", err)
		}
		return []string{string(value[:n])}, nil
	}
	list := []string{}
	for range n {
		part, err := readRESP(r, depth+1)
		if err != nil {
			return nil, err
		}
		if list = append(list, part...); len(list) > maxList {
			return nil, errors.New("read an answer of Redis: the list is too long")
		}
	}
	return list, nil
}
