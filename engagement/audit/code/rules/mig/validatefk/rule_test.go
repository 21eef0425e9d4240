package validatefk_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule/ruletest"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/mig/validatefk"
)

func TestRule(t *testing.T) { ruletest.Run(t, validatefk.Rule) }

// TestStatementRuns: the statement that validates names the constraint, and quotes what needs it.
func TestStatementRuns(t *testing.T) {
	const (
		made  = "CREATE TABLE \"User\" (id bigserial PRIMARY KEY);\nCREATE TABLE \"OrderLine\" (id bigserial PRIMARY KEY, \"userId\" bigint, user_id bigint);\nCREATE TABLE lines (id bigserial PRIMARY KEY, user_id bigint);\n"
		named = "ALTER TABLE \"OrderLine\" ADD CONSTRAINT \"OrderLine_userId_fkey\" FOREIGN KEY (\"userId\") REFERENCES \"User\" (id);\n"
		auto  = "ALTER TABLE lines ADD FOREIGN KEY (user_id) REFERENCES \"User\" (id);\n"
	)
	for name, c := range map[string]struct{ sql, want string }{
		"a name in mixed case": {named, `ALTER TABLE "OrderLine" VALIDATE CONSTRAINT "OrderLine_userId_fkey";`},
		"PostgreSQL's name":    {auto, `ALTER TABLE lines VALIDATE CONSTRAINT lines_user_id_fkey;`},
	} {
		t.Run(name, func(t *testing.T) {
			p := load.FromFiles(map[string]string{"migrations/20240101000000_init.up.sql": made, "migrations/20240601000000_key.up.sql": c.sql})
			found := rule.NewPass(p, prepare.Run(t.Context(), p), &cost.Model{}, validatefk.Rule).Run()
			if len(found) != 1 {
				t.Fatalf("%d findings, want 1", len(found))
			}
			if got := found[0].Fix.SQL; got != c.want {
				t.Errorf("the statement is %q, want %q", got, c.want)
			}
		})
	}
}
