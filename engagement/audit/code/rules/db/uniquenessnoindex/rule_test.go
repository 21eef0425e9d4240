package uniquenessnoindex

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule/ruletest"
)

func TestRule(t *testing.T) { ruletest.Run(t, Rule) }
