package lang

import "github.com/napkin-infra/napkin/engagement/audit/code/lang/golang"

func init() { lowerings["go"] = golang.Lower }
