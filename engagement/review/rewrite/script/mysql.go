package script

import (
	"fmt"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
)

// seconds is the lock timeout of a step in the unit of lock_wait_timeout.
func seconds(s rewrite.Step) int64 {
	return int64((s.Ladder.LockTimeout() + time.Second - 1) / time.Second)
}

// mysqlStatements returns the statements of a step. Of a step with several ways a file can try one only: LOCK=NONE alone
// has the server choose the cheapest algorithm under which reads and writes go on, and fails where there is none
// (MySQL's manual, "Online DDL Operations"; MariaDB's knowledge base, "InnoDB Online DDL Overview").
func mysqlStatements(s rewrite.Step) []string {
	if len(s.SQL) == 0 { // the step is a question
		return procedure("napkin_ask", "BEGIN\n  IF NOT ("+s.Done+") THEN\n    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'This step found what must not be there; the file says what to do.';\n  END IF;\nEND")
	}
	var out []string
	if t := seconds(s); t > 0 {
		out = append(out, fmt.Sprintf("SET SESSION lock_wait_timeout = %d", t))
	}
	for _, sql := range s.SQL {
		for _, way := range []string{"INSTANT", "NOCOPY, LOCK=NONE", "INPLACE, LOCK=NONE"} {
			if change, is := strings.CutSuffix(sql, ", ALGORITHM="+way); is && len(s.Otherwise) > 0 {
				sql = change + ", LOCK=NONE"
				break
			}
		}
		out = append(out, sql)
	}
	return out
}

// procedure returns the statements that run a body as a stored program, because MySQL has neither loops nor conditions
// outside of one. It needs the privilege CREATE ROUTINE.
func procedure(name, body string) []string {
	quoted := "`" + name + "`"
	return []string{"DROP PROCEDURE IF EXISTS " + quoted, "CREATE PROCEDURE " + quoted + "()\n" + body, "CALL " + quoted + "()", "DROP PROCEDURE " + quoted}
}

// mysqlAsks returns statements that fail when a question to the data is answered by yes. A message has 128 characters.
func mysqlAsks(r rewrite.Recipe) []string {
	var b strings.Builder
	b.WriteString("BEGIN\n")
	for _, q := range r.Preflight {
		says := []rune(q.Says)
		if len(says) > 128 {
			says = append(says[:125], []rune("...")...)
		}
		text := strings.NewReplacer("'", "''", `\`, `\\`).Replace(string(says))
		fmt.Fprintf(&b, "  IF (%s) THEN\n    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '%s';\n  END IF;\n", q.SQL, text)
	}
	return procedure("napkin_ask", b.String()+"END")
}

// mysqlLoop returns statements that carry out a backfill: ranges of the primary key, each its own transaction, whose
// size follows the time of the last.
func mysqlLoop(f rewrite.Backfill) []string {
	var columns, names, from, to, next, declare []string
	quote := func(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }
	for i, c := range f.Key {
		columns, names = append(columns, "t."+quote(c.Name)), append(names, quote(c.Name))
		from, to, next = append(from, fmt.Sprintf("napkin_from_%d", i+1)), append(to, fmt.Sprintf("napkin_to_%d", i+1)), append(next, fmt.Sprintf("napkin_next_%d", i+1))
		declare = append(declare, fmt.Sprintf("  DECLARE napkin_from_%d, napkin_to_%[1]d, napkin_next_%[1]d %[2]s;", i+1, c.Type))
	}
	list := func(l []string) string { return strings.Join(l, ", ") }
	key, descending := list(columns), strings.Join(columns, " DESC, ")+" DESC"
	table := quote(f.Table.Name)
	if f.Table.Schema != "" {
		table = quote(f.Table.Schema) + "." + table
	}
	where := expand(names, ">=", from) + " AND " + expand(names, "<=", to)
	if f.Where != "" {
		where += " AND (" + f.Where + ")"
	}
	var copies []string
	for i := range from {
		copies = append(copies, from[i]+" = "+next[i])
	}
	body := fmt.Sprintf(`BEGIN
  DECLARE napkin_more BOOLEAN DEFAULT TRUE;
  DECLARE napkin_rows, napkin_skip INT DEFAULT %[1]d;
  DECLARE napkin_began DATETIME(6);
%[2]s
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET napkin_more = FALSE;
  SELECT %[3]s INTO %[4]s FROM %[7]s AS t ORDER BY %[3]s LIMIT 1;
  WHILE napkin_more DO
    SET napkin_began = SYSDATE(6), napkin_skip = napkin_rows - 1;
    SELECT %[3]s INTO %[5]s FROM %[7]s AS t WHERE %[8]s ORDER BY %[3]s LIMIT 1 OFFSET napkin_skip;
    IF NOT napkin_more THEN
      SELECT %[3]s INTO %[5]s FROM %[7]s AS t ORDER BY %[9]s LIMIT 1;
    END IF;
    UPDATE %[7]s SET %[10]s WHERE %[11]s;
    COMMIT;
    SET napkin_rows = LEAST(%[12]d, GREATEST(%[13]d, napkin_rows * LEAST(2, GREATEST(0.5, %[14]d / GREATEST(1000, TIMESTAMPDIFF(MICROSECOND, napkin_began, SYSDATE(6)))))));
    SET napkin_more = TRUE;
    SELECT %[3]s INTO %[6]s FROM %[7]s AS t WHERE %[15]s ORDER BY %[3]s LIMIT 1;
    SET %[16]s;
  END WHILE;
END`, f.Rows, strings.Join(declare, "\n"), key, list(from), list(to), list(next), table, expand(columns, ">=", from), descending,
		f.Set, where, rewrite.MaxBatch, rewrite.MinBatch, f.Target.Microseconds(), expand(columns, ">", to), strings.Join(copies, ", "))
	return append([]string{
		"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", // else the gaps of a batch are locked too
		"SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')",
	}, procedure("napkin_backfill", body)...)
}

// expand compares the columns of a key by an operator, one after the other: MySQL uses no index to compare rows.
func expand(columns []string, operator string, values []string) string {
	var parts []string
	for i, c := range columns {
		var and []string
		for k := range i {
			and = append(and, columns[k]+" = "+values[k])
		}
		op := strings.TrimSuffix(operator, "=")
		if i == len(columns)-1 {
			op = operator
		}
		parts = append(parts, "("+strings.Join(append(and, c+" "+op+" "+values[i]), " AND ")+")")
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}
