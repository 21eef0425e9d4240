// Package script writes recipes as files: one script for psql or the mysql client, or one migration for each step in
// the form of a migration tool.
//
// A script holds the statements and the lock timeouts of a recipe. What needs a program is left to who runs it: a step
// whose lock did not come is run again by hand, and so is one that was cut off, after the query that stands above it has
// said that it is not done. Package execute does both by itself.
package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
)

// One returns the recipe as one script, runnable by psql (or by the mysql client). It stops at the first error; steps that
// people do are comments in it.
func One(r rewrite.Recipe) string {
	var b strings.Builder
	fmt.Fprintf(&b, "-- %s (%s)\n-- In place of: %s\n", r.Title, r.Server, strings.Join(r.Plain, "; "))
	if r.Mark != "" {
		comment(&b, r.Mark)
	}
	for _, n := range slices.Concat(r.Differs, r.Notes) {
		comment(&b, n)
	}
	if r.Product == rewrite.PostgreSQL {
		b.WriteString("\\set ON_ERROR_STOP on\n")
	}
	for _, q := range r.Preflight {
		b.WriteString("\n")
		comment(&b, "Must give false. True means: "+q.Says)
		b.WriteString(q.SQL + ";\n")
	}
	for i, s := range r.Steps {
		fmt.Fprintf(&b, "\n-- Step %d of %d: %s\n", i+1, len(r.Steps), s.Title)
		about(&b, s)
		body(&b, r, s, s.Transaction)
	}
	return b.String()
}

// comment writes text as comment lines of at most about 120 characters.
func comment(b *strings.Builder, text string) {
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

// about writes what there is to know of a step.
func about(b *strings.Builder, s rewrite.Step) {
	if s.Says != "" {
		comment(b, s.Says)
	}
	if len(s.Locks) > 0 {
		locks := make([]string, len(s.Locks))
		for i, l := range s.Locks {
			locks[i] = l.String()
		}
		comment(b, "Locks: "+strings.Join(locks, "; ")+".")
	}
	if s.Done != "" {
		comment(b, "Done when this gives true: "+s.Done)
	}
	if s.Clear != nil {
		comment(b, "If this gives true: "+s.Clear.If+", a failed try left something behind; run first: "+strings.Join(s.Clear.SQL, "; "))
	}
	for _, way := range s.Otherwise {
		comment(b, "If the server refuses this way: "+strings.Join(way, "; "))
	}
	switch {
	case s.NoReturn:
		comment(b, "No way back after this step.")
	case len(s.Undo) > 0:
		comment(b, "To take it back: "+strings.Join(s.Undo, "; "))
	}
}

// body writes the statements of a step; transaction says whether to write BEGIN and COMMIT around them.
func body(b *strings.Builder, r rewrite.Recipe, s rewrite.Step, transaction bool) {
	switch s.Kind {
	case rewrite.Deploy:
		return
	case rewrite.Tool:
		for _, line := range s.SQL {
			b.WriteString("--   " + line + "\n")
		}
		return
	case rewrite.Batches:
		b.WriteString(loop(*s.Backfill))
		return
	}
	postgres := r.Product == rewrite.PostgreSQL
	timeout := s.Ladder.LockTimeout().Milliseconds()
	if postgres && transaction {
		b.WriteString("BEGIN;\n")
	}
	switch {
	case timeout > 0 && postgres && s.Transaction:
		fmt.Fprintf(b, "SET LOCAL lock_timeout = '%dms';\n", timeout)
	case timeout > 0 && !postgres:
		fmt.Fprintf(b, "SET SESSION lock_wait_timeout = %d;\n", (timeout+999)/1000)
	}
	for _, sql := range s.SQL {
		b.WriteString(sql + ";\n")
	}
	if postgres && transaction {
		b.WriteString("COMMIT;\n")
	}
}

// loop writes a backfill as one statement that commits after each batch: DO under PostgreSQL (from 11 on, outside a
// transaction). MySQL has loops only in stored programs; there the statement of one batch is given as a pattern.
func loop(f rewrite.Backfill) string {
	if f.Server.Product != rewrite.PostgreSQL {
		var b strings.Builder
		comment(&b, "Repeat with the key of the last row of each batch in place of the question marks, until no key comes:")
		b.WriteString("--   " + f.BoundSQL(true, f.Rows) + ";\n--   " + f.UpdateSQL(true, true) + ";\n")
		return b.String()
	}
	var declare, start, next, assign []string
	var columns []string
	for i, c := range f.Key {
		name := ident(c.Name)
		declare = append(declare, fmt.Sprintf("  start_%d %s; next_%d %s;", i+1, c.Type, i+1, c.Type))
		columns = append(columns, "t."+name)
		start = append(start, fmt.Sprintf("start_%d", i+1))
		next = append(next, fmt.Sprintf("next_%d", i+1))
		assign = append(assign, fmt.Sprintf("start_%d := next_%d;", i+1, i+1))
	}
	key := strings.Join(columns, ", ")
	where := "(" + f.Where + ")"
	if f.Where == "" {
		where = "true"
	}
	return fmt.Sprintf(`DO $napkin$
DECLARE
%[1]s
BEGIN
  SELECT %[2]s INTO %[3]s FROM %[6]s AS t ORDER BY %[2]s LIMIT 1;
  LOOP
    EXIT WHEN start_1 IS NULL;
    SELECT %[2]s INTO %[4]s FROM %[6]s AS t WHERE (%[2]s) >= (%[3]s) ORDER BY %[2]s LIMIT 1 OFFSET %[9]d;
    IF next_1 IS NULL THEN
      UPDATE %[6]s SET %[7]s WHERE (%[10]s) >= (%[3]s) AND %[8]s;
    ELSE
      UPDATE %[6]s SET %[7]s WHERE (%[10]s) >= (%[3]s) AND (%[10]s) < (%[4]s) AND %[8]s;
    END IF;
    COMMIT;
    %[5]s
  END LOOP;
END
$napkin$;
`, strings.Join(declare, "\n"), key, strings.Join(start, ", "), strings.Join(next, ", "), strings.Join(assign, " "),
		f.Table, f.Set, where, f.Rows, strings.ReplaceAll(key, "t.", ""))
}

// ident quotes a column as the package rewrite does.
func ident(name string) string { return rewrite.Name{Name: name}.String() }
