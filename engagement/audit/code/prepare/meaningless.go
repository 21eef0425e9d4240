package prepare

import (
	"bytes"
	"fmt"
	"regexp"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
)

var (
	// sqlStatement is a line that begins with a word that begins statements, of any product or client.
	sqlStatement = regexp.MustCompile(`(?im)^[\s(\x60"'{%\-]*\b(?:create|alter|drop|insert|update|delete|select|with|set|begin|start|commit|do|call|exec|execute|declare|if|use|go|grant|revoke|comment|copy|truncate|merge|replace|rename|pragma|explain|analyze|vacuum|show|lock|refresh|values|attach|optimize|delimiter|print|end|reindex|cluster|security|import|load|define|return|raise|perform|source|spool|from|where|and|or|union|include)\b|^\s*\\\w`)
	sqlComment   = regexp.MustCompile(`(?s)/\*.*?\*/|(?:--|#)[^\n]*`)
)

// maxMeaningless bounds the files that are looked at: larger ones are dumps, and full of statements.
const maxMeaningless = 1 << 20

// meaningless names the files called SQL in which no statement of it was found: what they were meant to
// say is missing from the schemas, and nothing else would tell.
func meaningless(p *project.Project) string {
	n, first := 0, ""
	for _, f := range p.Files {
		if f.Lang != "sql" || !read(f) || f.Role == project.Generated || f.Size > maxMeaningless {
			continue
		}
		src := f.Source()
		if sqlStatement.Match(src) || len(bytes.TrimSpace(sqlComment.ReplaceAll(src, nil))) == 0 {
			continue
		}
		if n++; n == 1 {
			first = f.Path
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return first + " was not understood: no statement of SQL was found in it."
	}
	return fmt.Sprintf("%d files of SQL were not understood (%s first): no statement of SQL was found in them.", n, first)
}
