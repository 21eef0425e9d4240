// Package sqlddl reads schema changes from SQL text: migrations and dumps of PostgreSQL, MySQL,
// MariaDB and SQLite, and what other products have in common with them.
//
// It is tolerant: a statement that it does not understand is reported as a [Problem] or passed on as
// raw SQL, and the next one is read. It guarantees linear time and no panics on any input, and exact
// line ranges on every operation. It does not run anything and does not check semantics; names stay
// as written.
//
// Of a file with sections for both directions (goose, sql-migrate, dbmate, micrate, Play, MyBatis) only
// the part that applies the change counts. Statements in procedural blocks (DO $$ ... $$, a MySQL
// procedure that the file calls, EXECUTE of a literal) are read and marked conditional.
package sqlddl

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// Problem is a statement that should change the schema and was not understood.
type Problem struct {
	Place schema.Place
	Text  string
}

// ParseDDL reads the schema changes of one file. With schema.Unknown the dialect is detected.
func ParseDDL(path string, src []byte, dialect schema.Dialect) ([]schema.Op, []Problem) {
	r := read(path, src, dialect)
	return r.ops, r.problems
}

// ParseAt reads the schema changes of a part of a file that begins at a line, such as one statement.
func ParseAt(path string, line int, src string, dialect schema.Dialect) ([]schema.Op, []Problem) {
	r := &reader{path: path, src: src, dialect: dialect, procedures: map[string]span{}, temporary: map[string]bool{}}
	r.statements(span{0, len(src), line}, false, 0)
	return r.ops, r.problems
}

func read(path string, src []byte, dialect schema.Dialect) *reader {
	text := string(src)
	if dialect == schema.Unknown {
		dialect = DetectDialect(src)
	}
	r := &reader{path: path, src: text, dialect: dialect, procedures: map[string]span{}, temporary: map[string]bool{}}
	r.statements(span{0, len(text), 1}, false, 0)
	return r
}

// span is a part of the source; line is the line of from.
type span struct{ from, to, line int }

type reader struct {
	path     string
	src      string
	dialect  schema.Dialect
	ops      []schema.Op
	problems []Problem

	down          bool // inside a section that undoes the change
	sections      bool // the file has sections
	noTransaction bool // a marker says so
	markers       string
	explicitBegin bool
	openCopy      bool // a COPY has no end; the text behind it is read as statements

	procedures  map[string]span
	temporary   map[string]bool
	conditional bool // inside a procedural block
}

const (
	maxTokens   = 1 << 18 // of one statement that changes the schema
	lightTokens = 256     // of any other
	maxProblems = 1000
	maxNesting  = 4       // of procedural blocks and quoted statements
	maxRawSQL   = 4 << 10 // bytes of a raw statement that are kept
)

func (r *reader) problem(at schema.Place, format string, args ...any) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, Problem{at, fmt.Sprintf(format, args...)})
	}
}

// statements cuts a part of the source into statements and reads each. In a body, a procedural block,
// only what looks like a schema change counts.
func (r *reader) statements(part span, body bool, depth int) {
	boundary := false
	opt := sqltoken.Options{
		Dialect:     lexical(r.dialect),
		Tolerant:    true,
		Backslashes: r.dialect == schema.ClickHouse,
		Comment: func(comment sqltoken.Token) {
			switch r.marker(comment.Text) {
			case markUp:
				r.down, r.sections, boundary = false, true, true
			case markDown:
				r.down, r.sections, boundary = true, true, true
			case markEdge:
				boundary = true
			}
		},
	}
	lex := sqltoken.New(r.src, part.from, part.to, part.line, opt)
	s := splitter{r: r, lex: lex, body: body, boundary: &boundary}
	for {
		st, ok := s.next()
		if !ok {
			return
		}
		if st.down {
			continue
		}
		r.statement(st, body, depth)
	}
}

// lexical is the dialect whose quotes and comments a product has.
func lexical(d schema.Dialect) sqltoken.Dialect {
	switch d {
	case schema.Postgres:
		return sqltoken.PostgreSQL
	case schema.MySQL:
		return sqltoken.MySQL
	}
	return sqltoken.Generic
}

