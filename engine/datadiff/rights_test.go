package datadiff_test

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/foundation/database"
)

// MariaDB does not tell an account of the columns that it may not read: equal ones among the others are
// no answer.
func TestHiddenColumns(t *testing.T) {
	s := stores(t)[dialect.MySQL]
	for _, table := range []string{"hidden_a", "hidden_b"} {
		s.exec(t, "drop table if exists "+table, "create table "+table+" (id int primary key, seen int, v int)", "insert into "+table+" values (1, 1, 1)")
	}
	s.exec(t, "update hidden_b set v = 2", "drop user if exists partly@'%'", "create user partly@'%'", "grant select (id, seen) on hidden_b to partly@'%'")
	partly := *s
	partly.db = openURL(t, strings.Replace(s.url, "napkin@", "partly@", 1), database.Options{})
	if _, err := compare(t, s.side("hidden_a"), partly.side("hidden_b"), datadiff.Options{}); err == nil || !strings.Contains(err.Error(), "GRANT SELECT ON test.hidden_b") {
		t.Errorf("hidden columns: %v", err)
	}
	named := datadiff.Selection{Key: []string{"id"}, Columns: []string{"seen"}}
	got, err := compare(t, s.side("hidden_a"), partly.side("hidden_b"), datadiff.Options{Selection: named})
	if err != nil || got.Verdict != datadiff.Equal || len(got.Pairing.Columns) != 2 {
		t.Errorf("named columns: %v, %v", got.Result, err)
	}
}
