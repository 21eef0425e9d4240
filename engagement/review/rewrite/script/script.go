// Package script writes recipes as files: one script for psql, or one migration for each step in the form of a
// migration tool.
//
// The script for psql does what package execute does, as far as psql can: it asks the server which steps are done and
// begins behind them, asks the data before the first step, removes what a failed try left, comes again for a lock that
// is not free, and stops before a step that people do until a variable says that it is done. A migration asks less: it
// knows of its own step only, and a tool that goes through all files does not stop at a deployment, so that the
// files behind one belong to a later deployment.
package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
)

// Psql returns the recipe as one script for psql 11 or later. It ends with a sentence and a status that is not 0 where
// the data forbid the change, where another run is at work and where a step is next that people do; running it again
// goes on behind the last step that is done. Recipes of MySQL and MariaDB are refused: their client knows no conditions.
// About is said at the top where it is not empty.
func Psql(r rewrite.Recipe, about string) (string, error) {
	if r.Product != rewrite.PostgreSQL {
		return "", fmt.Errorf("write a script for psql: %q is a recipe for %s; write it as migrations (plain is one file for each step, for any client)", r.Title, r.Server)
	}
	var b strings.Builder
	head(&b, r)
	comment(&b, about)
	comment(&b, pathOf(r))
	comment(&b, "For psql 11 or later, straight to the server (no pooler in transaction mode). Run it again after an error or an interruption: it goes on behind the last step that is done.")
	b.WriteString("\\set ON_ERROR_STOP on\nSET statement_timeout = 0;\n-- A statement fails instead of seeing a part of the rows, where policies would hide some from this role.\nSET row_security = off;\n\n-- One run at a time. The server may still be ending the session of a run before this one: a moment is given.\n")
	lock := "pg_try_advisory_lock(hashtextextended(" + literal("napkin recipe: "+r.Title) + ", 0))"
	question(&b, "alone", "SELECT CASE WHEN "+lock+" THEN true WHEN pg_sleep(2) IS NULL THEN false ELSE "+lock+" END")
	b.WriteString("\\if :napkin_alone\n\\else\n" + stop("Another session is at work on this recipe. Wait for it, or end it.") + "\\endif\n\n")
	comment(&b, "Which step is next? Each is asked by its query, from the last one on; a table or column that is not there means no.")
	b.WriteString(next(r) + "SELECT current_setting('napkin.next')::int AS napkin_next \\gset\n")
	if len(r.Preflight) > 0 {
		b.WriteString("\n-- Before the first step: do the data allow it?\n")
		question(&b, "first", "SELECT :napkin_next = 1")
		b.WriteString("\\if :napkin_first\n")
		for _, q := range r.Preflight {
			question(&b, "found", q.SQL)
			b.WriteString("\\if :napkin_found\n" + stop(q.Says+" Nothing was changed.") + "\\endif\n")
		}
		b.WriteString("\\endif\n")
	}
	for i, s := range r.Steps {
		title := fmt.Sprintf("Step %d of %d: %s", i+1, len(r.Steps), s.Title)
		b.WriteString("\n-- " + title + "\n")
		explain(&b, r, s)
		question(&b, "run", fmt.Sprintf("SELECT :napkin_next <= %d", i+1))
		b.WriteString("\\if :napkin_run\n\\echo " + psqlText(title) + "\n")
		psqlStep(&b, r, s, i)
		b.WriteString("\\else\n\\echo " + psqlText(title+" (done before)") + "\n\\endif\n")
	}
	return b.String(), nil
}

