// Package codenotjudged is the hazard engine.code-not-judged.
package codenotjudged

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is engine.code-not-judged.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "engine.code-not-judged",
		Title:    "Statements in code that is not judged",
		Summary:  "A DO block, a procedure or a function runs statements that the lint does not read.",
		Why:      "What it locks and writes, and for how long, is not known from the text, and a lock that it takes is held to its end.",
		Fix:      "Write the statements out in the migration, or rehearse it (--rehearse runs the code and sees its locks and work).",
		Wrong:    "The code only reads, or works on small tables.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "not known",
		Work:     "not known",
		Severity: report.Medium,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: DO", URL: "https://www.postgresql.org/docs/current/sql-do.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, _ *predict.Impact, _ lint.Status) {
			switch a.Kind {
			case statement.Opaque:
				f := lint.Finding{Action: a, Subject: a.Option, Claim: "It is " + a.Option + "; what it locks and writes was not judged."}
				if a.Body != "" {
					verbs := changes(a.Body)
					if len(verbs) == 0 {
						f.Sev, f.Claim = report.Low, "It is "+a.Option+" in which no change of a table was seen; it was not judged."
					} else {
						f.Claim = fmt.Sprintf("It is %s with %s; what it locks and writes was not judged.", a.Option, strings.Join(verbs, ", "))
					}
				}
				p.Report(f)
			case statement.Select:
				if a.Name == "" || !p.World.Postgres() {
					return
				}
				if v := p.World.Volatility(a.Name); v == "volatile" || v == "" && !builtin().MatchString(a.Name) {
					p.Report(lint.Finding{Action: a, Subject: a.Name, Claim: "It calls the function " + a.Name + ", which may change anything; what it locks and writes was not judged."})
				}
			}
		})
	},
}

// builtin are functions of the server that change no table, by the beginnings of their names.
var builtin = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:pg_catalog\.|information_schema\.|pg_|set_config$|setval$|nextval$|currval$|lastval$|current_|now$|version$|count$|sum$|min$|max$|avg$|coalesce$|json|array_|string_|to_|format$|length$|lower$|upper$|nullif$|greatest$|least$|exists$|row$|cast$|md5$|random$|gen_random_uuid$|generate_series$|inet_|txid_|has_|obj_description$|col_description$|extract$|date_|clock_timestamp$|statement_timestamp$)`)
})

var change = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(ALTER\s+(?:TABLE|INDEX|TYPE|DOMAIN)|CREATE\s+(?:UNIQUE\s+)?INDEX|CREATE\s+TABLE|DROP\s+(?:TABLE|INDEX|VIEW|MATERIALIZED)|TRUNCATE|UPDATE|DELETE\s+FROM|INSERT\s+INTO|EXECUTE|REINDEX|CLUSTER|VACUUM|REFRESH|LOCK\s+TABLE|CALL|PERFORM)\b`)
})

// changes are the verbs in a block that change something, each once, in the order in which they stand.
func changes(body string) []string {
	var out []string
	seen := map[string]bool{}
	for _, verb := range change().FindAllString(body, -1) {
		if verb = strings.ToUpper(strings.Join(strings.Fields(verb), " ")); !seen[verb] {
			seen[verb] = true
			out = append(out, verb)
		}
	}
	return out
}
