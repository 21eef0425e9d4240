package database

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/internal/testserver"
)

// testWrap holds that Wrap sees all bytes, which TLS hides.
func testWrap(t *testing.T, plain, encrypted string) {
	t.Helper()
	for _, test := range []struct {
		url     string
		visible bool
	}{{plain, true}, {encrypted, false}} {
		var r recorder
		s := mustOpen(t, test.url, Options{Wrap: r.wrap})
		const needle = "needle in the wire"
		if got := mustText(t, s, "select concat(repeat('x', 5000), '"+needle+"')"); !strings.HasSuffix(got, needle) {
			t.Fatalf("%.20q...", got)
		}
		visible, size := r.has(needle)
		if visible != test.visible || size < 5000 {
			t.Errorf("%s: %d bytes seen, the text among them: %v", test.url, size, visible)
		}
	}
}

// testTimeouts holds that a statement ends on the server, and a connection that goes nowhere in time.
func testTimeouts(t *testing.T, text, sleep string) {
	t.Helper()
	s := mustOpen(t, text, Options{StatementTimeout: 100 * time.Millisecond})
	began := time.Now()
	if _, err := s.text(t.Context(), sleep); err == nil || time.Since(began) > 5*time.Second {
		t.Errorf("%s ended after %v with %v", sleep, time.Since(began), err)
	}

	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts, by the kernel, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	u, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	nowhere := string(u.Kind) + "://ann:s3cret@" + silent.Addr().String() + "/test"
	began = time.Now()
	if _, err := open(t.Context(), nowhere, Options{ConnectTimeout: 100 * time.Millisecond}); !errors.Is(err, context.DeadlineExceeded) ||
		!strings.Contains(err.Error(), "no answer in time") || time.Since(began) > 5*time.Second {
		t.Errorf("the silent server: after %v %v", time.Since(began), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	began = time.Now()
	if _, err := open(ctx, nowhere, Options{}); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "cancelled") || time.Since(began) > 5*time.Second {
		t.Errorf("cancelled while it connects: after %v %v", time.Since(began), err)
	}
}

// refusal is a connection that fails, and what its error must say.
type refusal struct{ name, url, says string }

func testRefusals(t *testing.T, refusals []refusal) {
	t.Helper()
	for _, test := range refusals {
		t.Run(test.name, func(t *testing.T) {
			s, err := open(t.Context(), test.url, Options{})
			if err == nil {
				s.close()
				t.Fatal("it connected")
			}
			if !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("says %q; want %q in it and no password", err, test.says)
			}
		})
	}
}

