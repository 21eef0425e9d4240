package sqltoken

import "strings"

// space skips white space and comments and says whether a token follows. It stops at a comment without
// an end.
func (l *Lexer) space() bool {
	for l.pos < l.end {
		if l.atDelimiter() {
			return true
		}
		switch c := l.src[l.pos]; {
		case c == '\n':
			l.pos++
			l.line++
			l.counted, l.column = l.pos, 1
			l.first = true
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v' || c == 0:
			l.pos++
		case c == '-' && l.peek(1) == '-' && (!l.rules.spacedDashes || l.peek(2) <= ' '):
			l.lineComment()
		case c == '/' && l.peek(1) == '*':
			if !l.blockComment() {
				return false
			}
		case c == '#' && l.hashComment(), c == '/' && l.peek(1) == '/' && l.first && l.rules.slashes:
			l.lineComment()
		case c == '*' && l.peek(1) == '/' && l.versioned > 0:
			l.versioned--
			l.pos += 2
		case c == 0xEF && l.rules.blanks && l.peek(1) == 0xBB && l.peek(2) == 0xBF: // byte order mark
			l.pos += 3
			continue
		case c == 0xC2 && l.rules.blanks && l.peek(1) == 0xA0: // no-break space
			l.pos += 2
		default:
			return true
		}
		l.spaced = true
	}
	return false
}

func (l *Lexer) hashComment() bool {
	switch l.rules.hash {
	case hashAnywhere:
		return !l.rules.tolerant || l.peek(1) != '{'
	case hashLineStart:
		return l.first && l.peek(1) != '>' && l.peek(1) != '-' && l.peek(1) != '{'
	}
	return false
}

func (l *Lexer) tell(length int) {
	if l.comment == nil {
		return
	}
	text := l.src[l.pos : l.pos+length]
	if text[0] != '/' || text[1] != '*' {
		text = strings.TrimRight(text, "\r")
	}
	l.comment(Token{Kind: Comment, Text: text, Start: l.pos, Line: l.line, Column: l.columnOf(l.pos), Spaced: l.spaced, First: l.first})
}

func (l *Lexer) lineComment() {
	n := len(l.RestOfLine())
	l.tell(n)
	l.pos += n
}

// blockComment skips /* ... */, or the opening mark of MySQL's /*! ... */, whose content is code; the
// digits behind the mark are the least version. It says whether the comment has an end.
func (l *Lexer) blockComment() bool {
	rest := l.src[l.pos:l.end]
	if l.rules.code && (strings.HasPrefix(rest, "/*!") || strings.HasPrefix(rest, "/*M!")) {
		l.pos += strings.IndexByte(rest, '!') + 1
		for isDigit(l.peek(0)) {
			l.pos++
		}
		l.versioned++
		return true
	}
	n := -1
	if l.rules.comments != nestNever && !l.unnested {
		n = nestedComment(rest)
		l.unnested = n < 0
	}
	if n < 0 && l.rules.comments != nestAlways {
		if i := strings.Index(rest[2:], "*/"); i >= 0 {
			n = i + 4
		}
	}
	if n < 0 && l.rules.tolerant {
		n = len(rest)
	}
	if n < 0 {
		l.missing, l.missingKind = "*/", Comment
		return false
	}
	l.tell(n)
	was := l.line
	l.advance(l.pos + n)
	l.first = l.first || l.line > was
	return true
}

// nestedComment is the length of the comment at the start of text, or -1.
func nestedComment(text string) int {
	depth := 0
	for i := 0; i+1 < len(text); i++ {
		switch {
		case text[i] == '/' && text[i+1] == '*':
			depth++
			i++
		case text[i] == '*' && text[i+1] == '/':
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
