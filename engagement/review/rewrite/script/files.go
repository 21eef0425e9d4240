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

// Numbered names files by numbers from first on.
func Numbered(first int) func(int) string {
	return func(i int) string { return fmt.Sprintf("%03d", first+i) }
}

// Count is how many versions the migrations of a recipe use.
func Count(r rewrite.Recipe) int {
	n := len(r.Steps)
	if len(r.Preflight) > 0 {
		n++
	}
	return n
}

// Files returns the recipe as one migration for each step in the form of the tool, with its annotation where a step must
// run outside a transaction. The first migration asks the data whether the change can succeed, where that is a question.
// A step that people do is a text file: the migrations after it belong to a later deployment, and say so. Version returns
// what the name of file i (counted from 0) begins with; about is said in each file where it is not empty.
func Files(r rewrite.Recipe, tool Tool, version func(i int) string, about string) ([]File, error) {
	if !slices.Contains(Tools(), tool) {
		return nil, fmt.Errorf("write a recipe for %q: known are %v", tool, Tools())
	}
	w := &writer{recipe: r, tool: tool, about: about}
	if len(r.Preflight) > 0 {
		w.ask(version(0))
	}
	first := len(w.files)
	wait := ""
	for i, s := range r.Steps {
		v := version(first + i)
		if s.Kind == rewrite.Deploy || s.Kind == rewrite.Tool {
			w.add(v, Slug(r.Title+" "+s.ID), ".txt", s.Title+".\n"+s.Says+"\n"+strings.Join(s.SQL, "\n"))
			wait = fmt.Sprintf("Not before step %d is done, which people do: %s. Leave this file out until then.", i+1, s.Title)
			continue
		}
		w.step(v, i, wait)
	}
	return w.files, nil
}

var notPlain = regexp.MustCompile(`[^a-z0-9]+`)

// Slug is a text in the letters of a file's name: small letters, digits and underscores.
func Slug(s string) string {
	return strings.Trim(notPlain.ReplaceAllString(strings.ToLower(s), "_"), "_")
}

// writer collects the files of a recipe.
type writer struct {
	recipe rewrite.Recipe
	tool   Tool
	about  string
	files  []File
}

func (w *writer) add(version, name, ending, content string) {
	if w.tool == Flyway && ending != ".txt" {
		w.files = append(w.files, File{"V" + version + "__" + name + ending, content})
		return
	}
	w.files = append(w.files, File{version + "_" + name + ending, content})
}

// ask adds the migration that asks the data.
func (w *writer) ask(version string) {
	var note strings.Builder
	head(&note, w.recipe)
	comment(&note, w.about)
	comment(&note, pathOf(w.recipe))
	comment(&note, "Fails when the data forbid the change, and changes nothing.")
	up := []string{strings.TrimSuffix(asks(w.recipe), ";\n")}
	if w.recipe.Product != rewrite.PostgreSQL {
		up = mysqlAsks(w.recipe)
	}
	w.migration(version, Slug(w.recipe.Title+" ask"), note.String(), up, nil, false)
}

// step adds the migration of a step that has statements.
func (w *writer) step(version string, i int, wait string) {
	r, s := w.recipe, w.recipe.Steps[i]
	var note strings.Builder
	comment(&note, fmt.Sprintf("%s, step %d of %d: %s", r.Title, i+1, len(r.Steps), s.Title))
	comment(&note, r.Mark)
	comment(&note, w.about)
	comment(&note, wait)
	comment(&note, pathOf(r))
	explain(&note, r, s)
	outside := !s.Transaction
	var up []string
	switch {
	case r.Product != rewrite.PostgreSQL && s.Kind == rewrite.Batches:
		comment(&note, "A batch waits for rows that others have locked, by the server's innodb_lock_wait_timeout. Run it again after an error.")
		up = mysqlLoop(*s.Backfill)
	case r.Product != rewrite.PostgreSQL:
		up = mysqlStatements(s)
	case s.Kind == rewrite.Batches:
		up = []string{strings.TrimSuffix(loop(*s.Backfill), ";\n")}
	case comesAgain(r, s):
		outside = true // the block ends its own transactions
		up = []string{strings.TrimSuffix(retry(s, already(s)), ";\n")}
	default:
		if s.Done != "" {
			comment(&note, "Run again after it was cut off, it fails when it is done already, which this query tells: "+s.Done)
		}
		if s.Clear != nil {
			comment(&note, "If this gives true: "+s.Clear.If+", a failed try left something behind; before the next one run by hand: "+strings.Join(s.Clear.SQL, "; "))
		}
		up = s.SQL
	}
	w.migration(version, Slug(r.Title+" "+s.ID), note.String(), up, s.Undo, outside)
}

// migration adds one migration. A tool that opens a transaction gets the statements alone.
func (w *writer) migration(version, name, note string, up, down []string, outside bool) {
	if w.recipe.Product != rewrite.PostgreSQL {
		outside = true // statements of the schema commit by themselves
	}
	undo := outside || strings.Contains(strings.Join(down, " "), "CONCURRENTLY")
	switch w.tool {
	case Goose:
		mark := ""
		if undo {
			mark = "-- +goose NO TRANSACTION\n"
		}
		w.add(version, name, ".sql", mark+note+"-- +goose Up\n"+goose(up)+"-- +goose Down\n"+goose(down))
	case Dbmate:
		option := func(outside bool) string {
			if outside {
				return " transaction:false"
			}
			return ""
		}
		w.add(version, name, ".sql", note+"-- migrate:up"+option(outside)+"\n"+lines(up)+"-- migrate:down"+option(undo)+"\n"+lines(down))
	case Sqlx:
		mark := func(outside bool) string {
			if outside {
				return "-- no-transaction\n"
			}
			return ""
		}
		w.add(version, name, ".up.sql", mark(outside)+note+lines(up))
		w.add(version, name, ".down.sql", mark(undo)+lines(down))
	case Flyway:
		w.add(version, name, ".sql", note+w.delimited(up))
		if outside {
			w.add(version, name, ".sql.conf", "executeInTransaction=false\n")
		}
	default:
		text := w.delimited(up)
		if !outside && len(up) > 1 {
			text = "BEGIN;\n" + text + "COMMIT;\n"
		}
		w.add(version, name, ".sql", note+text)
	}
}

// lines writes statements, each with its semicolon.
func lines(statements []string) string {
	var b strings.Builder
	for _, s := range statements {
		b.WriteString(s + ";\n")
	}
	return b.String()
}

// delimited is lines with the mark around stored programs by which clients of MySQL, and Flyway, find their end.
func (w *writer) delimited(statements []string) string {
	var b strings.Builder
	for _, s := range statements {
		if w.recipe.Product != rewrite.PostgreSQL && strings.Contains(s, ";") {
			b.WriteString("DELIMITER //\n" + s + "//\nDELIMITER ;\n")
			continue
		}
		b.WriteString(s + ";\n")
	}
	return b.String()
}

// goose marks statements that hold semicolons, which it would cut at otherwise.
func goose(statements []string) string {
	var b strings.Builder
	for _, s := range statements {
		if strings.Contains(s, ";") {
			s = "-- +goose StatementBegin\n" + s + ";\n-- +goose StatementEnd\n"
		} else {
			s += ";\n"
		}
		b.WriteString(s)
	}
	return b.String()
}
