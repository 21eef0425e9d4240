package oneoff_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/oneoff"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func TestRuns(t *testing.T) {
	for path, want := range map[string]bool{
		"app/Console/Commands/SetupDummyAccount.php":     true,
		"app/Console/Commands/PruneSessions.php":         false,
		"app/Console/Commands/InstallPlans.php":          true,
		"app/Services/InstallPlans.php":                  false, // somebody's product installs plans
		"sample/db/samples/stock.rb":                     true,
		"lib/promotion_migrator.rb":                      true,
		"shop/management/commands/one_time_fix.py":       true,
		"shop/management/commands/expire_orders.py":      false,
		"shop/tasks.py":                                  false,
		"app/models/seedling.rb":                         false,
		"lib/tasks/populate.rake":                        true,
		"src/main/java/app/order/OrderSampleLoader.java": true,
	} {
		if got := oneoff.Runs(&project.File{Path: path}, syntax.Ref{}); got != want {
			t.Errorf("Runs(%s) = %v, want %v", path, got, want)
		}
	}
}
