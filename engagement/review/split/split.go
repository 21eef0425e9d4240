// Package split cuts a SQL script into its statements, as the client that would run it does. The tokens
// are those of [sqltoken].
//
// It knows the rules of PostgreSQL (dollar quotes, nested comments, E” strings and
// standard_conforming_strings, SQL bodies of functions, psql's commands, the rows behind COPY ... FROM
// stdin) and of MySQL and MariaDB (backslash escapes, DELIMITER, # comments, the code in /*! ... */).
// Every statement keeps its tokens, its byte range and the line and column of both ends.
//
// It guarantees linear time, no panics and exact places on any input. A quote or a comment without an
// end is an [Error] at the place where it begins; what stands before it is still returned. What a
// client treats apart from SQL (a command of psql, rows, a byte order mark) is skipped and said in
// [Script.Notices]. It does not parse and does not expand variables or templates.
package split

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// Position is a place in a script. Offset counts bytes from 0; Line and Column count from 1, columns in
// characters.
type Position struct {
	Offset int
	Line   int
	Column int
}

// Statement is one statement, from its first token to its last; the terminator and comments around it
// are not part of it.
type Statement struct {
	Text  string
	Start Position
	End   Position // behind the last byte
	// Tokens are those of Text; at most [MaxTokens], and Truncated says whether any are missing.
	Tokens    []sqltoken.Token
	Truncated bool
	// Rows is the number of data lines behind a COPY ... FROM stdin.
	Rows int
}

// MaxTokens is how many tokens of one statement are kept. A bulk INSERT has more; its shape is in the
// first few.
const MaxTokens = 20000

// Comment is one comment, marks included.
type Comment struct {
	Text    string
	Start   Position
	EndLine int
	// First: nothing but white space stands before it on its line.
	First bool
}

// Kind is what a notice is about.
type Kind string

// Kinds of notices.
const (
	ByteOrderMark Kind = "byte order mark"
	PsqlCommand   Kind = "psql command"
	CopyData      Kind = "copy data"
	ClientCommand Kind = "client command" // of mysql
	NotUTF8       Kind = "encoding"
	Template      Kind = "template"
	Empty         Kind = "empty"
)

// Notice is a part of a script that is not SQL, and what was done about it.
type Notice struct {
	Kind Kind
	At   Position
	Text string // one sentence
}

// Script is a file cut into statements.
type Script struct {
	Path       string
	Dialect    schema.Dialect
	Statements []Statement
	Comments   []Comment
	Notices    []Notice
}

// Fault is why a script cannot be cut.
type Fault string

// Faults. Unclosed is a quote or a comment without an end, OpenData the rows of COPY without theirs, UTF16 a file in
// that encoding, Binary one with zero bytes.
const (
	Unclosed Fault = "unclosed"
	OpenData Fault = "data without an end"
	UTF16    Fault = "UTF-16"
	Binary   Fault = "binary"
)

// Error is a script that cannot be cut: a quote, a comment or rows of COPY that have no end, or text that is not
// UTF-8 at all.
type Error struct {
	Path  string
	Fault Fault
	At    Position
	Text  string // what is wrong and what to do, without the place
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.Path, e.At.Line, e.At.Column, e.Text)
}

// Options say how a script is to be read.
type Options struct {
	// Dialect is schema.Postgres or schema.MySQL; anything else is read as PostgreSQL.
	Dialect schema.Dialect
	// BackslashQuotes: standard_conforming_strings is off where the script begins.
	BackslashQuotes bool
}

