package database

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/foundation/scratch"
)

// session is a connection of either product, as these tests need it.
type session interface {
	// text runs a statement and returns the first column of its first row, if it has one.
	text(ctx context.Context, statement string) (string, error)
	close()
}

type postgresSession struct{ *pgconn.PgConn }

func (s postgresSession) text(ctx context.Context, statement string) (string, error) {
	results, err := s.Exec(ctx, statement).ReadAll()
	if err != nil || len(results) == 0 || len(results[0].Rows) == 0 {
		return "", err
	}
	return string(results[0].Rows[0][0]), nil
}

func (s postgresSession) close() { _ = s.Close(context.Background()) }

type mysqlSession struct{ *client.Conn }

func (s mysqlSession) text(_ context.Context, statement string) (string, error) {
	result, err := s.Execute(statement)
	if err != nil || result.Resultset == nil || result.RowNumber() == 0 {
		return "", err
	}
	return result.GetString(0, 0)
}

func (s mysqlSession) close() { _ = s.Close() }

// open opens a URL of any server.
func open(ctx context.Context, text string, o Options) (session, error) {
	u, err := Parse(text)
	if err != nil {
		return nil, err
	}
	if u.Kind == Postgres {
		conn, err := OpenPostgres(ctx, u, o)
		return postgresSession{conn}, err
	}
	conn, err := OpenMySQL(ctx, u, o)
	return mysqlSession{conn}, err
}

func mustOpen(t *testing.T, text string, o Options) session {
	t.Helper()
	s, err := open(t.Context(), text, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

func mustText(t *testing.T, s session, statement string) string {
	t.Helper()
	text, err := s.text(t.Context(), statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return text
}

// certificate writes a self-signed one of 127.0.0.1 and its key where a server can read them.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return serverFile(t, "cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		serverFile(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

// serverFile writes a file that belongs to the account of the test servers.
func serverFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	account, err := scratch.Unprivileged()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "napkin-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if account != nil {
		for _, owned := range []string{dir, path} {
			if err := os.Chown(owned, int(account.Uid), int(account.Gid)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return path
}

// recorder keeps what passes through a connection.
type recorder struct {
	mu   sync.Mutex
	seen bytes.Buffer
}

func (r *recorder) wrap(c net.Conn) net.Conn { return recorded{c, r} }

func (r *recorder) has(text string) (bool, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Contains(r.seen.Bytes(), []byte(text)), r.seen.Len()
}

func (r *recorder) add(p []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen.Write(p)
}

type recorded struct {
	net.Conn
	r *recorder
}

func (c recorded) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.r.add(p[:n])
	return n, err
}

func (c recorded) Write(p []byte) (int, error) {
	c.r.add(p)
	return c.Conn.Write(p)
}
