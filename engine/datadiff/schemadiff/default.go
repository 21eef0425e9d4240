package schemadiff

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// casts are PostgreSQL's, as its catalog prints them behind constants.
var casts = regexp.MustCompile(`(?i)::"?[a-z_]+"?( (varying|precision|with(out)? time zone))*(\(\d+(,\s*\d+)?\))?(\[\])*`)

func withoutCasts(s string) string { return casts.ReplaceAllString(s, "") }

var clocks = regexp.MustCompile(`^(now|current_timestamp|localtimestamp|localtime|transaction_timestamp)(\(\d*\))?$`)

// defaultOf is the default in one spelling for all products; empty when there is none, or it is NULL.
func defaultOf(kind dialect.Kind, c *dialect.Column) string {
	s := strings.TrimSpace(withoutCasts(c.Default))
	for len(s) > 1 && s[0] == '(' && s[len(s)-1] == ')' && closes(s) {
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	lower := strings.ToLower(s)
	switch {
	case s == "" || lower == "null":
		return ""
	case clocks.MatchString(lower):
		return "now"
	case lower == "uuid()" || lower == "gen_random_uuid()" || lower == "uuid_generate_v4()":
		return "uuid"
	}
	if len(lower) > 2 && strings.HasPrefix(lower, "b'") && strings.HasSuffix(lower, "'") {
		s = strings.TrimLeft(lower[2:len(lower)-1], "0")
		if s == "" {
			s = "0"
		}
	}
	if len(s) > 1 && s[0] == '\'' && s[len(s)-1] == '\'' {
		s = strings.ReplaceAll(s[1:len(s)-1], "''", "'")
	}
	m := meaningOf(kind, c.Type)
	switch m.class {
	case boolean:
		switch strings.ToLower(s) {
		case "true", "t", "1":
			return "1"
		case "false", "f", "0":
			return "0"
		}
	case integer, decimal, float:
		if cell, err := canon.AppendDecimal(nil, s); err == nil {
			return canon.Format(cell)
		}
		if b, ok := map[string]string{"true": "1", "false": "0"}[strings.ToLower(s)]; ok {
			return b
		}
	}
	return s
}

// closes says whether the first parenthesis is closed by the last.
func closes(s string) bool {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 && i < len(s)-1 {
				return false
			}
		}
	}
	return depth == 0
}
