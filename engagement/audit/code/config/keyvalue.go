package config

import (
	"path"
	"regexp"
	"strings"
)

var (
	iniSection = regexp.MustCompile(`^\[([^\]]+)\]\s*(?:[#;].*)?$`)
	iniPair    = regexp.MustCompile(`^([\w.\-/*+@]+)(?:\s*=\s*|\s+|$)(.*)$`)
	envPair    = regexp.MustCompile(`^(?:export\s+)?([A-Za-z_][\w.\-]*)\s*=\s*(.*)$`)
)

// parseKeyValues reads .properties, .env and the "key value" or "key = value" files of servers
// (postgresql.conf, my.cnf, redis.conf, pgbouncer.ini, php.ini, systemd units).
func (d *Document) parseKeyValues(src string) {
	s := &Settings{}
	lines := strings.Split(src, "\n")
	section := ""
	for i := 0; i < len(lines); i++ {
		first := i
		line := strings.TrimSpace(lines[i])
		if line == "" || line[0] == '#' || line[0] == ';' || (line[0] == '!' && d.Kind == KindProperties) {
			continue
		}
		var key, value string
		switch d.Kind {
		case KindProperties:
			for oddBackslashes(line) && i+1 < len(lines) {
				i++
				line = line[:len(line)-1] + strings.TrimSpace(lines[i])
			}
			key, value = splitProperty(line)
		case KindEnv:
			m := envPair.FindStringSubmatch(line)
			if m == nil {
				d.problem(i+1, i+1, "not a NAME=value line")
				continue
			}
			key, value = m[1], m[2]
			// A quoted value may hold line breaks (keys in PEM form).
			if q := openQuote(value); q != 0 {
				for i+1 < len(lines) && i-first < 200 {
					i++
					value += "\n" + lines[i]
					if strings.IndexByte(lines[i], q) >= 0 {
						break
					}
				}
			}
			value = unquoteValue(value, true)
		default:
			if m := iniSection.FindStringSubmatch(line); m != nil {
				section = strings.TrimSpace(m[1])
				continue
			}
			m := iniPair.FindStringSubmatch(line)
			if n := len(s.All); n > 0 && (m == nil || s.All[n-1].Value == "") && lines[i] != line && strings.ContainsAny(lines[i][:1], " \t") &&
				s.All[n-1].Span.End == i && !strings.Contains(line, "=") {
				s.All[n-1].Value = strings.TrimSpace(s.All[n-1].Value + "\n" + line) // a value continued on indented lines
				s.All[n-1].Span.End = i + 1
				continue
			}
			if m == nil {
				d.problem(i+1, i+1, "not a key with a value")
				continue
			}
			key, value = m[1], unquoteValue(m[2], !strings.HasPrefix(strings.ToLower(path.Base(d.Path)), "redis"))
			if section != "" {
				key = section + "." + key
			}
		}
		if key == "" {
			continue
		}
		s.All = append(s.All, Setting{Key: key, Value: value, Span: Span{first + 1, i + 1},
			Templated: strings.Contains(value, "${") || strings.Contains(value, "{{") || strings.Contains(value, "<%")})
	}
	d.settings = s
}

