package aggregateperrow_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule/ruletest"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/aggregateperrow"
)

func TestRule(t *testing.T) { ruletest.Run(t, aggregateperrow.Rule) }
