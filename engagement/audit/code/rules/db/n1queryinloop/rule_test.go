package n1queryinloop_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule/ruletest"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1queryinloop"
)

func TestRule(t *testing.T) { ruletest.Run(t, n1queryinloop.Rule) }
