package database

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/jackc/pgx/v5/pgconn"
)

const hungUp = "no sensible answer; is the port one of this product?"

// connectError is the error of a connection that was not made: what to try, and what the driver said,
// without the password that was used.
func (u URL) connectError(err error, password string) error {
	if advice := u.advice(err); advice != "" {
		return fmt.Errorf("connect to %s: %s (%w)", u, advice, u.clean(err, password))
	}
	return fmt.Errorf("connect to %s: %w", u, u.clean(err, password))
}

// advice says in a sentence what is wrong and what to try, or nothing where the driver's error says it.
func (u URL) advice(err error) string {
	var lookup *net.DNSError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var verification *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there; is the server running, and are host and port right?"
	case errors.As(err, &lookup) && !lookup.IsTimeout:
		return "the host is not found; is its name right, and is the network up?"
	case errors.As(err, &authority), errors.As(err, &name), errors.As(err, &verification):
		if u.Kind == MySQL {
			return "the certificate of the server is not trusted; name its authority in SSL_CERT_FILE, or do not verify it: ?tls=skip-verify"
		}
		return "the certificate of the server is not trusted; name its authority in ?sslrootcert=FILE, or do not verify it: ?sslmode=require"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return "no answer in time; does a firewall stand between, and is the port one of a database?"
	case errors.Is(err, os.ErrNotExist):
		return "there is no such socket; is the server running, and is the path right?"
	}
	if advice := postgresAdvice(err); advice != "" {
		return advice
	}
	if advice := u.mysqlAdvice(err); advice != "" {
		return advice
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, mysql.ErrBadConn) {
		return hungUp
	}
	return ""
}

// postgresAdvice reads the codes of PostgreSQL's manual, appendix A.
func postgresAdvice(err error) string {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		if strings.Contains(err.Error(), "server refused TLS connection") {
			return "the server does not speak TLS; try ?sslmode=disable"
		}
		if strings.Contains(err.Error(), "received unexpected message") {
			return hungUp
		}
		return ""
	}
	switch refused.Code {
	case "3D000":
		return "there is no such database; psql -l lists those of the server"
	case "28P01":
		return "the password is wrong or missing; give it in PGPASSWORD, in ~/.pgpass or in the URL"
	case "28000":
		if strings.Contains(refused.Message, "no encryption") || strings.Contains(refused.Message, "SSL off") {
			return "the server may want TLS; try ?sslmode=require"
		}
		return "the server lets this user not in from here; is the user's name right, and does pg_hba.conf allow it?"
	case "53300":
		return "the server has no connection left; end other sessions, or raise max_connections"
	case "57P03":
		return "the server is starting or stopping; try again in a moment"
	}
	return ""
}

// mysqlAdvice reads the codes of MySQL's and MariaDB's error reference.
func (u URL) mysqlAdvice(err error) string {
	var refused *mysql.MyError
	if !errors.As(err, &refused) {
		if strings.Contains(err.Error(), "does not support TLS") {
			return "the server does not speak TLS; try ?tls=false"
		}
		return ""
	}
	switch refused.Code {
	case mysql.ER_BAD_DB_ERROR:
		return "there is no such database; show databases lists those of the server"
	case mysql.ER_ACCESS_DENIED_ERROR:
		if mode := u.raw.Query().Get("tls"); mode == "" || mode == "false" { // MariaDB says no more to one who must use TLS
			return "user or password is wrong, or the server wants TLS; give the password in MYSQL_PWD or in the URL, or try ?tls=true"
		}
		return "user or password is wrong; give the password in MYSQL_PWD or in the URL"
	case mysql.ER_DBACCESS_DENIED_ERROR:
		return "the user has no rights on this database, or it is not there; grant select on it"
	case mysql.ER_HOST_NOT_PRIVILEGED, mysql.ER_HOST_IS_BLOCKED:
		return "the server lets nobody in from this host"
	case mysql.ER_CON_COUNT_ERROR:
		return "the server has no connection left; end other sessions, or raise max_connections"
	case 3159: // ER_SECURE_TRANSPORT_REQUIRED of MySQL
		return "the server wants TLS; try ?tls=true, or ?tls=skip-verify"
	}
	return ""
}

// clean removes passwords, plain and escaped, from the text of an error, and keeps the error: those of
// the URL, and those given, which came from elsewhere.
func (u URL) clean(err error, passwords ...string) error {
	var hide []string
	add := func(password string) {
		hide = append(hide, password, url.QueryEscape(password), url.PathEscape(password), strings.TrimPrefix(url.UserPassword("", password).String(), ":"))
	}
	for _, password := range passwords {
		add(password)
	}
	if u.raw != nil {
		password, _ := u.raw.User.Password()
		add(password)
		for key, values := range u.raw.Query() {
			if secrets[strings.ToLower(key)] {
				for _, v := range values {
					add(v)
				}
			}
		}
	}
	// The longest first: a password may be the beginning of its escaped form.
	slices.SortFunc(hide, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	var pairs []string
	for _, password := range slices.Compact(hide) {
		switch {
		case password == "":
		case len(password) < tellable:
			// It may well stand in the words of the error; only where a password is written it is one.
			pairs = append(pairs, ":"+password+"@", ":"+masked+"@", "password="+password, "password="+masked)
		default:
			pairs = append(pairs, password, masked)
		}
	}
	if len(pairs) == 0 {
		return err
	}
	return cleaned{err, strings.NewReplacer(pairs...).Replace(err.Error())}
}

// tellable is the length from which a password is not a part of ordinary words.
const tellable = 4

// cleaned is an error whose text holds no password. Errors within it keep theirs: match them, but print
// this one.
type cleaned struct {
	err  error
	text string
}

func (c cleaned) Error() string { return c.text }
func (c cleaned) Unwrap() error { return c.err }
