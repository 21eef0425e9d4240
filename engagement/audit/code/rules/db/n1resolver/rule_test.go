package n1resolver_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule/ruletest"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1resolver"
)

func TestRule(t *testing.T) { ruletest.Run(t, n1resolver.Rule) }
