package script

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
)

// Tool is a migration tool.
type Tool string

// The tools whose forms are written.
const (
	Plain  Tool = "plain"  // one .sql file for each step
	Goose  Tool = "goose"  // annotations of pressly/goose
	Dbmate Tool = "dbmate" // annotations of amacneil/dbmate
	Sqlx   Tool = "sqlx"   // launchbadge/sqlx, with files of both directions
	Flyway Tool = "flyway" // with a .conf file beside scripts that run outside a transaction
)

// Tools returns all tools.
func Tools() []Tool { return []Tool{Plain, Goose, Dbmate, Sqlx, Flyway} }

// File is a file to write. Its name has no folder.
type File struct{ Name, Content string }

// Files returns the recipe as one migration for each step, numbered from first on, in the form of the tool, with its
// annotation where a step must run outside a transaction. A step that people do is a text file: the migrations after it
// belong to a later deployment.
func Files(r rewrite.Recipe, tool Tool, first int) ([]File, error) {
	if !slices.Contains(Tools(), tool) {
		return nil, fmt.Errorf("write a recipe for %q: known are %v", tool, Tools())
	}
	var files []File
	for i, s := range r.Steps {
		name := fmt.Sprintf("%03d_%s", first+i, plainName(r.Title+" "+s.ID))
		if s.Kind == rewrite.Deploy || s.Kind == rewrite.Tool {
			files = append(files, File{name + ".txt", s.Title + ".\n" + s.Says + "\n" + strings.Join(s.SQL, "\n")})
			continue
		}
		files = append(files, step(r, s, tool, name, i, first+i)...)
	}
	return files, nil
}

var notPlain = regexp.MustCompile(`[^a-z0-9]+`)

func plainName(s string) string {
	return strings.Trim(notPlain.ReplaceAllString(strings.ToLower(s), "_"), "_")
}

// step returns the files of one step that has statements.
func step(r rewrite.Recipe, s rewrite.Step, tool Tool, name string, i, number int) []File {
	var head, up, down strings.Builder
	fmt.Fprintf(&head, "-- %s, step %d of %d: %s\n", r.Title, i+1, len(r.Steps), s.Title)
	if r.Mark != "" {
		comment(&head, r.Mark)
	}
	about(&head, s)
	// A tool that opens a transaction gets the statements alone.
	body(&up, r, s, tool == Plain && s.Transaction)
	for _, sql := range s.Undo {
		down.WriteString(sql + ";\n")
	}
	none := !s.Transaction
	concurrently := none || strings.Contains(down.String(), "CONCURRENTLY")
	switch tool {
	case Goose:
		mark := ""
		if concurrently {
			mark = "-- +goose NO TRANSACTION\n"
		}
		return []File{{name + ".sql", mark + head.String() + "-- +goose Up\n" + goose(up.String(), s) + "-- +goose Down\n" + goose(down.String(), rewrite.Step{SQL: s.Undo})}}
	case Dbmate:
		option := func(outside bool) string {
			if outside {
				return " transaction:false"
			}
			return ""
		}
		return []File{{name + ".sql", head.String() + "-- migrate:up" + option(none) + "\n" + up.String() + "-- migrate:down" + option(concurrently) + "\n" + down.String()}}
	case Sqlx:
		mark := func(outside bool) string {
			if outside {
				return "-- no-transaction\n"
			}
			return ""
		}
		return []File{{name + ".up.sql", mark(none) + head.String() + up.String()}, {name + ".down.sql", mark(concurrently) + down.String()}}
	case Flyway:
		name = fmt.Sprintf("V%d__%s.sql", number, strings.SplitN(name, "_", 2)[1])
		files := []File{{name, head.String() + up.String()}}
		if none {
			files = append(files, File{name + ".conf", "executeInTransaction=false\n"})
		}
		return files
	}
	return []File{{name + ".sql", head.String() + up.String()}}
}

// goose marks statements that hold semicolons, which it would cut at otherwise.
func goose(text string, s rewrite.Step) string {
	inside := s.Kind == rewrite.Batches
	for _, sql := range s.SQL {
		inside = inside || strings.Contains(sql, ";")
	}
	if !inside {
		return text
	}
	if s.Kind == rewrite.Batches {
		return "-- +goose StatementBegin\n" + text + "-- +goose StatementEnd\n"
	}
	for _, sql := range s.SQL {
		if strings.Contains(sql, ";") {
			text = strings.Replace(text, sql+";\n", "-- +goose StatementBegin\n"+sql+";\n-- +goose StatementEnd\n", 1)
		}
	}
	return text
}
