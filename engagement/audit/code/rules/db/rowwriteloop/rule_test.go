package rowwriteloop_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule/ruletest"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/rowwriteloop"
)

func TestRule(t *testing.T) { ruletest.Run(t, rowwriteloop.Rule) }
