package backfillinddl_test

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule/ruletest"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/mig/backfillinddl"
)

func TestRule(t *testing.T) { ruletest.Run(t, backfillinddl.Rule) }

// TestFixFitsTheMigration: a statement can not move behind the commit of a migration that needs its rows.
func TestFixFitsTheMigration(t *testing.T) {
	const fill = "BEGIN;\nALTER TABLE orders ADD COLUMN kind text;\nUPDATE orders SET kind = old_kind;\n"
	for name, c := range map[string]struct{ path, sql, want string }{
		"nothing relies on it": {"migrations/20240601000000_kind.up.sql", fill + "COMMIT;\n", "Move the statement behind the commit"},
		"NOT NULL":             {"migrations/20240601000000_kind.up.sql", fill + "ALTER TABLE orders ALTER COLUMN kind SET NOT NULL;\nCOMMIT;\n", "Make it three migrations: add the column, fill it in batches outside of a transaction, then set NOT NULL"},
		"the source goes":      {"migrations/20240601000000_kind.up.sql", fill + "ALTER TABLE orders DROP COLUMN old_kind;\nCOMMIT;\n", "then drop the old column"},
	} {
		t.Run(name, func(t *testing.T) {
			p := load.FromFiles(map[string]string{"migrations/20240101000000_init.up.sql": "CREATE TABLE orders (id bigserial PRIMARY KEY, old_kind text);\n", c.path: c.sql})
			found := rule.NewPass(p, prepare.Run(t.Context(), p), &cost.Model{}, backfillinddl.Rule).Run()
			if len(found) != 1 {
				t.Fatalf("%d findings, want 1", len(found))
			}
			if got := found[0].Fix.Summary; !strings.Contains(got, c.want) {
				t.Errorf("the fix is %q, want %q", got, c.want)
			}
		})
	}
}
