package script

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
)

// comesAgain returns whether a step is written as a loop that comes again for its locks: one short transaction, which a
// DO block can try in a subtransaction. What must run outside a transaction cannot stand in a DO block; such steps
// take locks that stop nobody and wait for them without a limit.
func comesAgain(r rewrite.Recipe, s rewrite.Step) bool {
	return r.Product == rewrite.PostgreSQL && s.Kind == rewrite.Statements && s.Transaction && s.Ladder.LockTimeout() > 0
}

// statements writes the statements of a step of kind Statements for PostgreSQL.
func statements(r rewrite.Recipe, s rewrite.Step) string {
	var b strings.Builder
	switch {
	case comesAgain(r, s):
		return retry(s, "")
	case s.Transaction:
		b.WriteString("BEGIN;\n")
	case s.Ladder.LockTimeout() > 0:
		fmt.Fprintf(&b, "SET lock_timeout = '%dms';\n", s.Ladder.LockTimeout().Milliseconds())
	}
	for _, sql := range s.SQL {
		b.WriteString(sql + ";\n")
	}
	switch {
	case s.Transaction:
		b.WriteString("COMMIT;\n")
	case s.Ladder.LockTimeout() > 0:
		b.WriteString("RESET lock_timeout;\n")
	}
	return b.String()
}

// retry writes a step as one statement that tries its transaction up the ladder. A try that fails is a subtransaction
// rolled back, which frees its locks; the COMMIT behind it lets go of the rest before the sleep. First is what stands before
// the tries.
func retry(s rewrite.Step, first string) string {
	var waits, pauses []string
	for _, rung := range s.Ladder {
		waits = append(waits, fmt.Sprintf("array_fill(%d, ARRAY[%d])", rung.LockTimeout.Milliseconds(), rung.Tries))
		pauses = append(pauses, fmt.Sprintf("array_fill(%d, ARRAY[%d])", rung.Sleep.Milliseconds(), rung.Tries))
	}
	var run strings.Builder
	for _, sql := range s.SQL {
		run.WriteString("      EXECUTE " + dollar(sql, "sql") + ";\n")
	}
	return "DO " + dollar(fmt.Sprintf(`
DECLARE
  -- Of each try, in ms: how long it waits for a lock, and how long it sleeps when that did not come.
  wait int[] := %s;
  pause int[] := %s;
BEGIN
%s  FOR try IN 1..%d LOOP
    BEGIN
      PERFORM set_config('lock_timeout', wait[try]::text, true);
%s      RETURN;
    EXCEPTION WHEN lock_not_available OR deadlock_detected OR serialization_failure THEN
      IF try = %[4]d THEN
        RAISE;
      END IF;
      RAISE NOTICE 'try %% of %[4]d: %%', try, SQLERRM;
    END;
    COMMIT;
    PERFORM pg_sleep(pause[try] / 1000.0);
  END LOOP;
END
`, strings.Join(waits, " || "), strings.Join(pauses, " || "), first, s.Ladder.Tries(), run.String()), "napkin") + ";\n"
}

// missing are the conditions by which a query says that a table, column or type does not exist: the step that makes it
// is not done.
const missing = "undefined_table OR undefined_column OR undefined_object OR invalid_schema_name"

// already leaves a block whose step is done, so that a tool that was cut off before it noted the migration may run it
// again.
func already(s rewrite.Step) string {
	if s.Done == "" {
		return ""
	}
	return fmt.Sprintf(`  DECLARE
    done boolean;
  BEGIN
    EXECUTE %s INTO done;
    IF done THEN
      RETURN;
    END IF;
  EXCEPTION WHEN %s THEN
    NULL;
  END;
`, dollar(s.Done, "sql"), missing)
}

// next writes the statement that finds the first step that is not done, counted from 1, and leaves its number in the
// setting napkin.next.
func next(r rewrite.Recipe) string {
	queries := make([]string, len(r.Steps))
	for i, s := range r.Steps {
		queries[i] = "NULL"
		if s.Done != "" {
			queries[i] = dollar(s.Done, "sql")
		}
	}
	return "DO " + dollar(fmt.Sprintf(`
DECLARE
  queries text[] := ARRAY[
    %s
  ];
  done boolean;
BEGIN
  PERFORM set_config('napkin.next', '1', false);
  FOR step IN REVERSE %d..1 LOOP
    CONTINUE WHEN queries[step] IS NULL;
    BEGIN
      EXECUTE queries[step] INTO done;
    EXCEPTION WHEN %s THEN
      done := false;
    END;
    IF done THEN
      PERFORM set_config('napkin.next', (step + 1)::text, false);
      RETURN;
    END IF;
  END LOOP;
END
`, strings.Join(queries, ",\n    "), len(r.Steps), missing), "napkin") + ";\n"
}

