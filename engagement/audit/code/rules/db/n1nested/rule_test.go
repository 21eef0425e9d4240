package n1nested_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule/ruletest"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1nested"
)

func TestRule(t *testing.T) { ruletest.Run(t, n1nested.Rule) }