// closedPort returns an address on which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func TestPostgres(t *testing.T) {
	for _, name := range []string{"PGPASSWORD", "PGHOST", "PGSSLMODE", "PGOPTIONS"} {
		t.Setenv(name, "")
	}
	cert, key := certificate(t)
	hba := serverFile(t, "pg_hba.conf", []byte("host all secret 127.0.0.1/32 scram-sha-256\nhostnossl all tlsonly all reject\nhostssl all tlsonly all trust\nhost all all all trust\n"))
	server := testserver.PostgresFor(t, "ssl=on", "ssl_cert_file="+cert, "ssl_key_file="+key, "hba_file="+hba, "timezone=America/New_York", "datestyle=German")
	writer := mustOpen(t, server.URL, Options{Write: true})
	for _, statement := range []string{"create table t (a int)", "create role tlsonly login", "create role secret login password 'p@ s3cret'"} {
		mustText(t, writer, statement)
	}
	address := fmt.Sprintf("127.0.0.1:%d", server.Port())

	t.Run("settings", func(t *testing.T) {
		s := mustOpen(t, server.URL+"&TimeZone=Asia/Tokyo&default_transaction_read_only=off", Options{StatementTimeout: 1500 * time.Millisecond})
		for setting, want := range map[string]string{
			"application_name": "napkin", "client_encoding": "UTF8", "timezone": "UTC", "datestyle": "ISO, YMD",
			"statement_timeout": "1500ms", "transaction_read_only": "on",
		} {
			if got := mustText(t, s, "show "+setting); got != want {
				t.Errorf("%s is %s, want %s", setting, got, want)
			}
		}
		if got := mustText(t, mustOpen(t, server.URL, Options{Application: "shop diff"}), "show application_name"); got != "shop diff" {
			t.Errorf("application_name is %q", got)
		}
	})
	t.Run("read-only", func(t *testing.T) {
		s := mustOpen(t, server.URL, Options{})
		for _, statement := range []string{"insert into t values (1)", "create table u (a int)", "drop table t"} {
			if _, err := s.text(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "read-only transaction") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		mustText(t, writer, "insert into t values (1)")
	})
	t.Run("passwords", func(t *testing.T) {
		mustOpen(t, "postgres://secret:p%40%20s3cret@"+address+"/postgres", Options{})
		mustOpen(t, "postgres://secret@"+address+"/postgres?password=p%40%20s3cret", Options{})
		t.Setenv("PGPASSWORD", "p@ s3cret")
		mustOpen(t, "postgres://secret@"+address+"/postgres", Options{})
	})
	t.Run("wrap", func(t *testing.T) {
		testWrap(t, server.URL, "postgres://napkin@"+address+"/postgres?sslmode=verify-full&sslrootcert="+cert)
	})
	t.Run("timeouts", func(t *testing.T) { testTimeouts(t, server.URL, "select pg_sleep(30)") })
	testRefusals(t, []refusal{
		{"nothing listens", "postgres://ann:s3cret@" + closedPort(t) + "/shop", "nothing listens there"},
		{"no such host", "postgres://ann:s3cret@no-such-host.invalid/shop", "the host is not found"},
		{"no such database", "postgres://napkin:s3cret@" + address + "/shop", "there is no such database"},
		{"a wrong password", "postgres://secret:not-s3cret@" + address + "/postgres", "the password is wrong"},
		{"no such user", "postgres://nobody:s3cret@" + address + "/postgres", "the server lets this user not in"},
		{"TLS wanted", "postgres://tlsonly:s3cret@" + address + "/postgres?sslmode=disable", "try ?sslmode=require"},
		{"an unknown certificate", "postgres://napkin:s3cret@" + address + "/postgres?sslmode=verify-full", "certificate of the server is not trusted"},
		{"a parameter that cannot be", "postgres://napkin:s3cret@" + address + "/postgres?sslmode=none&password=s3cret", "read postgres://napkin:xxxxx@"},
	})
}

func TestPostgresWithoutTLS(t *testing.T) {
	server := testserver.PostgresFor(t)
	testRefusals(t, []refusal{{"TLS refused", strings.ReplaceAll(server.URL, "=disable", "=require"), "try ?sslmode=disable"}})
}

