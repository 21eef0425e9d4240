package myoracle_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-mysql-org/go-mysql/mysql"

	"github.com/napkin-infra/napkin/engagement/review/myoracle"
	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/internal/testserver"
)

const schema = `drop table if exists t, u;
create table t (id int not null primary key, a int, s varchar(20), key t_a (a)) engine=InnoDB;
insert into t select seq, seq, 's' from seq_1_to_%d;
analyze table t`

// TestObserve holds the oracle to MariaDB's manual, and to the trap of PARTITION BY: the clauses promise
// that nothing is copied.
func TestObserve(t *testing.T) {
	server := testserver.MariaDBFor(t)
	url, err := database.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	o, err := myoracle.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	o.Renew = func(_ context.Context, full bool) error {
		rows := 10
		if full {
			rows = 20_000
		}
		return o.Exec(strings.Split(fmt.Sprintf(schema, rows), ";\n")...)
	}
	for sql, want := range map[string]string{
		"alter table t add column z int":                       "INSTANT, LOCK=NONE; catalog",
		"alter table t modify column a bigint":                 "COPY, LOCK=SHARED; RW",
		"alter table t add index t_s (s)":                      "NOCOPY, LOCK=NONE; IX",
		"alter table t force":                                  "INPLACE, LOCK=NONE; RW",
		"alter table t partition by hash (id) partitions 4":    "INSTANT, LOCK=SHARED; RW",
		"alter table t add fulltext index t_s (s)":             "INPLACE, LOCK=SHARED; RW",
		"truncate table t":                                     "no lock; catalog",
		"update t set a = 1":                                   "no lock; DML",
		"lock tables t write":                                  "reads wait, writes wait; catalog",
		"create table u (id int primary key)":                  "no lock; catalog",
		"alter table t add constraint t_a_check check (a > 0)": "COPY, LOCK=SHARED; RW",
	} {
		got, err := o.Observe(t.Context(), myoracle.Statement{SQL: sql, Target: "t"})
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		if got.Effect.String() != want {
			t.Errorf("%s: %s, want %s (%+v)", sql, got.Effect, want, got)
		}
	}
	_, err = o.Observe(t.Context(), myoracle.Statement{SQL: "alter table t add column a int", Target: "t"})
	if refused := (*mysql.MyError)(nil); !errors.As(err, &refused) || refused.Code != mysql.ER_DUP_FIELDNAME {
		t.Errorf("a column that is there: %v", err)
	}
}
