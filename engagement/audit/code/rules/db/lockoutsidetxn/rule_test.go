package lockoutsidetxn_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule/ruletest"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/lockoutsidetxn"
)

func TestRule(t *testing.T) { ruletest.Run(t, lockoutsidetxn.Rule) }
