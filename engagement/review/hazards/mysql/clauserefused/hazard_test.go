package clauserefused

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/lint/linttest"
)

func TestHazard(t *testing.T) { linttest.Run(t, Hazard) }
