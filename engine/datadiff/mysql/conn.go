package mysql

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/go-mysql-org/go-mysql/mysql"
)

// conn is a connection whose statements are prepared by the library, and executed and read by this
// package. Calls of both may follow each other: after a complete exchange nothing is left in the
// library's buffers or in ours.
type conn struct {
	lib     *client.Conn
	net     net.Conn // the library's, TLS included
	packets *packetReader
	fields  []wireField
	// id is the number by which the connection can be killed; 0 where a proxy makes that unsafe.
	id uint32
}

func newConn(lib *client.Conn) *conn {
	raw := lib.Conn.Conn
	return &conn{lib: lib, net: raw, packets: newPacketReader(raw)}
}

// guard ends what waits on the network when ctx ends. done must be called once; it returns the cause if
// ctx ended before, and then the connection is of no more use.
func (c *conn) guard(ctx context.Context) (done func(err error) error) {
	stop := context.AfterFunc(ctx, func() {
		_ = c.net.SetDeadline(time.Unix(1, 0))
	})
	return func(err error) error {
		// Where stop comes too late, the deadline has been set, or is about to be.
		if late := !stop(); late {
			return context.Cause(ctx)
		}
		return err
	}
}

// exec runs a statement by the library, in the text protocol: for the catalog and settings.
func (c *conn) exec(ctx context.Context, statement string) (rows [][]value, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	done := c.guard(ctx)
	result, err := c.lib.Execute(statement)
	if err = done(err); err != nil {
		return nil, err
	}
	defer result.Close()
	if result.Resultset == nil {
		return nil, nil
	}
	rows = make([][]value, result.RowNumber())
	for i := range rows {
		rows[i] = make([]value, result.ColumnNumber())
		for j := range rows[i] {
			if null, err := result.IsNull(i, j); err != nil {
				return nil, err
			} else if null {
				rows[i][j].null = true
				continue
			}
			text, err := result.GetString(i, j)
			if err != nil {
				return nil, err
			}
			rows[i][j].text = strings.Clone(text) // the library reuses the memory
		}
	}
	return rows, nil
}

// value is one of the text protocol.
type value struct {
	text string
	null bool
}

// number reads an integer; 0 for NULL.
func (v value) number() int64 {
	n, err := strconv.ParseInt(v.text, 10, 64)
	if err != nil {
		f, _ := strconv.ParseFloat(v.text, 64) // an estimate can come with an exponent
		return int64(f)
	}
	return n
}

// query runs a statement that gives rows, in the binary protocol: head is called once, then row for each
// packet of a row. An error of row ends the reading, and leaves the connection of no more use.
func (c *conn) query(ctx context.Context, statement string, head func([]wireField) error, row func(p []byte) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := c.guard(ctx)
	warnings, err := c.run(statement, head, row)
	if err = done(err); err != nil {
		return err
	}
	if warnings > 0 {
		return c.checkWarnings(ctx)
	}
	return nil
}

func (c *conn) run(statement string, head func([]wireField) error, row func(p []byte) error) (warnings int, err error) {
	prepared, err := c.lib.Prepare(statement)
	if err != nil {
		return 0, err
	}
	if prepared.Params > 0 {
		return 0, errors.New("the condition holds a ?, which stands for a parameter; write the value")
	}
	execute := [14]byte{10, 0, 0, 0, mysql.COM_STMT_EXECUTE, 10: 1} // no cursor; once
	binary.LittleEndian.PutUint32(execute[5:], prepared.ID)
	if _, err := c.net.Write(execute[:]); err != nil {
		return 0, err
	}
	c.packets.sequence = 1
	if c.fields, err = resultHead(c.packets, c.fields); err != nil {
		return 0, err
	}
	if err := head(c.fields); err != nil {
		return 0, err
	}
	if warnings, err = readRows(c.packets, row); err != nil {
		return 0, err
	}
	return warnings, prepared.Close()
}

// warnPacket: the result of a function was larger than max_allowed_packet, and became NULL.
const warnPacket = 1301

// checkWarnings turns a warning about a lost value into an error.
func (c *conn) checkWarnings(ctx context.Context) error {
	rows, err := c.exec(ctx, "SHOW WARNINGS")
	if err != nil {
		return err
	}
	for _, row := range rows {
		if len(row) == 3 && row[1].number() == warnPacket {
			return fmt.Errorf("a value is too large for the server to work on (%s); raise max_allowed_packet on the server", row[2].text)
		}
	}
	return nil
}

func (c *conn) close() error { return c.net.Close() }