// Split cuts a script. The error is an [*Error]; the script returned with it holds all statements that
// end before the place of the error.
func Split(path string, src []byte, opt Options) (*Script, error) {
	s := &Script{Path: path, Dialect: opt.Dialect}
	start := Position{Line: 1, Column: 1}
	if bytes.HasPrefix(src, []byte{0xFF, 0xFE}) || bytes.HasPrefix(src, []byte{0xFE, 0xFF}) {
		return s, &Error{path, UTF16, start, "the file is UTF-16 text; databases read UTF-8: save it as UTF-8 without a byte order mark"}
	}
	text, from := string(src), 0
	if strings.HasPrefix(text, "\uFEFF") {
		from = len("\uFEFF")
		s.Notices = append(s.Notices, Notice{ByteOrderMark, start,
			"The file begins with a byte order mark. psql skips it; tools that send the file as it is get a syntax error from PostgreSQL at the first statement: save it without."})
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		at := locate(text, i)
		return s, &Error{path, Binary, at, "a zero byte stands here, which no database accepts in SQL text; the file is binary, or UTF-16 without a byte order mark"}
	}
	if !utf8.ValidString(text) {
		s.Notices = append(s.Notices, Notice{NotUTF8, locate(text, invalidAt(text)), "This is not UTF-8. A server refuses it unless client_encoding says what it is; save the file as UTF-8."})
	}
	err := newCutter(s, text, from, opt).run()
	if err == nil && len(s.Statements) == 0 {
		what := "The file is empty: there is no statement in it."
		if strings.TrimSpace(strings.TrimPrefix(text, "\uFEFF")) != "" {
			what = "There is no statement in the file, only comments or commands of the client."
		}
		s.Notices = append(s.Notices, Notice{Empty, start, what})
	}
	if err != nil {
		return s, err
	}
	return s, nil
}

// locate is the position of an offset, found from the start of the text.
func locate(text string, offset int) Position {
	before := text[:offset]
	line := strings.Count(before, "\n")
	column := utf8.RuneCountInString(strings.TrimPrefix(before[strings.LastIndexByte(before, '\n')+1:], "\uFEFF"))
	return Position{Offset: offset, Line: line + 1, Column: column + 1}
}

func invalidAt(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return i
			}
		}
	}
	return 0
}

// cutter collects tokens into statements.
type cutter struct {
	script    *Script
	src       string
	lex       *sqltoken.Lexer
	mysql     bool
	st        Statement
	begun     bool
	count     int // tokens of the statement
	parens    int
	rule      bool // CREATE RULE: semicolons in its parentheses belong to it
	routine   bool // CREATE FUNCTION and the like: semicolons between BEGIN and END belong to it
	blocks    int
	previous  sqltoken.Token
	templates map[string]bool
}

func newCutter(s *Script, text string, from int, opt Options) *cutter {
	c := &cutter{script: s, src: text, mysql: opt.Dialect == schema.MySQL, templates: map[string]bool{}}
	rules := sqltoken.Options{Dialect: sqltoken.PostgreSQL, Backslashes: opt.BackslashQuotes, Columns: true, Comment: func(t sqltoken.Token) {
		s.Comments = append(s.Comments, Comment{Text: t.Text, Start: position(&t), EndLine: t.EndLine(), First: t.First})
	}}
	if c.mysql {
		rules.Dialect = sqltoken.MySQL
	}
	c.lex = sqltoken.New(text, from, len(text), 1, rules)
	return c
}

func position(t *sqltoken.Token) Position { return Position{t.Start, t.Line, t.Column} }

// behind is the place behind a token.
func behind(t *sqltoken.Token) Position {
	at := Position{Offset: t.End(), Line: t.EndLine(), Column: t.Column}
	last := t.Text
	if i := strings.LastIndexByte(last, '\n'); i >= 0 {
		last, at.Column = last[i+1:], 1
	}
	at.Column += utf8.RuneCountInString(last)
	return at
}

// unclosed is the error of a quote or a comment without an end.
func (c *cutter) unclosed(t *sqltoken.Token) error {
	closing, kind := c.lex.Missing()
	text := "this string has no end; a closing " + closing + " is missing"
	switch {
	case kind == sqltoken.Comment:
		text = "this comment has no end; close it with " + closing
	case kind == sqltoken.Quoted:
		text = "this quoted name has no end; a closing " + closing + " is missing"
	case closing[0] == '$':
		text = "this dollar quote has no end; a closing " + closing + " is missing"
	}
	return &Error{c.script.Path, Unclosed, position(t), text}
}