// statement is one statement's tokens, without its terminator.
type statement struct {
	tokens []sqltoken.Token
	end    int // offset behind the last token, also of those not kept
	last   int // line of the last token
	cut    bool
	down   bool
	values bool // INSERT ... VALUES
}

type splitter struct {
	r        *reader
	lex      *sqltoken.Lexer
	body     bool
	boundary *bool
	pushed   []sqltoken.Token // read ahead, in order
	buffer   []sqltoken.Token
}

func (s *splitter) token() sqltoken.Token {
	if len(s.pushed) > 0 {
		t := s.pushed[0]
		s.pushed = s.pushed[1:]
		return t
	}
	return s.lex.Next()
}

// next collects one statement.
func (s *splitter) next() (statement, bool) {
	st := statement{tokens: s.buffer[:0]}
	*s.boundary = false
	var (
		limit    = maxTokens
		routine  = false // CREATE TRIGGER and the like: semicolons inside BEGIN ... END belong to it
		blocks   = 0
		previous sqltoken.Token
		parens   = 0
	)
	for {
		t := s.token()
		if *s.boundary && len(st.tokens) > 0 {
			s.pushed = append([]sqltoken.Token{t}, s.pushed...)
			break
		}
		*s.boundary = false
		if t.Kind == sqltoken.EOF {
			if len(st.tokens) == 0 {
				return st, false
			}
			break
		}
		if len(st.tokens) == 0 {
			if s.skipsAtStart(&t) {
				continue
			}
			st.down = s.r.down
		}
		if s.lex.Delimiter != "" {
			if t.Text == s.lex.Delimiter && t.Kind == sqltoken.Punct {
				break
			}
		} else if t.Op(";") && blocks == 0 {
			break
		}
		if t.First && t.Is("GO") && len(st.tokens) > 0 && strings.TrimSpace(s.lex.RestOfLine()) == "" {
			break
		}
		// Without a semicolon between them (SQL Server, hurried authors): CREATE TABLE or ALTER TABLE at
		// the start of a line begins a new statement.
		if t.First && parens <= 0 && len(st.tokens) > 1 && !routine && !s.body && s.startsStatement(&t, &st) {
			break
		}
		switch {
		case t.Op("("):
			parens++
		case t.Op(")"):
			parens--
		}
		if routine && t.Kind == sqltoken.Word {
			switch {
			case t.Is("BEGIN"), t.Is("CASE") && !previous.Is("END"):
				blocks++
			case t.Is("END"):
				blocks = max(0, blocks-1)
			case (t.Is("IF") || t.Is("LOOP") || t.Is("WHILE") || t.Is("REPEAT") || t.Is("FOR")) && previous.Is("END"):
				blocks++ // END IF closes no BEGIN
			}
		}
		if len(st.tokens) < limit {
			st.tokens = append(st.tokens, t)
		} else {
			st.cut = true
		}
		switch n := len(st.tokens); {
		case n == 1:
			if !t.Is("CREATE") && !t.Is("ALTER") && !t.Is("DROP") && !s.body {
				limit = lightTokens
			}
		case n <= 6 && !routine && st.tokens[0].Is("CREATE"):
			if t.Is("TRIGGER") || t.Is("FUNCTION") || t.Is("PROCEDURE") || t.Is("EVENT") || t.Is("PACKAGE") {
				routine, limit = !s.body, lightTokens
			}
		}
		if t.Is("VALUES") {
			st.values = true
		}
		st.end, st.last = t.End(), t.EndLine()
		previous = t
	}
	if len(st.tokens) > 0 && st.tokens[0].Is("COPY") && s.copiesFromStdin(&st) {
		s.skipCopyData()
	}
	s.buffer = st.tokens
	return st, true
}

