package repair

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Script describes a repair that a person reviews and runs by the client of the product.
type Script struct {
	Target dialect.Database
	// SourceName and TargetName name the databases for a person, without passwords.
	SourceName, TargetName string
	Summary                Summary
}

// FirstLine begins the first line of every script.
const FirstLine = "-- Makes the rows of"

// Write writes the script: the settings and the beginning of the transaction that Apply uses too, the
// statements with a check behind each that it changed one row, and the end of the transaction, which is
// not reached, or ends in nothing, where a check fails.
func (s *Script) Write(w io.Writer, spool *Spool) error {
	out := bufio.NewWriterSize(w, 1<<16)
	line := func(parts ...string) { out.WriteString(strings.Join(parts, "") + "\n") }
	c := checks[s.Target.Kind()]
	line(FirstLine)
	line("--   ", comment(s.TargetName))
	line("-- those of")
	line("--   ", comment(s.SourceName))
	line("-- ", s.Summary.counts())
	line("--")
	line("-- Review it, then run it with")
	line("--   ", c.client)
	line("-- It is one transaction. Each statement has to change exactly one row; where one does not, the target is no")
	line("-- longer what was compared: the script ends in an error, and nothing is changed. Then compare again.")
	for _, t := range c.more {
		line("-- ", t)
	}
	for _, t := range s.Summary.Lasting {
		line("-- WARNING: the engine of ", comment(t), " has no transactions: what was done there stays, though a later statement fails.")
	}
	for _, t := range s.Summary.Triggers {
		line("-- WARNING: the trigger ", comment(t), " fires for these statements.")
	}
	for _, n := range s.Summary.Notes {
		line("-- Note: ", comment(n), ".")
	}
	line()
	out.WriteString(c.first)
	for _, b := range s.Target.Begin() {
		line(b, ";")
	}
	out.WriteString(c.begin)
	err := spool.each(func(st Statement) error {
		out.WriteString(c.checked(st))
		_, err := out.Write(nil) // a writer keeps its first error
		return err
	}, func(row Skipped) error {
		_, err := out.WriteString("-- NOT REPAIRED: " + row.Kind.String() + " " + comment(row.Table.String()+" "+row.Key+": "+row.Reason) + "\n")
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, c.end, s.Summary.Statements)
	return out.Flush()
}

// counts are the numbers of a repair in words.
func (s *Summary) counts() string {
	text := words(s.Statements, "statement") + ": " + words(s.Inserts, "row") + " inserted, " + fmt.Sprintf("%d updated, %d deleted", s.Updates, s.Deletes)
	if s.Parked > 0 {
		text += fmt.Sprintf(" (%d in two steps)", s.Parked)
	}
	if s.Skipped > 0 {
		text += "; " + words(s.Skipped, "row") + " not repaired"
	}
	return text + "."
}

func words(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// comment keeps a text on one line.
func comment(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// check is how a product makes sure of each statement.
type check struct {
	client  string
	more    []string
	first   string // before the settings
	begin   string // behind the beginning of the transaction
	checked func(Statement) string
	end     string // with the number of statements
}

var checks = map[dialect.Kind]check{
	dialect.Postgres: {
		client:  "psql -f FILE DATABASE",
		more:    []string{"(The line that begins with a backslash is for psql; other clients do without it.)"},
		first:   "\\set ON_ERROR_STOP on\n",
		checked: checkedPostgres,
		end:     "COMMIT; -- %d statements\n",
	},
	// A failed check is error 1242. A client that goes on after it does not get a COMMIT, which is only
	// given where all checks were met.
	dialect.MySQL: {
		client: "mariadb DATABASE < FILE    (or mysql, in its default character set utf8mb4)",
		more:   []string{"A check that fails is the error 1242, a subquery that returns more than one row."},
		begin:  "SET @napkin = 0;\n",
		checked: func(st Statement) string {
			otherwise := "(SELECT 1 UNION SELECT 2)"
			if st.Found != "" {
				otherwise = "IF(ROW_COUNT() = 0 AND (" + st.Found + ") = 1, @napkin + 1, " + otherwise + ")"
			}
			return st.SQL + ";\nSET @napkin = IF(ROW_COUNT() = 1, @napkin + 1, " + otherwise + ");\n"
		},
		end: "SET @napkin_end = IF(@napkin = %d, 'COMMIT', 'ROLLBACK');\nPREPARE napkin_end FROM @napkin_end;\nEXECUTE napkin_end;\nDEALLOCATE PREPARE napkin_end;\n",
	},
	// The counter is in a table of two rows, so that changes() is 2 after it is set, and 2 is no statement
	// that changed one row, also where a client goes on after an error. The last row refers to nothing
	// where a statement is missing, and that is what COMMIT fails of.
	dialect.SQLite: {
		client: "sqlite3 -bail DATABASE < FILE",
		more:   []string{"A check that fails is a constraint of napkin_met; where a program goes on after it, COMMIT fails. Then ROLLBACK."},
		begin: "DROP TABLE IF EXISTS temp.napkin_all;\nDROP TABLE IF EXISTS temp.napkin_met;\nDROP TABLE IF EXISTS temp.napkin_one;\n" +
			"CREATE TEMP TABLE napkin_met (n INTEGER NOT NULL);\nCREATE TEMP TABLE napkin_one (n INTEGER PRIMARY KEY);\n" +
			"CREATE TEMP TABLE napkin_all (n INTEGER REFERENCES napkin_one (n) DEFERRABLE INITIALLY DEFERRED);\n" +
			"INSERT INTO temp.napkin_one VALUES (1);\nINSERT INTO temp.napkin_all VALUES (0);\nINSERT INTO temp.napkin_met VALUES (0), (0);\n",
		checked: func(st Statement) string {
			return st.SQL + ";\nUPDATE temp.napkin_met SET n = CASE changes() WHEN 1 THEN n + 1 END;\n"
		},
		end: "UPDATE temp.napkin_all SET n = (SELECT max(n) = %d FROM temp.napkin_met);\nCOMMIT;\n",
	},
}

// checkedPostgres puts a statement into a block that fails where it does not change one row.
func checkedPostgres(st Statement) string {
	quote := "$napkin$"
	for n := 1; strings.Contains(st.SQL, quote); n++ {
		quote = fmt.Sprintf("$napkin%d$", n)
	}
	return "DO " + quote + "\n#variable_conflict use_column\nDECLARE napkin_rows bigint;\nBEGIN\n" + st.SQL +
		";\nGET DIAGNOSTICS napkin_rows = ROW_COUNT;\nIF napkin_rows <> 1 THEN RAISE EXCEPTION 'the statement changed % rows and not one', napkin_rows; END IF;\nEND " + quote + ";\n"
}
