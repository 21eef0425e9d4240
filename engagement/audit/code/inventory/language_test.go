package inventory

import "github.com/napkin-infra/napkin/engagement/audit/code/lang"

func languageOf(p string) string { return lang.Of(p, nil) }
