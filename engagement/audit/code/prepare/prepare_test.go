package prepare

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/load"
)

func TestSQLWithoutAStatementIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"garbage":       {map[string]string{"db/a.sql": "SELEKT garbage (\n"}, "db/a.sql was not understood"},
		"two":           {map[string]string{"db/a.sql": "SELEKT garbage (\n", "db/b.sql": "CRAETE x\n"}, "2 files of SQL were not understood (db/a.sql first)"},
		"statements":    {map[string]string{"db/a.sql": "-- users\ncreate table users (id int);\n", "q/b.sql": "  SELECT 1\n", "q/c.sql": "WITH x AS (SELECT 1) SELECT * FROM x"}, ""},
		"a client's":    {map[string]string{"db/a.sql": "\\connect shop\n"}, ""},
		"comments only": {map[string]string{"db/a.sql": "-- nothing yet\n/* SELEKT\n */\n"}, ""},
		"empty":         {map[string]string{"db/a.sql": "\n"}, ""},
		"in a template": {map[string]string{"db/a.sql": "{{ header }}\n{% if x %}\nselect 1\n"}, ""},
	} {
		p := load.FromFiles(c.files)
		Run(t.Context(), p)
		notes := strings.Join(p.Problems, "\n")
		if !strings.Contains(notes, c.want) || c.want == "" && notes != "" {
			t.Errorf("%s: notes = %q, want %q", name, notes, c.want)
		}
	}
}
