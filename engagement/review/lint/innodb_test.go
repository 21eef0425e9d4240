package lint_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// TestRowsLocked holds the rule to what MariaDB 10.11 was seen to do: whether an update of another row and an insert
// wait while the statement's transaction is open.
func TestRowsLocked(t *testing.T) {
	const before = `create table st (id int primary key, code varchar(20));
create table o (id int auto_increment primary key, c int, code varchar(20), note varchar(20), key kc (c));`
	server := predict.Server{Product: predict.MariaDB, Major: 10, Minor: 11, Patch: -1}
	for sql, waits := range map[string]bool{
		"update o set note = 'y' where code is null":                               true,
		"delete from o where code = 'zzz'":                                         true,
		"update o set note = 'y' where c = 5":                                      false,
		"delete from o where 5 = c":                                                false,
		"update o set note = 'y' where id < 10":                                    false,
		"update o set note = 'y' where c = 5 and code = '1'":                       false,
		"update o set note = 'y' where c + 0 = 5":                                  true,
		"update o set note = 'y'":                                                  true,
		"insert into st (code) select code from o":                                 true,
		"update o join st on o.id = st.id set o.note = 'y' where st.code = 'none'": false,
		"update o set note = 'y' where id = 5":                                     false,
	} {
		for _, isolation := range []string{"", "set session transaction isolation level read committed;"} {
			impacts := lint.NewPredictor(before+isolation, schema.MySQL, server).Predict(sql)
			got := len(impacts) == 1 && len(impacts[0].RowsLocked) > 0 && !impacts[0].Unsure
			if want := waits && isolation == ""; got != want {
				t.Errorf("%s %s: all rows locked %v, want %v", isolation, sql, got, want)
			}
		}
	}
}