// asks writes the questions to the data as one statement that fails when one of them is answered by yes.
func asks(r rewrite.Recipe) string {
	var b strings.Builder
	b.WriteString("\nBEGIN\n")
	for _, q := range r.Preflight {
		fmt.Fprintf(&b, "  IF (%s) THEN\n    RAISE EXCEPTION USING MESSAGE = %s;\n  END IF;\n", q.SQL, dollar(q.Says+" Nothing was changed.", "says"))
	}
	b.WriteString("END\n")
	return "DO " + dollar(b.String(), "napkin") + ";\n"
}

// loop writes a backfill as one statement that commits after each batch (PostgreSQL 11 and later, outside a
// transaction). It goes as package execute does: rows that others hold are left out and come in the next round, so that it
// waits for no row; the next batch is as large as by the last one's time takes the target.
func loop(f rewrite.Backfill) string {
	var columns, names, declare, from, to []string
	for i, c := range f.Key {
		columns, names = append(columns, "t."+ident(c.Name)), append(names, ident(c.Name))
		declare = append(declare, fmt.Sprintf("  napkin_from_%d %s; napkin_to_%[1]d %[2]s;", i+1, c.Type))
		from, to = append(from, fmt.Sprintf("napkin_from_%d", i+1)), append(to, fmt.Sprintf("napkin_to_%d", i+1))
	}
	list := func(l []string) string { return strings.Join(l, ", ") }
	descending := strings.Join(columns, " DESC, ") + " DESC"
	batch := fmt.Sprintf("(%[1]s) >= (%[2]s) AND (%[1]s) <= (%[3]s)", list(names), list(from), list(to))
	// Without a condition nothing tells which rows are left, so that a batch waits for all of its rows.
	change := fmt.Sprintf("    UPDATE %s SET %s WHERE %s;\n    COMMIT;\n", f.Table, f.Set, batch)
	if f.Where != "" {
		batch += " AND (" + f.Where + ")"
		change = fmt.Sprintf(`    LOOP
      -- ctid names the row version that was locked; the condition stands twice, because partitions use the same ctids.
      UPDATE %[1]s SET %[2]s
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM %[1]s WHERE %[3]s FOR NO KEY UPDATE SKIP LOCKED)) AND %[3]s;
      COMMIT;
      EXIT WHEN NOT EXISTS (SELECT FROM %[1]s WHERE %[3]s);
      COMMIT;
      PERFORM pg_sleep(0.05);
    END LOOP;
`, f.Table, f.Set, batch)
	}
	return "DO " + dollar(fmt.Sprintf(`
#variable_conflict use_column
DECLARE
  napkin_rows int := %[1]d;
  napkin_began timestamptz;
%[2]s
BEGIN
  SELECT %[3]s INTO %[4]s FROM %[6]s AS t ORDER BY %[3]s LIMIT 1;
  WHILE napkin_from_1 IS NOT NULL LOOP
    napkin_began := clock_timestamp();
    SELECT %[3]s INTO %[5]s FROM %[6]s AS t WHERE (%[3]s) >= (%[4]s) ORDER BY %[3]s LIMIT 1 OFFSET napkin_rows - 1;
    IF napkin_to_1 IS NULL THEN
      SELECT %[3]s INTO %[5]s FROM %[6]s AS t ORDER BY %[7]s LIMIT 1;
    END IF;
%[8]s    napkin_rows := least(%[9]d, greatest(%[10]d, napkin_rows * least(2, greatest(0.5,
      %[11]g / greatest(0.001, extract(epoch FROM clock_timestamp() - napkin_began)::float8)))));
    SELECT %[3]s INTO %[4]s FROM %[6]s AS t WHERE (%[3]s) > (%[5]s) ORDER BY %[3]s LIMIT 1;
  END LOOP;
END
`, f.Rows, strings.Join(declare, "\n"), list(columns), list(from), list(to), f.Table, descending, change,
		rewrite.MaxBatch, rewrite.MinBatch, f.Target.Seconds()), "napkin") + ";\n"
}

// dollar quotes text between dollar signs by a tag that does not stand in it.
func dollar(text, tag string) string {
	for strings.Contains(text, "$"+tag) {
		tag += "_"
	}
	return "$" + tag + "$" + text + "$" + tag + "$"
}

func literal(s string) string {
	if strings.Contains(s, `\`) {
		return "E'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(s) + "'"
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// ident quotes a column as the package rewrite does.
func ident(name string) string { return rewrite.Name{Name: name}.String() }
