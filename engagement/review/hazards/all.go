// Package hazards is the list of all hazards of the review.
package hazards

import "github.com/napkin-infra/napkin/engagement/review/lint"

// All are the hazards, in the order of their ids.
var All = []*lint.Hazard{}
