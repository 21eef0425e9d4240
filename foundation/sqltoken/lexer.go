package sqltoken

import (
	"strings"
	"unicode/utf8"
)

// Dialect is the product whose rules a text follows.
type Dialect uint8

// Dialects.
const (
	Generic    Dialect = iota // SQLite, and what other products have in common with it
	PostgreSQL                // and what speaks its language
	MySQL                     // and MariaDB
)

// Options say how a text is to be read.
type Options struct {
	Dialect Dialect
	// Tolerant: the dialect is a guess and the text may be anything. The package's table says what
	// follows.
	Tolerant bool
	// Query: the text is a query inside a program: ?, :name, %s, {} are values put in at run time, and #
	// begins no comment. It is for tolerant readings.
	Query bool
	// Backslashes: a backslash escapes in plain strings where the text begins (ClickHouse; PostgreSQL
	// with standard_conforming_strings off). Always so in MySQL.
	Backslashes bool
	// Columns: columns are counted. Without it they are 0.
	Columns bool
	// Comment, when set, is told of each comment. The text of one that ends with its line has no
	// carriage return.
	Comment func(Token)
}

// Lexer reads one text. It is for one goroutine at a time.
type Lexer struct {
	// Delimiter, when set, is a token of its own wherever it stands (the DELIMITER of MySQL's client).
	Delimiter string
	// Backslashes may be changed between tokens, as SET standard_conforming_strings does.
	Backslashes bool

	src     string
	pos     int
	end     int
	rules   rules
	comment func(Token)

	line    int
	columns bool
	counted int // columns are counted up to this offset, which is no further than pos
	column  int // of counted

	versioned int // depth of /*! ... */, whose content is code
	spaced    bool
	first     bool
	last      Kind
	lastText  string

	missing     string // the closing mark of the Unclosed token
	missingKind Kind

	// Linear time: each of these scans to the end of the text when its closing mark is missing, so that
	// a tolerant reading gives it up after a few failures.
	unnested   bool
	unclosed   [quoteKinds]uint8
	badDollars uint8
	noClosing  [templateKinds]int // offset before which a template's closing mark stands nowhere
}

const maxUnclosed = 8

// New reads src[from:to]; line is the line of from, and its column is 1.
func New(src string, from, to, line int, opt Options) *Lexer {
	return &Lexer{src: src, pos: from, end: to, rules: rulesOf(opt), Backslashes: opt.Backslashes || opt.Dialect == MySQL, comment: opt.Comment,
		line: line, columns: opt.Columns, counted: from, column: 1, first: true}
}

// Pos is the offset of the next unread byte.
func (l *Lexer) Pos() int { return l.pos }

// Line is the line of the next unread byte.
func (l *Lexer) Line() int { return l.line }

// Column is the column of the next unread byte, in characters from 1; 0 without [Options.Columns].
func (l *Lexer) Column() int { return l.columnOf(l.pos) }

// Missing says which mark would have closed the Unclosed token that was read last, and of which kind the
// token would have been: [String], [Quoted], [Param] (psql's :'name') or [Comment].
func (l *Lexer) Missing() (closing string, kind Kind) { return l.missing, l.missingKind }

// SkipTo moves on to an offset.
func (l *Lexer) SkipTo(pos int) {
	pos = min(pos, l.end)
	if pos > l.pos {
		l.advance(pos)
		l.first = l.src[pos-1] == '\n'
	}
}

// RestOfLine is the unread part of the line at hand, without its end.
func (l *Lexer) RestOfLine() string {
	if i := strings.IndexByte(l.src[l.pos:l.end], '\n'); i >= 0 {
		return l.src[l.pos : l.pos+i]
	}
	return l.src[l.pos:l.end]
}

// SkipLine moves to the start of the next line.
func (l *Lexer) SkipLine() { l.SkipTo(l.pos + len(l.RestOfLine()) + 1) }

// Next returns the next token, EOF at the end.
func (l *Lexer) Next() Token {
	var t Token
	if l.space() {
		start := l.pos
		t = Token{Start: start, Line: l.line, Column: l.columnOf(start)}
		t.Kind = l.scan()
		l.pos = max(l.pos, start+1) // every token makes progress
		t.Text = l.src[start:l.pos]
		if t.Kind != Word && t.Kind != Punct && t.Kind != Number {
			l.newlines(start)
		}
	} else if l.pos == l.end {
		t = Token{Start: l.end, Line: l.line, Column: l.columnOf(l.end)}
	} else { // a comment without an end
		t = Token{Kind: Unclosed, Text: l.src[l.pos:l.end], Start: l.pos, Line: l.line, Column: l.columnOf(l.pos)}
		l.advance(l.end)
	}
	t.Spaced, t.First = l.spaced, l.first
	l.first, l.spaced = false, false
	l.last, l.lastText = t.Kind, t.Text
	return t
}

// columnOf counts the characters up to an offset of the line at hand. Offsets only grow, so that each
// byte is counted once.
func (l *Lexer) columnOf(pos int) int {
	if !l.columns {
		return 0
	}
	l.column += utf8.RuneCountInString(l.src[l.counted:pos])
	l.counted = pos
	return l.column
}

// advance moves to an offset over text that may hold line ends.
func (l *Lexer) advance(pos int) {
	from := l.pos
	l.pos = pos
	l.newlines(from)
}

// newlines counts the line ends between an offset and pos.
func (l *Lexer) newlines(from int) {
	part := l.src[from:l.pos]
	if i := strings.LastIndexByte(part, '\n'); i >= 0 {
		l.line += 1 + strings.Count(part[:i], "\n")
		l.counted, l.column = from+i+1, 1
	}
}

func (l *Lexer) atDelimiter() bool {
	return l.Delimiter != "" && strings.HasPrefix(l.src[l.pos:l.end], l.Delimiter)
}

func (l *Lexer) peek(ahead int) byte {
	if l.pos+ahead < l.end {
		return l.src[l.pos+ahead]
	}
	return 0
}

// near is the unread part of the line at hand, at most n bytes of it.
func (l *Lexer) near(n int) string {
	end := min(l.end, l.pos+n)
	if i := strings.IndexByte(l.src[l.pos:end], '\n'); i >= 0 {
		end = l.pos + i
	}
	return l.src[l.pos:end]
}

// give ends the text with what has no closing mark.
func (l *Lexer) give(closing string, kind Kind) Kind {
	l.pos = l.end
	l.missing, l.missingKind = closing, kind
	return Unclosed
}
