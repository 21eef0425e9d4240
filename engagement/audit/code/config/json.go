package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

func (d *Document) parseJSON(src string) error {
	n, err := decodeJSON(src)
	if err != nil {
		return err
	}
	d.yaml = []*Node{n}
	d.compose = composeOf(d.yaml)
	d.kube = kubeObjectsOf(d.yaml)
	d.settings = settingsOfNodes(d.yaml)
	return nil
}

// decodeJSON reads one JSON value with lines. It accepts comments and trailing commas, as the
// configuration files of editors and compilers do.
func decodeJSON(src string) (*Node, error) {
	p := &jsonParser{src: src, line: 1}
	p.space()
	n, err := p.value(0)
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", p.line, err)
	}
	p.space()
	if p.at < len(src) {
		return nil, fmt.Errorf("line %d: text after the JSON value", p.line)
	}
	return n, nil
}

type jsonParser struct {
	src  string
	at   int
	line int
	made int
}

func (p *jsonParser) space() {
	for p.at < len(p.src) {
		switch c := p.src[p.at]; {
		case c == '\n':
			p.line++
			p.at++
		case c == ' ' || c == '\t' || c == '\r':
			p.at++
		case strings.HasPrefix(p.src[p.at:], "//"):
			for p.at < len(p.src) && p.src[p.at] != '\n' {
				p.at++
			}
		case strings.HasPrefix(p.src[p.at:], "/*"):
			end := strings.Index(p.src[p.at+2:], "*/")
			if end < 0 {
				p.at = len(p.src)
				return
			}
			p.line += strings.Count(p.src[p.at:p.at+end+4], "\n")
			p.at += end + 4
		default:
			return
		}
	}
}

func (p *jsonParser) value(depth int) (*Node, error) {
	if depth > MaxDepth {
		return nil, ErrTooDeep
	}
	if p.made++; p.made > maxNodes {
		return nil, ErrTooLarge
	}
	if p.at >= len(p.src) {
		return nil, errors.New("the JSON value ends early")
	}
	n := &Node{Span: Span{p.line, p.line}}
	switch c := p.src[p.at]; c {
	case '{', '[':
		return n, p.container(n, c, depth)
	case '"':
		s, err := p.text()
		n.Kind, n.Value, n.Quoted = Scalar, s, true
		return n, err
	}
	start := p.at
	for p.at < len(p.src) && !strings.ContainsRune(" \t\r\n,]}:/\"[{", rune(p.src[p.at])) {
		p.at++
	}
	word := p.src[start:p.at]
	switch word {
	case "":
		return nil, fmt.Errorf("unexpected %q", p.src[p.at])
	case "null":
	default:
		if _, err := strconv.ParseFloat(word, 64); err != nil && word != "true" && word != "false" {
			return nil, errors.New("a word that is not JSON")
		}
		n.Kind, n.Value = Scalar, word
	}
	return n, nil
}

func (p *jsonParser) container(n *Node, open byte, depth int) error {
	shut := byte(']')
	n.Kind = Sequence
	if open == '{' {
		shut, n.Kind = '}', Mapping
	}
	p.at++
	for {
		p.space()
		if p.at >= len(p.src) {
			return errors.New("a bracket is not closed")
		}
		if p.src[p.at] == shut {
			p.at++
			n.Span.End = p.line
			return nil
		}
		if open == '{' {
			if err := p.field(n, depth); err != nil {
				return err
			}
		} else {
			v, err := p.value(depth + 1)
			if err != nil {
				return err
			}
			n.Items = append(n.Items, v)
		}
		p.space()
		if p.at < len(p.src) && p.src[p.at] == ',' {
			p.at++
		} else if p.at < len(p.src) && p.src[p.at] != shut {
			return errors.New("a comma is missing")
		}
	}
}

func (p *jsonParser) field(n *Node, depth int) error {
	if p.src[p.at] != '"' {
		return errors.New("a key must be a string")
	}
	line := p.line
	key, err := p.text()
	if err != nil {
		return err
	}
	p.space()
	if p.at >= len(p.src) || p.src[p.at] != ':' {
		return errors.New("a colon is missing")
	}
	p.at++
	p.space()
	v, err := p.value(depth + 1)
	if err != nil {
		return err
	}
	n.Fields = append(n.Fields, Field{Key: key, Span: Span{line, v.Span.End}, Value: v})
	return nil
}

func (p *jsonParser) text() (string, error) {
	p.at++
	start := p.at
	escaped := false
	for ; p.at < len(p.src); p.at++ {
		switch p.src[p.at] {
		case '\\':
			escaped = true
			p.at++
		case '\n':
			return "", errors.New("a string is not closed")
		case '"':
			s := p.src[start:p.at]
			p.at++
			if escaped {
				s = unescapeJSON(s)
			}
			return s, nil
		}
	}
	p.at = len(p.src)
	return "", errors.New("a string is not closed")
}

func unescapeJSON(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			out.WriteByte('\n')
		case 't':
			out.WriteByte('\t')
		case 'r':
			out.WriteByte('\r')
		case 'b', 'f':
			out.WriteByte(' ')
		case 'u':
			r, n := hexRune(s[i+1:])
			if utf16.IsSurrogate(r) && strings.HasPrefix(s[i+1+n:], `\u`) {
				low, m := hexRune(s[i+1+n+2:])
				r, n = utf16.DecodeRune(r, low), n+2+m
			}
			out.WriteRune(r)
			i += n
		default:
			out.WriteByte(s[i])
		}
	}
	return out.String()
}

func hexRune(s string) (rune, int) {
	if len(s) < 4 {
		return '\uFFFD', len(s)
	}
	v, err := strconv.ParseUint(s[:4], 16, 32)
	if err != nil {
		return '\uFFFD', 4
	}
	return rune(v), 4
}
