package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"modernc.org/libc"
	_ "modernc.org/sqlite" // sets the library up
	lib "modernc.org/sqlite/lib"
)

// Error is an error of the SQLite library.
type Error struct {
	Code    int // extended result code
	Message string
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// errTimeout ends a statement that ran longer than Options.StatementTimeout.
var errTimeout = errors.New("the statement ran longer than its timeout")

// busyTimeout bounds the waiting for a writer that keeps readers out.
const busyTimeout = 10 * time.Second

// conn is a connection to a file. It is used by one goroutine at a time.
type conn struct {
	tls     *libc.TLS
	db      uintptr
	out     uintptr       // memory for one pointer that the library answers with
	timeout time.Duration // of a statement; 0 means none
}

func openConn(path string, timeout time.Duration) (*conn, error) {
	c := &conn{tls: libc.NewTLS(), timeout: timeout}
	c.out = libc.Xmalloc(c.tls, libc.Tsize_t(unsafe.Sizeof(uintptr(0))))
	name, err := libc.CString(path)
	if c.out == 0 || err != nil {
		c.close()
		return nil, fmt.Errorf("open %s: out of memory", path)
	}
	rc := lib.Xsqlite3_open_v2(c.tls, name, c.out, lib.SQLITE_OPEN_READONLY|lib.SQLITE_OPEN_NOMUTEX, 0)
	libc.Xfree(c.tls, name)
	c.db = c.answer()
	if rc != lib.SQLITE_OK {
		err := c.error(rc)
		c.close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	lib.Xsqlite3_extended_result_codes(c.tls, c.db, 1)
	return c, nil
}

func (c *conn) answer() uintptr { return *(*uintptr)(at(c.out)) }

// at is the address of the library's memory, which the garbage collector does not move.
func at(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

func (c *conn) error(rc int32) error {
	if c.db == 0 {
		return &Error{int(rc), libc.GoString(lib.Xsqlite3_errstr(c.tls, rc))}
	}
	return &Error{int(rc), libc.GoString(lib.Xsqlite3_errmsg(c.tls, c.db))}
}

func (c *conn) close() {
	if c.tls == nil {
		return
	}
	if c.db != 0 {
		lib.Xsqlite3_close_v2(c.tls, c.db)
	}
	if c.out != 0 {
		libc.Xfree(c.tls, c.out)
	}
	c.tls.Close()
	c.tls, c.db = nil, 0
}

// stmt is a statement that stands on a row.
type stmt struct {
	c *conn
	p uintptr
}

// query runs one statement and calls row for each row, of which the values are valid until row returns.
// It ends promptly when ctx does.
func (c *conn) query(ctx context.Context, sql string, row func(s *stmt) error) (err error) {
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.timeout, errTimeout)
		defer cancel()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	stop := c.watch(ctx)
	defer func() {
		stop()
		var e *Error
		if errors.As(err, &e) && e.Code&0xff == lib.SQLITE_INTERRUPT && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
	}()
	s, err := c.prepare(ctx, sql)
	if err != nil {
		return err
	}
	defer lib.Xsqlite3_finalize(c.tls, s.p)
	rc, err := c.first(ctx, s)
	for ; err == nil && rc == lib.SQLITE_ROW; rc = lib.Xsqlite3_step(c.tls, s.p) {
		if err := row(s); err != nil {
			return err
		}
	}
	if err == nil && rc != lib.SQLITE_DONE {
		err = c.error(rc)
	}
	return err
}

// exec runs a statement without rows.
func (c *conn) exec(ctx context.Context, sql string) error {
	return c.query(ctx, sql, func(*stmt) error { return nil })
}

// watch interrupts what runs on the connection when ctx ends, until stop is called. It does so again and
// again: the library forgets an interrupt that comes before the first step of a statement.
func (c *conn) watch(ctx context.Context) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	over, ended := make(chan struct{}), make(chan struct{})
	unregister := context.AfterFunc(ctx, func() {
		defer close(ended)
		tls := libc.NewTLS() // the connection's own is in use
		defer tls.Close()
		for {
			lib.Xsqlite3_interrupt(tls, c.db)
			select {
			case <-over:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	})
	return func() {
		close(over)
		if !unregister() {
			<-ended
		}
	}
}

func (c *conn) prepare(ctx context.Context, sql string) (*stmt, error) {
	text, err := libc.CString(sql)
	if err != nil {
		return nil, errors.New("out of memory for the text of a statement")
	}
	defer libc.Xfree(c.tls, text)
	if len(sql) > 1<<31-2 {
		return nil, errors.New("the text of a statement is longer than 2 GiB")
	}
	rc, err := c.waiting(ctx, func() int32 {
		return lib.Xsqlite3_prepare_v2(c.tls, c.db, text, int32(len(sql)+1), c.out, 0)
	})
	if err != nil {
		return nil, err
	}
	if rc != lib.SQLITE_OK {
		return nil, c.error(rc)
	}
	return &stmt{c, c.answer()}, nil
}

// first makes the first step, which takes the lock.
func (c *conn) first(ctx context.Context, s *stmt) (int32, error) {
	return c.waiting(ctx, func() int32 {
		rc := lib.Xsqlite3_step(c.tls, s.p)
		if rc&0xff == lib.SQLITE_BUSY {
			lib.Xsqlite3_reset(c.tls, s.p)
		}
		return rc
	})
}

// waiting repeats what finds the file locked. The library's own waiting does not end with a context.
func (c *conn) waiting(ctx context.Context, f func() int32) (int32, error) {
	for start, pause := time.Now(), time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		rc := f()
		if rc&0xff != lib.SQLITE_BUSY || time.Since(start) > busyTimeout {
			return rc, nil
		}
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// class is the storage class of a value: lib.SQLITE_INTEGER and so on.
func (s *stmt) class(i int) int32 { return lib.Xsqlite3_column_type(s.c.tls, s.p, int32(i)) }

func (s *stmt) int(i int) int64 { return lib.Xsqlite3_column_int64(s.c.tls, s.p, int32(i)) }

func (s *stmt) double(i int) float64 { return lib.Xsqlite3_column_double(s.c.tls, s.p, int32(i)) }

// text is a text in UTF-8; for other classes the library makes one. It is valid until the next step.
func (s *stmt) text(i int) []byte {
	p := lib.Xsqlite3_column_text(s.c.tls, s.p, int32(i))
	return s.view(p, i)
}

func (s *stmt) blob(i int) []byte {
	p := lib.Xsqlite3_column_blob(s.c.tls, s.p, int32(i))
	return s.view(p, i)
}

func (s *stmt) view(p uintptr, i int) []byte {
	n := lib.Xsqlite3_column_bytes(s.c.tls, s.p, int32(i))
	if p == 0 || n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(at(p)), n)
}

func (s *stmt) string(i int) string { return string(s.text(i)) }