func TestMySQL(t *testing.T) {
	t.Setenv("MYSQL_PWD", "")
	cert, key := certificate(t)
	server := testserver.MariaDBFor(t, "ssl-cert="+cert, "ssl-key="+key, "default-time-zone=+05:00", "character-set-server=latin1", "sql-mode=ANSI")
	writer := mustOpen(t, server.URL, Options{Write: true})
	for _, statement := range []string{
		"create table t (a int) engine=innodb", "create user secret@127.0.0.1 identified by 'p@ s3cret'", "grant select on test.* to secret@127.0.0.1",
		"create user poor@127.0.0.1", "create user local@localhost",
	} {
		mustText(t, writer, statement)
	}
	address := fmt.Sprintf("127.0.0.1:%d", server.Port())

	t.Run("settings", func(t *testing.T) {
		s := mustOpen(t, server.URL, Options{StatementTimeout: 1500 * time.Millisecond})
		for variable, want := range map[string]string{
			"@@session.sql_mode": "ANSI_QUOTES,NO_UNSIGNED_SUBTRACTION,NO_BACKSLASH_ESCAPES", "@@session.time_zone": "+00:00",
			"@@character_set_client": "utf8mb4", "@@character_set_results": "utf8mb4", "@@character_set_connection": "utf8mb4",
			"@@session.max_statement_time": "1.500000", "@@session.tx_read_only": "ON",
			"hex('\u00e9\U0001F600')": "C3A9F09F9880",
		} {
			if got := mustText(t, s, "select cast("+variable+" as char)"); got != want {
				t.Errorf("%s is %s, want %s", variable, got, want)
			}
		}
	})
	t.Run("read-only", func(t *testing.T) {
		s := mustOpen(t, server.URL, Options{})
		for _, statement := range []string{"insert into t values (1)", "create table u (a int)", "drop table t"} {
			if _, err := s.text(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "READ ONLY transaction") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		mustText(t, writer, "insert into t values (1)")
	})
	t.Run("passwords", func(t *testing.T) {
		mustOpen(t, "mysql://secret:p%40%20s3cret@"+address+"/test", Options{})
		mustOpen(t, "mysql://secret@"+address+"/test?password=p%40%20s3cret", Options{})
		t.Setenv("MYSQL_PWD", "p@ s3cret")
		mustOpen(t, "mariadb://secret@"+address+"/test", Options{})
	})
	t.Run("socket", func(t *testing.T) {
		s := mustOpen(t, "mysql://local@/?socket="+server.Socket(), Options{})
		if got := mustText(t, s, "select user()"); got != "local@localhost" {
			t.Errorf("the user is %s", got)
		}
	})
	t.Run("wrap", func(t *testing.T) { testWrap(t, server.URL, server.URL+"?tls=skip-verify") })
	t.Run("timeouts", func(t *testing.T) {
		testTimeouts(t, server.URL, "select max(md5(seq)) from seq_1_to_1000000000")
	})
	testRefusals(t, []refusal{
		{"nothing listens", "mysql://ann:s3cret@" + closedPort(t) + "/shop", "nothing listens there"},
		{"no such host", "mysql://ann:s3cret@no-such-host.invalid/shop", "the host is not found"},
		{"no such socket", "mysql://ann:s3cret@/shop?socket=/no/such/socket", "there is no such socket"},
		{"no such database", "mysql://napkin@" + address + "/shop", "there is no such database"},
		{"a wrong password", "mysql://secret:not-s3cret@" + address + "/test", "user or password is wrong"},
		{"no rights", "mysql://poor@" + address + "/test", "no rights on this database"},
		{"an unknown certificate", "mysql://napkin@" + address + "/test?tls=true", "certificate of the server is not trusted"},
		{"an unknown mode of TLS", "mysql://napkin:s3cret@" + address + "/test?tls=yes", "tls=yes is not known"},
	})
	mustText(t, writer, "set global require_secure_transport = 1")
	testRefusals(t, []refusal{{"TLS wanted", server.URL, "or the server wants TLS"}})
	mustOpen(t, server.URL+"?tls=skip-verify", Options{})
}

func TestMySQLWithoutTLS(t *testing.T) {
	server := testserver.MariaDBFor(t)
	testRefusals(t, []refusal{{"TLS refused", server.URL + "?tls=true", "try ?tls=false"}})
}

func TestStatementTimeoutOfEachProduct(t *testing.T) {
	for _, test := range []struct{ version, want string }{
		{"8.0.36", "set session max_execution_time = 1"},
		{"10.11.19-MariaDB-0+deb12u1", "set session max_statement_time = 0.001"},
		{"5.5.5-10.3.39-MariaDB", "set session max_statement_time = 0.001"},
	} {
		settings := mysqlSettings(test.version, Options{StatementTimeout: time.Microsecond})
		if got := settings[len(settings)-1]; got != test.want {
			t.Errorf("%s: %s, want %s", test.version, got, test.want)
		}
	}
}

// TestWrongProduct holds that each product says that the other is no server of its kind.
func TestWrongProduct(t *testing.T) {
	postgres, mysql := testserver.PostgresFor(t), testserver.MariaDBFor(t)
	for _, test := range []refusal{
		// PostgreSQL waits for the client to speak first, and so does the client of MySQL for the server.
		{"MySQL on PostgreSQL", fmt.Sprintf("mysql://ann:s3cret@127.0.0.1:%d/test", postgres.Port()), "is the port one of a database?"},
		{"PostgreSQL on MySQL", fmt.Sprintf("postgres://ann:s3cret@127.0.0.1:%d/test?sslmode=disable", mysql.Port()), "is the port one of this product?"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := open(t.Context(), test.url, Options{ConnectTimeout: 300 * time.Millisecond})
			if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("says %v; want %q in it and no password", err, test.says)
			}
		})
	}
}