// skipsAtStart handles what may stand between statements: commands of the clients, and templates.
func (s *splitter) skipsAtStart(t *sqltoken.Token) bool {
	switch {
	case t.Op(";"), t.Op(")"), t.Text == s.lex.Delimiter && t.Kind == sqltoken.Punct, t.Kind == sqltoken.Template:
		return true
	case t.Op(`\`): // psql
		s.lex.SkipLine()
		return true
	case t.First && t.Is("DELIMITER"):
		mark := strings.TrimSpace(s.lex.RestOfLine())
		s.lex.SkipLine()
		if mark == ";" || mark == "" {
			mark = ""
		}
		s.lex.Delimiter = mark
		return true
	case t.First && t.Is("GO") && strings.TrimSpace(s.lex.RestOfLine()) == "":
		return true
	}
	return false
}

func (s *splitter) startsStatement(t *sqltoken.Token, st *statement) bool {
	create, alter := t.Is("CREATE"), t.Is("ALTER")
	if !create && !alter || st.tokens[len(st.tokens)-1].Op(",") {
		return false
	}
	n := s.token()
	if n.Is("TABLE") || create && (n.Is("INDEX") || n.Is("UNIQUE")) {
		s.pushed = append(s.pushed, *t, n)
		return true
	}
	s.pushed = append(s.pushed, n)
	return false
}

func (s *splitter) copiesFromStdin(st *statement) bool {
	for i := 1; i+1 < len(st.tokens); i++ {
		if st.tokens[i].Is("FROM") && st.tokens[i+1].Is("STDIN") {
			return true
		}
	}
	return false
}

// skipCopyData skips the rows behind COPY ... FROM stdin, up to the line "\.".
func (s *splitter) skipCopyData() {
	s.pushed = nil
	s.lex.SkipLine()
	rest := s.r.src[s.lex.Pos():]
	if strings.HasPrefix(rest, `\.`) {
		s.lex.SkipLine()
		return
	}
	if s.r.openCopy {
		return
	}
	if i := strings.Index(rest, "\n\\."); i >= 0 {
		s.lex.SkipTo(s.lex.Pos() + i + 1)
		s.lex.SkipLine()
	} else {
		s.r.openCopy = true // nor does any later one end: do not search again
	}
}

// place is the range of lines of a run of tokens.
func (r *reader) place(tokens []sqltoken.Token) schema.Place {
	if len(tokens) == 0 {
		return schema.Place{Path: r.path, Line: 1, EndLine: 1}
	}
	return schema.Place{Path: r.path, Line: tokens[0].Line, EndLine: tokens[len(tokens)-1].EndLine()}
}

func (r *reader) add(op schema.Op) {
	if op.Table != "" && r.temporary[schema.Key(op.Table)] {
		return
	}
	if r.conditional {
		op.Conditional = true
	}
	r.ops = append(r.ops, op)
}

// Down-section markers of migration tools.
type mark uint8

const (
	markNone mark = iota
	markUp
	markDown
	markEdge // a statement ends here at the latest
)

// marker reads a comment as a migration tool does.
func (r *reader) marker(comment string) mark {
	if len(comment) > 256 || strings.HasPrefix(comment, "/*") {
		return markNone
	}
	text := strings.ToLower(strings.TrimLeft(comment, "-#/ \t"))
	switch {
	case strings.HasPrefix(text, "+goose"), strings.HasPrefix(text, "+migrate"), strings.HasPrefix(text, "+micrate"), strings.HasPrefix(text, "+duckup"):
		words := strings.Fields(text)
		if len(words) < 2 {
			return markNone
		}
		r.markers = words[0][1:]
		rest := strings.Join(words[1:], " ")
		switch {
		case strings.HasPrefix(rest, "no transaction"), strings.Contains(rest, "notransaction"):
			r.noTransaction = true
		}
		switch words[1] {
		case "up":
			return markUp
		case "down":
			return markDown
		case "statementbegin", "statementend":
			return markEdge
		}
	case strings.HasPrefix(text, "migrate:"), strings.HasPrefix(text, "rambler "), strings.HasPrefix(text, "migration:"):
		if strings.HasPrefix(text, "migrate:") {
			r.markers = "dbmate"
		}
		text = strings.TrimLeft(text[strings.IndexAny(text, ": ")+1:], " ")
		if strings.HasPrefix(text, "up") {
			if strings.Contains(text, "transaction:false") {
				r.noTransaction = true
			}
			return markUp
		}
		if strings.HasPrefix(text, "down") {
			return markDown
		}
	case strings.HasPrefix(text, "!ups"):
		return markUp
	case strings.HasPrefix(text, "!downs"), strings.HasPrefix(text, "@undo"), strings.HasPrefix(text, "+rollback"):
		return markDown
	case strings.HasPrefix(text, "atlas:txmode none"):
		r.noTransaction = true
	}
	return markNone
}