// psqlStep writes what a step does in psql.
func psqlStep(b *strings.Builder, r rewrite.Recipe, s rewrite.Step, i int) {
	switch s.Kind {
	case rewrite.Deploy, rewrite.Tool:
		variable := "step_" + Slug(s.ID)
		says := fmt.Sprintf("Step %d is not one of the database: %s. %s", i+1, s.Title, s.Says)
		for _, line := range s.SQL {
			says += "\n" + line
		}
		b.WriteString("\\if :{?" + variable + "}\n\\else\n" + stop(says+"\nWhen that is done, run this script again with -v "+variable+"=done.") + "\\endif\n")
		return
	case rewrite.Batches:
		b.WriteString(loop(*s.Backfill))
		return
	}
	if s.Clear == nil {
		b.WriteString(statements(r, s))
		return
	}
	b.WriteString("-- What a failed try left is removed first.\n")
	question(b, "left", s.Clear.If)
	b.WriteString("\\if :napkin_left\n")
	for _, sql := range s.Clear.SQL {
		b.WriteString(sql + ";\n")
	}
	b.WriteString("\\endif\n")
	if s.Done == "" {
		b.WriteString(statements(r, s))
		return
	}
	// What removes the remains may have finished the step.
	question(b, "done", s.Done)
	b.WriteString("\\if :napkin_done\n\\else\n" + statements(r, s) + "\\endif\n")
}

// question asks a query of one boolean and keeps its answer in a variable of psql.
func question(b *strings.Builder, variable, query string) {
	fmt.Fprintf(b, "SELECT (%s) IS TRUE AS napkin_%s \\gset\n", query, variable)
}

// stop is the statement that ends a script with a sentence: \quit alone would end it with the status 0.
func stop(says string) string {
	return "DO " + dollar("BEGIN RAISE EXCEPTION USING MESSAGE = "+dollar(says, "says")+"; END", "napkin") + ";\n"
}

// psqlText quotes an argument of a command of psql.
func psqlText(s string) string {
	return "'" + strings.NewReplacer("'", "''", `\`, `\\`, "\n", " ").Replace(s) + "'"
}

// head writes what stands above a whole recipe.
func head(b *strings.Builder, r rewrite.Recipe) {
	fmt.Fprintf(b, "-- %s (%s)\n", r.Title, r.Server)
	comment(b, r.Mark)
	comment(b, "In place of: "+strings.Join(r.Plain, "; "))
	for _, n := range slices.Concat(r.Differs, r.Notes) {
		comment(b, n)
	}
}

// pathOf says which schema is meant where the names of a recipe do not, because nothing told where the table lies.
func pathOf(r rewrite.Recipe) string {
	for _, s := range r.Steps {
		for _, l := range s.Locks {
			if r.Product == rewrite.PostgreSQL && l.Table.Schema == "" {
				return "Names without a schema are those of the session's search_path: it must be the one under which the statement that is replaced would have run."
			}
		}
	}
	return ""
}

// comment writes text as comment lines of at most about 120 characters.
func comment(b *strings.Builder, text string) {
	if text == "" {
		return
	}
	line := "--"
	for _, word := range strings.Fields(text) {
		if len(line)+len(word) > 118 {
			b.WriteString(line + "\n")
			line = "--"
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}

// explain writes what there is to know of a step.
func explain(b *strings.Builder, r rewrite.Recipe, s rewrite.Step) {
	if s.Says != "" && (len(s.Otherwise) == 0 || r.Product == rewrite.PostgreSQL) {
		comment(b, s.Says)
	}
	if len(s.Locks) > 0 {
		locks := make([]string, len(s.Locks))
		for i, l := range s.Locks {
			locks[i] = l.String()
		}
		comment(b, "Locks: "+strings.Join(locks, "; ")+".")
	}
	switch {
	case len(s.Otherwise) > 0:
		comment(b, "LOCK=NONE: the server takes the cheapest way on which reads and writes go on, and refuses the statement when there is none. It locks the table for a moment at the beginning and at the end; a long transaction on it holds up both.")
	case comesAgain(r, s):
		comment(b, fmt.Sprintf("Waits for its locks %s at first, and comes again when they are not free: at most %d tries. Nothing is held between two tries.", s.Ladder.LockTimeout(), s.Ladder.Tries()))
	}
	if r.Product != rewrite.PostgreSQL && s.Kind == rewrite.Statements && s.Ladder.LockTimeout() > 0 {
		comment(b, fmt.Sprintf("Waits for its lock %d s, once. When the lock does not come, nothing has been changed: run it again.", seconds(s)))
	}
	switch {
	case s.NoReturn:
		comment(b, "No way back after this step.")
	case len(s.Undo) > 0:
		comment(b, "To take it back: "+strings.Join(s.Undo, "; "))
	}
}
