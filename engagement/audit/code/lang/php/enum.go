//go:build cgo

package php

import (
	"bytes"
	"context"
	"regexp"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
)

var (
	enumHead     = regexp.MustCompile(`\benum\s+\w+[^{;()]*\{`)
	enumConstant = regexp.MustCompile(`(?:\b(?:final|public|protected|private)\s+)*\bconst\s+(?:\??[\w\\|]+\s+)?\w+\s*=`)
)

// parse parses a file. The grammar knows no constants in enums, and loses the rest of an enum that
// has one: there they are read as cases, which are lowered alike. The value of a case can only be a
// literal, so other values of such constants are lost.
func parse(ctx context.Context, src []byte) (*treesitter.Tree, []byte, error) {
	tree, err := language().Parse(ctx, src)
	if err != nil {
		return nil, nil, err
	}
	count, _ := tree.Errors()
	if count == 0 {
		return tree, src, nil
	}
	rewritten := constantsAsCases(src)
	if rewritten == nil {
		return tree, src, nil
	}
	again, err := language().Parse(ctx, rewritten)
	if err != nil {
		return nil, nil, err
	}
	if fewer, _ := again.Errors(); fewer < count {
		return again, rewritten, nil
	}
	return tree, src, nil
}

// constantsAsCases returns a copy of src, of the same length, in which "const X =" behind the head of
// an enum is "case X =", or nil when there is none. Behind the enum it stops at the next class.
func constantsAsCases(src []byte) []byte {
	var out []byte
	for from := 0; ; {
		head := enumHead.FindIndex(src[from:])
		if head == nil {
			return out
		}
		begin := from + head[1]
		end := len(src)
		if next := nextClass.FindIndex(src[begin:]); next != nil {
			end = begin + next[0]
		}
		done := 0 // what lies before was rewritten with a value
		for _, m := range enumConstant.FindAllIndex(src[begin:end], -1) {
			line := src[begin+bytes.LastIndexByte(src[begin:begin+m[0]], '\n')+1 : begin+m[0]]
			if m[0] < done || bytes.ContainsAny(line, "/#*") { // in a comment
				continue
			}
			if out == nil {
				out = bytes.Clone(src)
			}
			constant := out[begin+m[0] : begin+m[1]]
			name := bytes.TrimRight(constant[:len(constant)-1], " \t\r\n")
			start := len(name)
			for start > 0 && isIdentifier(name[start-1]) {
				start--
			}
			for i := range constant[:start] {
				if constant[i] != '\n' {
					constant[i] = ' '
				}
			}
			copy(constant[start-len("case "):], "case ")
			if value := out[begin+m[1]-1 : end]; !enumLiteral.Match(value) {
				done = m[1] + blankValue(value)
			}
		}
		from = end
	}
}

var enumLiteral = regexp.MustCompile(`^=\s*(?:-?\d+|'[^'\\]*'|"[^"\\$]*")\s*;`)

// blankValue overwrites "= expression" up to its semicolon and returns its length.
func blankValue(s []byte) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ';':
			return i
		case '\n':
			continue
		case '"', '\'':
			for s[i] = ' '; i+1 < len(s) && s[i+1] != c; i++ {
				if s[i+1] == '\\' && i+2 < len(s) {
					s[i+1] = ' '
					i++
				}
				if s[i+1] != '\n' {
					s[i+1] = ' '
				}
			}
			if i+1 < len(s) {
				i++
			}
		}
		s[i] = ' '
	}
	return len(s)
}

var nextClass = regexp.MustCompile(`(?m)^\s*(?:(?:final|abstract|readonly)\s+)*(?:class|interface|trait|enum)\s+\w+`)

func isIdentifier(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}
