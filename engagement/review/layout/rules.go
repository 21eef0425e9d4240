package layout

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Parse reads one file as a tool does. config is the text of the file beside it that says how it runs
// (Flyway's .conf, Diesel's metadata.toml), or empty. It never fails: see [Migration.Err].
func Parse(p string, source []byte, tool Tool, dialect schema.Dialect, config string) *Migration {
	script, err := split.Split(p, source, split.Options{Dialect: dialect})
	m := &Migration{Path: p, Tool: tool, Dialect: dialect, Script: script, Err: err, Source: source}
	marks := readMarks(script, tool)
	script.Statements = marks.applied(script.Statements)
	m.Wrap, m.Why = wrap(m, marks, config)
	return m
}

// marks are the annotations of a tool in a file.
type marks struct {
	sections      []section
	noTransaction bool
}

// section begins at an offset and lasts to the next one.
type section struct {
	from int
	down bool
}

func readMarks(s *split.Script, tool Tool) marks {
	var m marks
	for i, c := range s.Comments {
		text := strings.ToLower(strings.TrimSpace(strings.TrimLeft(c.Text, "- \t")))
		if !strings.HasPrefix(c.Text, "--") {
			continue
		}
		switch {
		case tool == Goose && strings.HasPrefix(text, "+goose"):
			words := strings.Fields(text)
			switch {
			case len(words) < 2:
			case words[1] == "up":
				m.sections = append(m.sections, section{c.Start.Offset, false})
			case words[1] == "down":
				m.sections = append(m.sections, section{c.Start.Offset, true})
			case words[1] == "no" && len(words) > 2 && words[2] == "transaction":
				m.noTransaction = true
			}
		case tool == Dbmate && strings.HasPrefix(text, "migrate:up"):
			m.sections = append(m.sections, section{c.Start.Offset, false})
			m.noTransaction = m.noTransaction || dbmateOption.MatchString(text)
		case tool == Dbmate && strings.HasPrefix(text, "migrate:down"):
			m.sections = append(m.sections, section{c.Start.Offset, true})
		case tool == Sqlx && i == 0 && c.Start.Offset == 0 && strings.HasPrefix(text, "no-transaction"):
			m.noTransaction = true
		}
	}
	return m
}

var dbmateOption = regexp.MustCompile(`transaction\s*:\s*false`)

// applied leaves out the statements of sections that undo the change.
func (m *marks) applied(all []split.Statement) []split.Statement {
	if len(m.sections) == 0 {
		return all
	}
	var kept []split.Statement
	at := 0
	for _, st := range all {
		for at+1 < len(m.sections) && m.sections[at+1].from <= st.Start.Offset {
			at++
		}
		if m.sections[0].from <= st.Start.Offset && !m.sections[at].down {
			kept = append(kept, st)
		}
	}
	return kept
}

var (
	flywayOff = regexp.MustCompile(`(?mi)^\s*executeInTransaction\s*=\s*false\b`)
	dieselOff = regexp.MustCompile(`(?mi)^\s*run_in_transaction\s*=\s*false\b`)
)

// wrap is the rule of each tool. A file that opens its own transaction is judged statement by statement
// by whoever walks over it; the wrap is what surrounds that.
func wrap(m *Migration, k marks, config string) (Wrap, string) {
	if m.Dialect == schema.MySQL {
		return Alone, "MySQL and MariaDB commit each DDL statement by itself, whatever the tool does."
	}
	switch m.Tool {
	case Goose:
		if k.noTransaction {
			return Alone, "goose sends each statement by itself, because of `+goose NO TRANSACTION`."
		}
		return Together, "goose runs a file in one transaction unless it says `-- +goose NO TRANSACTION`."
	case Dbmate:
		if k.noTransaction {
			return OneQuery, "dbmate sends a section with transaction:false as one query, and PostgreSQL runs several statements of one query in one transaction."
		}
		return Together, "dbmate runs a section in one transaction unless it says `-- migrate:up transaction:false`."
	case GolangMigrate:
		return OneQuery, "golang-migrate sends a file as one query, and PostgreSQL runs several statements of one query in one transaction (unless x-multi-statement is set)."
	case Prisma:
		return OneQuery, "Prisma sends migration.sql as one query, and PostgreSQL runs several statements of one query in one transaction."
	case Sqlx:
		if k.noTransaction {
			return OneQuery, "sqlx sends a file with `-- no-transaction` as one query, and PostgreSQL runs several statements of one query in one transaction."
		}
		return Together, "sqlx runs a file in one transaction unless its first line is `-- no-transaction`."
	case Diesel:
		if dieselOff.MatchString(config) {
			return OneQuery, "Diesel sends up.sql with run_in_transaction = false as one query, and PostgreSQL runs several statements of one query in one transaction."
		}
		return Together, "Diesel runs up.sql in one transaction unless metadata.toml says run_in_transaction = false."
	case Flyway:
		switch {
		case flywayOff.MatchString(config):
			return Alone, "Flyway sends each statement by itself, because of executeInTransaction=false."
		case allOutside(m.Script):
			return Alone, "Flyway sees that no statement of the file can run in a transaction and sends each by itself."
		}
		return Together, "Flyway runs a file in one transaction unless its .conf says executeInTransaction=false."
	case Rails:
		return Together, "Rails runs a migration in one transaction unless it says disable_ddl_transaction!."
	case Django:
		return Alone, "The output of sqlmigrate says BEGIN and COMMIT itself where the migration is atomic."
	}
	return Alone, "The client sends each statement by itself; the file opens no transaction unless it says BEGIN. Name the tool with --tool if one runs the file in a transaction."
}

// allOutside says whether every statement is of the kind that PostgreSQL refuses in a transaction, by
// which Flyway decides. A file that mixes both kinds it refuses, unless mixed is set.
func allOutside(s *split.Script) bool {
	for i := range s.Statements {
		if !Outside(&s.Statements[i]) {
			return false
		}
	}
	return len(s.Statements) > 0
}

// Outside says whether PostgreSQL refuses the statement in a transaction block: CONCURRENTLY, VACUUM,
// CREATE and DROP DATABASE and TABLESPACE, ALTER SYSTEM (manual, the pages of the statements). REFRESH
// MATERIALIZED VIEW CONCURRENTLY is allowed in one.
func Outside(st *split.Statement) bool {
	if len(st.Tokens) < 2 {
		return len(st.Tokens) == 1 && st.Tokens[0].Is("VACUUM")
	}
	first, second := &st.Tokens[0], &st.Tokens[1]
	switch {
	case first.Is("VACUUM"):
		return true
	case first.Is("ALTER") && second.Is("SYSTEM"):
		return true
	case first.Is("CREATE") || first.Is("DROP"):
		if second.Is("DATABASE") || second.Is("TABLESPACE") {
			return true
		}
		return says(st, "CONCURRENTLY", 5)
	case first.Is("REINDEX"):
		return says(st, "CONCURRENTLY", 9) || says(st, "DATABASE", 9) || says(st, "SYSTEM", 9) || says(st, "SCHEMA", 9)
	case first.Is("ALTER") && second.Is("TABLE"):
		return says(st, "CONCURRENTLY", len(st.Tokens)) && says(st, "DETACH", 9)
	}
	return false
}

// says looks for a keyword among the first tokens.
func says(st *split.Statement, keyword string, among int) bool {
	for i := 0; i < min(among, len(st.Tokens)); i++ {
		if st.Tokens[i].Is(keyword) {
			return true
		}
	}
	return false
}
