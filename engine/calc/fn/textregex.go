package fn

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// textRegexTable are the functions of regular expressions. Excel's are those of PCRE2; ours are matched in linear
// time, and know neither references back to a group nor looking ahead or behind: such an expression is #VALUE!, as a
// wrong one is.
var textRegexTable = []*Func{
	{Name: "REGEXEXTRACT", Category: "Text", Takes: "t t n? n?", Doc: "the first part of text that a regular expression matches, or (1) all of them, or (2) the groups of the first", Body: regexExtract},
	{Name: "REGEXREPLACE", Category: "Text", Takes: "t t t n? n?", Doc: "text with another text in the place of what a regular expression matches, all or one occurrence", Body: regexReplace},
	{Name: "REGEXTEST", Category: "Text", Takes: "t t n?", Doc: "whether a regular expression matches any part of text", Body: func(c *Call) cell.Value {
		re := c.regex(2)
		if re == nil {
			return cell.Err(cell.ErrValue)
		}
		return cell.Truth(re.MatchString(c.Str(0)))
	}},
}

// regexKey is under which a compiled expression is kept.
type regexKey struct {
	pattern string
	fold    bool
}

// regex returns the expression of the second argument, in any case where argument mode is 1, or nil where it is none.
func (c *Call) regex(mode int) *regexp.Regexp {
	n := c.Int(mode)
	if n != 0 && n != 1 {
		return nil
	}
	return c.expression(c.Str(1), n == 1)
}

// expression compiles a regular expression, or returns nil where it is none.
func (c *Call) expression(pattern string, fold bool) *regexp.Regexp {
	key := regexKey{pattern, fold}
	return c.Cached(key, nil, func() any {
		pattern := key.pattern
		if key.fold {
			pattern = "(?i)" + pattern
		}
		re, err := regexp.Compile(pattern)
		if err != nil {
			return (*regexp.Regexp)(nil)
		}
		return re
	}).(*regexp.Regexp)
}

func regexExtract(c *Call) cell.Value {
	re, s := c.regex(3), c.Str(0)
	if re == nil {
		return cell.Err(cell.ErrValue)
	}
	var found []string
	switch c.Int(2) {
	case 0:
		at := re.FindStringIndex(s)
		if at == nil {
			return cell.Err(cell.ErrNA)
		}
		return cell.Str(s[at[0]:at[1]])
	case 1:
		found = re.FindAllString(s, -1)
	case 2:
		if m := re.FindStringSubmatch(s); m != nil {
			found = m[1:]
		}
	default:
		return cell.Err(cell.ErrValue)
	}
	if len(found) == 0 {
		return cell.Err(cell.ErrNA)
	}
	g := cell.NewGrid(1, len(found))
	for i, part := range found {
		g.Cells[i] = cell.Str(part)
	}
	return cell.Arr(g)
}

func regexReplace(c *Call) cell.Value {
	re, s := c.regex(4), c.Str(0)
	if re == nil {
		return cell.Err(cell.ErrValue)
	}
	found := re.FindAllStringSubmatchIndex(s, -1)
	which := c.Int(3)
	switch {
	case which > len(found), -which > len(found):
		return cell.Str(s)
	case which > 0:
		found = found[which-1 : which]
	case which < 0:
		found = found[len(found)+which:][:1]
	}
	template, ok := replacement(re, c.Str(2))
	if !ok {
		return cell.Err(cell.ErrValue)
	}
	var out []byte
	at, length := 0, 0
	for _, m := range found {
		before := len(out)
		out = append(out, s[at:m[0]]...)
		out = re.ExpandString(out, template, s, m)
		// Four bytes at most are two code units, so that much more than this cannot be held.
		if length += len(out) - before; length > 4*MaxText {
			return cell.Err(cell.ErrValue)
		}
		at = m[1]
	}
	return fitText(string(append(out, s[at:]...)))
}

// replacement rewrites what stands for groups as Go writes it: $1x is the first group and x. It reports false for a
// group that the expression does not have.
func replacement(re *regexp.Regexp, s string) (string, bool) {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(s, "$")
		out.WriteString(before)
		if !found {
			return out.String(), true
		}
		name, digits := "", 0
		for digits < len(after) && digits < 2 && after[digits] >= '0' && after[digits] <= '9' {
			digits++
		}
		switch {
		case strings.HasPrefix(after, "$"):
			out.WriteString("$$")
			s = after[1:]
			continue
		case strings.HasPrefix(after, "{") && strings.Contains(after, "}"):
			name, s, _ = strings.Cut(after[1:], "}")
		case digits > 0:
			name, s = after[:digits], after[digits:]
		default:
			return "", false
		}
		known := re.SubexpIndex(name) >= 0
		if name != "" && strings.Trim(name, "0123456789") == "" && len(name) <= 2 {
			n := 0
			for _, d := range name {
				n = n*10 + int(d-'0')
			}
			known = n <= re.NumSubexp()
		}
		if !known {
			return "", false
		}
		out.WriteString("${" + name + "}")
	}
}
