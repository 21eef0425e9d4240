package mysql

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/go-mysql-org/go-mysql/mysql"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Numbers of errors that are told apart; see the manuals' lists of server errors.
const (
	errTooManyConnections = 1040
	errTableDenied        = 1142
	errColumnDenied       = 1143
	errAccessDenied       = 1227
	errDBDenied           = 1044
	errShutdown           = 1053
	errNoColumn           = 1054
	errNoDatabase         = 1049
	errNoTable            = 1146
	errAborted            = 1152
	errNetRead            = 1158
	errNetReadTimeout     = 1159
	errNetWrite           = 1160
	errNetWriteTimeout    = 1161
	errTooManyUser        = 1203
	errLockWait           = 1205
	errDeadlock           = 1213
	errUserLimit          = 1226
	errQueryInterrupted   = 1317
	errTableDefChanged    = 1412
	errConnectionKilled   = 1927 // MariaDB
	errStatementTimeout   = 1969 // MariaDB
	errGone               = 2006
	errLost               = 2013
	errLockNowait         = 3572
	errQueryTimeout       = 3024 // MySQL
	errClientInactive     = 4031 // MySQL: disconnected for inactivity
)

// temporary says whether the same request may succeed later.
func temporary(err error) bool {
	var my *mysql.MyError
	if errors.As(err, &my) {
		switch my.Code {
		case errTooManyConnections, errShutdown, errAborted, errNetRead, errNetReadTimeout, errNetWrite, errNetWriteTimeout, errTooManyUser,
			errLockWait, errDeadlock, errUserLimit, errQueryInterrupted, errConnectionKilled, errStatementTimeout, errGone, errLost,
			errLockNowait, errQueryTimeout, errClientInactive:
			return true
		}
		return false
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var network net.Error
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, mysql.ErrBadConn),
		errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EPIPE):
		return true
	case errors.As(err, &network):
		return true
	}
	return false
}

// explain says what was being done, unless the caller does, and what to do where the server's words do not.
func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	if doing != "" {
		doing += ": "
	}
	var my *mysql.MyError
	if !errors.As(err, &my) {
		return fmt.Errorf("%s%w", doing, err)
	}
	advice := ""
	switch my.Code {
	case errTableDenied, errColumnDenied:
		advice = "; grant the account SELECT on the table, or leave the column out"
	case errDBDenied:
		advice = "; grant the account rights on the database"
	case errNoColumn:
		advice = "; the column is not there (any more): look at the condition, or start again"
	case errNoTable:
		return fmt.Errorf("%s%w: %w", doing, dialect.ErrNoTable, err)
	case errTableDefChanged:
		advice = "; the table was altered since the snapshot: start again when the change is done"
	case errStatementTimeout, errQueryTimeout:
		advice = "; the statement timeout ended it: raise the timeout, or ask for smaller parts"
	case errTooManyConnections, errTooManyUser, errUserLimit:
		advice = "; use fewer connections, or raise the limit"
	case errQueryInterrupted, errConnectionKilled:
		advice = "; somebody ended the statement on the server"
	}
	return fmt.Errorf("%s%w%s", doing, err, advice)
}