func (c *cutter) run() error {
	for {
		t := c.lex.Next()
		switch t.Kind {
		case sqltoken.EOF:
			c.finish()
			return nil
		case sqltoken.Unclosed:
			return c.unclosed(&t)
		}
		if !c.begun && c.startOnly(&t) {
			continue
		}
		if !c.mysql && t.Op(`\`) {
			c.psql(&t)
			continue
		}
		if c.ends(&t) {
			copies := c.begun && c.copies()
			c.finish()
			if copies {
				if err := c.copyData(); err != nil {
					return err
				}
			}
			continue
		}
		c.take(&t)
	}
}

// startOnly handles what is special only between statements: lone terminators, and the commands of
// mysql's client.
func (c *cutter) startOnly(t *sqltoken.Token) bool {
	if t.Kind == sqltoken.Punct && (t.Text == ";" || t.Text == c.lex.Delimiter && t.Text != "") {
		return true
	}
	if !c.mysql || !t.First {
		return false
	}
	switch {
	case t.Is("DELIMITER"):
		mark := strings.TrimSpace(c.lex.RestOfLine())
		c.lex.SkipLine()
		if mark == ";" {
			mark = ""
		}
		c.lex.Delimiter = mark
		return true
	case t.Is("SOURCE") && strings.TrimSpace(c.lex.RestOfLine()) != "", t.Op(`\`):
		c.notice(ClientCommand, position(t), "%s is a command of the mysql client and not SQL; it was skipped, and what it brings in was not looked at.",
			clip(strings.TrimSpace(t.Text+c.lex.RestOfLine())))
		c.lex.SkipLine()
		return true
	}
	return false
}

func (c *cutter) notice(kind Kind, at Position, format string, args ...any) {
	const enough = 100
	if len(c.script.Notices) < enough {
		c.script.Notices = append(c.script.Notices, Notice{kind, at, fmt.Sprintf(format, args...)})
	}
}

func clip(s string) string {
	const longest = 60
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "..."
	}
	return s
}

// ends says whether the token ends the statement at hand.
func (c *cutter) ends(t *sqltoken.Token) bool {
	if t.Kind != sqltoken.Punct {
		return false
	}
	if c.lex.Delimiter != "" {
		return t.Text == c.lex.Delimiter
	}
	return t.Text == ";" && c.blocks == 0 && (!c.rule || c.parens <= 0)
}

// take adds a token to the statement.
func (c *cutter) take(t *sqltoken.Token) {
	if !c.begun {
		c.st = Statement{Start: position(t)}
		c.begun, c.count, c.parens, c.rule, c.routine, c.blocks, c.previous = true, 0, 0, false, false, 0, sqltoken.Token{}
	}
	c.count++
	if len(c.st.Tokens) < MaxTokens {
		c.st.Tokens = append(c.st.Tokens, *t)
	} else {
		c.st.Truncated = true
	}
	c.head(t)
	switch {
	case t.Op("("):
		c.parens++
	case t.Op(")"):
		c.parens--
	}
	if c.routine && t.Kind == sqltoken.Word {
		c.nest(t)
	}
	if t.Kind == sqltoken.Template && !c.templates[t.Text] {
		c.templates[t.Text] = true
		c.notice(Template, position(t), "%s is filled in by the tool when it runs the file; it was taken for a name.", clip(t.Text))
	}
	c.previous = *t
}

// head looks at the first words of a statement for the two forms that hold semicolons.
func (c *cutter) head(t *sqltoken.Token) {
	const wordsLookedAt = 8
	if c.count > wordsLookedAt || !c.st.Tokens[0].Is("CREATE") || c.routine || c.rule {
		return
	}
	switch {
	case t.Is("FUNCTION"), t.Is("PROCEDURE"):
		c.routine = true
	case c.mysql && (t.Is("TRIGGER") || t.Is("EVENT")):
		c.routine = true
	case !c.mysql && t.Is("RULE"):
		c.rule = true
	}
}

// nest counts the blocks of a routine's body. PostgreSQL's SQL bodies are BEGIN ATOMIC ... END and hold
// CASE ... END; MySQL's hold IF, LOOP, WHILE and REPEAT as well, whose ends say their name.
func (c *cutter) nest(t *sqltoken.Token) {
	p := &c.previous
	switch {
	case t.Is("BEGIN"):
		c.blocks++
	case t.Is("CASE") && c.blocks > 0 && !p.Is("END"):
		c.blocks++
	case t.Is("END"):
		c.blocks = max(0, c.blocks-1)
	case c.mysql && p.Is("END") && (t.Is("IF") || t.Is("LOOP") || t.Is("WHILE") || t.Is("REPEAT")):
		c.blocks++ // END IF closes no BEGIN
	}
}

// finish adds the statement at hand to the script.
func (c *cutter) finish() {
	if !c.begun {
		return
	}
	c.st.End = behind(&c.previous)
	c.st.Text = c.src[c.st.Start.Offset:c.st.End.Offset]
	c.script.Statements = append(c.script.Statements, c.st)
	c.begun, c.blocks = false, 0
	c.heedStrings()
}

// heedStrings follows SET standard_conforming_strings, which changes how what comes behind it is read.
func (c *cutter) heedStrings() {
	if c.mysql || len(c.st.Tokens) < 4 || !c.st.Tokens[0].Is("SET") {
		return
	}
	toks := c.st.Tokens[1:]
	for len(toks) > 0 && (toks[0].Is("SESSION") || toks[0].Is("LOCAL")) {
		toks = toks[1:]
	}
	if len(toks) < 3 || !toks[0].Is("standard_conforming_strings") {
		return
	}
	switch strings.ToLower(toks[2].Value()) {
	case "off", "false", "no", "0":
		c.lex.Backslashes = true
	case "on", "true", "yes", "1", "default":
		c.lex.Backslashes = false
	}
}

// copies says whether the statement at hand is a COPY ... FROM stdin.
func (c *cutter) copies() bool {
	toks := c.st.Tokens
	if c.mysql || !toks[0].Is("COPY") {
		return false
	}
	for i := 1; i+1 < len(toks); i++ {
		if toks[i].Is("FROM") && toks[i+1].Is("STDIN") {
			return true
		}
	}
	return false
}

// copyData skips the rows behind COPY ... FROM stdin up to the line "\.". Without it psql takes all that follows
// for rows, so that nothing else of the file was read.
func (c *cutter) copyData() error {
	c.lex.SkipLine()
	at := Position{c.lex.Pos(), c.lex.Line(), c.lex.Column()}
	rows := 0
	for c.lex.Pos() < len(c.src) {
		line := strings.TrimSuffix(c.lex.RestOfLine(), "\r")
		c.lex.SkipLine()
		if line == `\.` {
			c.script.Statements[len(c.script.Statements)-1].Rows = rows
			c.notice(CopyData, at, "%s of data behind COPY ... FROM stdin %s skipped: only psql and pg_restore can run this, a driver cannot.", counted(rows, "line", "lines"), one(rows, "was", "were"))
			return nil
		}
		rows++
	}
	c.script.Statements[len(c.script.Statements)-1].Rows = rows
	if rows == 0 {
		c.notice(CopyData, at, "No data stand behind COPY ... FROM stdin.")
		return nil
	}
	return &Error{c.script.Path, OpenData, at, `the data behind COPY ... FROM stdin have no end mark \. on a line of its own: all that follows (` + counted(rows, "line", "lines") + `) is taken for data`}
}

func counted(n int, singular, plural string) string {
	return fmt.Sprintf("%d %s", n, one(n, singular, plural))
}

func one(n int, singular, plural string) string {
	if n == 1 {
		return singular
	}
	return plural
}

// sends are the commands of psql that send the statement before them.
var sends = map[string]bool{"g": true, "gx": true, "gexec": true, "gset": true, "gdesc": true, "crosstabview": true, "watch": true, "bind": true}

// psql reads a command of psql, which ends with its line or with a backslash pair.
func (c *cutter) psql(t *sqltoken.Token) {
	rest := c.lex.RestOfLine()
	name := rest
	if i := strings.IndexFunc(rest, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == ';' || r == '\\' }); i >= 0 {
		name = rest[:i]
	}
	if c.begun && sends[name] {
		c.finish()
	}
	c.notice(PsqlCommand, position(t), `%s is a command of psql and not SQL; it was skipped. %s`, clip(strings.TrimSpace(`\`+rest)), meant(name))
	c.lex.SkipLine()
}

// meant says what follows for the review from one of psql's commands.
func meant(name string) string {
	switch name {
	case "i", "ir", "include", "include_relative":
		return "The file that it includes was not read: review that file too."
	case "gexec":
		return "The statements that the query before it writes are run and cannot be seen here."
	case "c", "connect":
		return "What follows it runs in another database or as another user, and was reviewed as if it did not."
	case "copy":
		return "The rows that it copies are not looked at."
	case "if", "elif", "else", "endif":
		return "All branches were read as if each ran."
	}
	return "A migration tool that sends the file to the server fails at it."
}
