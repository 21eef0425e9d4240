package poolunbounded

import (
	"os"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
)

// TestConfigured: the settings that exist are applied, behind the check of the error.
func TestConfigured(t *testing.T) {
	files := map[string]string{}
	for _, name := range []string{"cmd/shop/main.go", "conf/conf.go"} {
		b, err := os.ReadFile("testdata/configured/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(b)
	}
	p := load.FromFiles(files)
	found := rule.NewPass(p, prepare.Run(t.Context(), p), &cost.Model{}, Rule).Run()
	if len(found) != 1 || len(found[0].Edits) != 1 {
		t.Fatalf("%d findings, want one with one edit", len(found))
	}
	e := found[0].Edits[0]
	if !strings.Contains(e.New, "db.SetMaxOpenConns(c.Shop.DB.MaxOpenConns)") || !strings.Contains(e.New, "db.SetConnMaxLifetime(c.Shop.DB.ConnMaxLifetime)") {
		t.Errorf("edit %q, want the settings of c.Shop.DB", e.New)
	}
	if before := files["cmd/shop/main.go"][:e.Start]; !strings.HasSuffix(before, `check(err, "open the database")`) {
		t.Errorf("the edit stands behind %q, want behind the check of the error", before[len(before)-60:])
	}
	if !strings.Contains(found[0].Claim, "151") {
		t.Errorf("claim %q, want the limit of MySQL", found[0].Claim)
	}
}