func oddBackslashes(s string) bool {
	n := len(s) - len(strings.TrimRight(s, `\`))
	return n%2 == 1
}

func splitProperty(line string) (key, value string) {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '=', ':':
			return strings.TrimSpace(line[:i]), strings.TrimSpace(line[i+1:])
		case ' ', '\t':
			rest := strings.TrimLeft(line[i:], " \t")
			if rest != "" && (rest[0] == '=' || rest[0] == ':') {
				rest = strings.TrimLeft(rest[1:], " \t")
			}
			return line[:i], strings.TrimSpace(rest)
		}
	}
	return strings.TrimSpace(line), ""
}

// openQuote returns the quote that a value opens and does not close on its line, 0 when it does.
func openQuote(value string) byte {
	if value == "" || (value[0] != '"' && value[0] != '\'') {
		return 0
	}
	if strings.IndexByte(value[1:], value[0]) >= 0 {
		return 0
	}
	return value[0]
}

// unquoteValue strips one pair of quotes, or a trailing comment from a value without quotes.
func unquoteValue(v string, comments bool) string {
	v = strings.TrimSpace(v)
	if v == "" {
		return ""
	}
	if q := v[0]; q == '"' || q == '\'' {
		if end := strings.IndexByte(v[1:], q); end >= 0 {
			return v[1 : end+1]
		}
		return v
	}
	if comments {
		if v[0] == '#' {
			return ""
		}
		for _, mark := range []string{" #", "\t#", " ;", "\t;"} {
			if at := strings.Index(v, mark); at >= 0 {
				v = strings.TrimSpace(v[:at])
			}
		}
	}
	return v
}

var (
	tomlTable = regexp.MustCompile(`^\[\[?\s*([^\[\]]+?)\s*\]?\]\s*(?:#.*)?$`)
	tomlPair  = regexp.MustCompile(`^((?:"[^"]*"|'[^']*'|[\w\-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w\-]+))*)\s*=\s*(.*)$`)
)

// parseTOML reads TOML line by line, since the positions of its values are what the audit needs.
// Arrays and inline tables are kept as their text; dates and numbers are not interpreted.
func (d *Document) parseTOML(src string) {
	s := &Settings{}
	lines := strings.Split(src, "\n")
	table := ""
	tables := map[string]int{}
	unclosed := 0 // each costs a look-ahead; a file of them is not TOML
	for i := 0; i < len(lines); i++ {
		first := i
		line := strings.TrimSpace(lines[i])
		if line == "" || line[0] == '#' {
			continue
		}
		if m := tomlTable.FindStringSubmatch(line); m != nil {
			table = tomlKey(m[1])
			if strings.HasPrefix(line, "[[") {
				n := tables[table]
				tables[table]++
				table += "[" + itoa(n) + "]"
			}
			continue
		}
		m := tomlPair.FindStringSubmatch(line)
		if m == nil {
			d.problem(i+1, i+1, "not TOML")
			continue
		}
		value := m[2]
		if end, open := tomlMultiline(value, lines, i); open {
			if unclosed++; unclosed > 20 {
				d.problem(i+1, len(lines), "too many values that do not end")
				break
			}
		} else if end > i {
			value = strings.Join(append([]string{value}, lines[i+1:end+1]...), "\n")
			i = end
		}
		key := tomlKey(m[1])
		if table != "" {
			key = table + "." + key
		}
		s.All = append(s.All, Setting{Key: key, Value: tomlValue(value), Span: Span{first + 1, i + 1}})
	}
	d.settings = s
}

func tomlKey(raw string) string {
	parts := strings.Split(raw, ".")
	for i, p := range parts {
		parts[i] = strings.Trim(strings.TrimSpace(p), `"'`)
	}
	return strings.Join(parts, ".")
}

// tomlMultiline returns the index of the line on which a value that begins on line i ends. open says
// that no end was found within 5,000 lines; the value is then its first line.
func tomlMultiline(value string, lines []string, i int) (end int, open bool) {
	lines = lines[:min(len(lines), i+5000)]
	for _, q := range []string{`"""`, `'''`} {
		if strings.HasPrefix(value, q) {
			if strings.Contains(value[3:], q) {
				return i, false
			}
			for j := i + 1; j < len(lines); j++ {
				if strings.Contains(lines[j], q) {
					return j, false
				}
			}
			return i, true
		}
	}
	if value == "" || (value[0] != '[' && value[0] != '{') {
		return i, false
	}
	depth := bracketBalance(value)
	j := i
	for depth > 0 && j+1 < len(lines) {
		j++
		depth += bracketBalance(lines[j])
	}
	if depth > 0 {
		return i, true
	}
	return j, false
}

// bracketBalance counts brackets outside strings and comments.
func bracketBalance(s string) int {
	n := 0
	var quote byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == '\\' && quote == '"' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '#':
			return n
		case c == '[' || c == '{':
			n++
		case c == ']' || c == '}':
			n--
		}
	}
	return n
}

func tomlValue(v string) string {
	v = strings.TrimSpace(v)
	for _, q := range []string{`"""`, `'''`} {
		if strings.HasPrefix(v, q) {
			body := strings.TrimPrefix(v, q)
			if at := strings.Index(body, q); at >= 0 {
				return strings.TrimPrefix(body[:at], "\n")
			}
			return v
		}
	}
	if v != "" && (v[0] == '[' || v[0] == '{') {
		return v
	}
	return unquoteValue(v, true)
}
