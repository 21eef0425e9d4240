package scratch_test

import (
	"fmt"
	"testing"

	"github.com/go-mysql-org/go-mysql/client"

	"github.com/napkin-infra/napkin/internal/testserver"
)

func TestMariaDB(t *testing.T) {
	m := testserver.MariaDBFor(t, "innodb-buffer-pool-size=64M")
	if want := fmt.Sprintf("mysql://napkin@127.0.0.1:%d/test", m.Port()); m.URL != want {
		t.Errorf("URL %q, want %q", m.URL, want)
	}
	if m.Version == "" || m.Version[0] < '1' || m.Version[0] > '9' {
		t.Errorf("version %q", m.Version)
	}
	conn, err := client.Connect(fmt.Sprintf("127.0.0.1:%d", m.Port()), "napkin", "", "test")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range []string{
		"create table t (a int primary key)",
		"create database another", // napkin has all rights
	} {
		if _, err := conn.Execute(statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
	for variable, want := range map[string]string{
		"@@innodb_buffer_pool_size": fmt.Sprint(64 << 20),
		"@@character_set_server":    "utf8mb4",
		"@@max_connections":         "100",
	} {
		result, err := conn.Execute("select cast(" + variable + " as char)")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := result.GetString(0, 0); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", variable, got, err, want)
		}
	}
}
