package config

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Setting is one key with its value, wherever it was written.
type Setting struct {
	Key       string // dotted path; items of a list are key[0], key[1]
	Value     string // as written, template tags and ${...} included
	Span      Span
	Templated bool
}

// Settings is a file read as flat keys in the order of the file.
type Settings struct {
	All []Setting
}

// Get returns the value of a key written exactly so. Of a repeated key the last one wins, as it does
// in the programs that read such files.
func (s *Settings) Get(key string) (Setting, bool) {
	if s == nil {
		return Setting{}, false
	}
	for i := len(s.All) - 1; i >= 0; i-- {
		if s.All[i].Key == key {
			return s.All[i], true
		}
	}
	return Setting{}, false
}

// Relaxed is Get without regard to case, '-' and '_', as Spring's relaxed binding and MySQL's option
// files read keys.
func (s *Settings) Relaxed(key string) (Setting, bool) {
	if s == nil {
		return Setting{}, false
	}
	want := relax(key)
	for i := len(s.All) - 1; i >= 0; i-- {
		if relax(s.All[i].Key) == want {
			return s.All[i], true
		}
	}
	return Setting{}, false
}

// Under returns the settings below a dotted prefix, keys kept whole.
func (s *Settings) Under(prefix string) []Setting {
	var out []Setting
	if s == nil {
		return nil
	}
	for _, it := range s.All {
		if strings.HasPrefix(it.Key, prefix+".") || strings.HasPrefix(it.Key, prefix+"[") {
			out = append(out, it)
		}
	}
	return out
}

func relax(key string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' {
			return -1
		}
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, key)
}

// Literal returns the value that holds when the environment says nothing: the value itself, or the
// default inside ${VAR:-5}, ${VAR:5}, ENV.fetch("VAR") { 5 }, ENV.fetch("VAR", 5) and ENV["VAR"] || 5.
// ok is false where there is no such default.
func (s Setting) Literal() (value string, ok bool) { return DefaultOf(s.Value) }

// Int is Literal as a whole number.
func (s Setting) Int() (int, bool) {
	v, ok := s.Literal()
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(strings.ReplaceAll(v, "_", ""))
	return n, err == nil
}

// Duration is Literal as a time: a number with ms, s, m, min, h or d, or a bare number in the given
// unit.
func (s Setting) Duration(bare time.Duration) (time.Duration, bool) {
	v, ok := s.Literal()
	if !ok {
		return 0, false
	}
	return parseDuration(v, bare)
}

var durationForm = regexp.MustCompile(`(?i)^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|sec|m|min|h|d)?\s*$`)

func parseDuration(v string, bare time.Duration) (time.Duration, bool) {
	m := durationForm.FindStringSubmatch(v)
	if m == nil {
		d, err := time.ParseDuration(strings.TrimSpace(v))
		return d, err == nil
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return 0, false
	}
	unit := bare
	switch strings.ToLower(m[2]) {
	case "us":
		unit = time.Microsecond
	case "ms":
		unit = time.Millisecond
	case "s", "sec":
		unit = time.Second
	case "m", "min":
		unit = time.Minute
	case "h":
		unit = time.Hour
	case "d":
		unit = 24 * time.Hour
	}
	if f := n * float64(unit); f < float64(1<<62) {
		return time.Duration(f), true
	}
	return 0, false
}

var (
	shellDefault = regexp.MustCompile(`^\$\{[A-Za-z_][\w.\-]*(?::-|-|:)([^{}]*)\}$`)
	fetchBlock   = regexp.MustCompile(`ENV\.fetch\(?\s*["'][\w]+["']\s*\)?\s*\{\s*["']?([^"'{}]*?)["']?\s*\}`)
	fetchSecond  = regexp.MustCompile(`ENV\.fetch\(?\s*["'][\w]+["']\s*,\s*["']?([^"'(),]*?)["']?\s*\)?\s*(?:\.to_\w+)?\s*-?%>$`)
	envOr        = regexp.MustCompile(`ENV\[["'][\w]+["']\]\s*\|\|\s*["']?([^"'%]*?)["']?\s*-?%>$`)
	plainTag     = regexp.MustCompile(`^<%=\s*(\d+(?:\.\d+)?)\s*-?%>$`)
	helmDefault  = regexp.MustCompile(`\|\s*default\s+["']?([\w.\-]+)["']?\s*-?\}\}$`)
)

// DefaultOf returns the constant that a configuration value stands for when no environment variable
// and no template value is given. A value without any substitution is its own constant.
func DefaultOf(value string) (string, bool) {
	v := strings.TrimSpace(value)
	if !strings.Contains(v, "${") && !strings.Contains(v, "<%") && !strings.Contains(v, "{{") {
		return v, !strings.HasPrefix(v, "$")
	}
	if m := shellDefault.FindStringSubmatch(v); m != nil {
		return m[1], true
	}
	if strings.HasPrefix(v, "<%") && strings.HasSuffix(v, "%>") && strings.Count(v, "<%") == 1 {
		for _, re := range []*regexp.Regexp{fetchBlock, fetchSecond, envOr, plainTag} {
			if m := re.FindStringSubmatch(v); m != nil {
				return strings.TrimSpace(m[1]), true
			}
		}
	}
	if strings.HasPrefix(v, "{{") && strings.HasSuffix(v, "}}") && strings.Count(v, "{{") == 1 {
		if m := helmDefault.FindStringSubmatch(v); m != nil {
			return m[1], true
		}
	}
	return "", false
}

func settingsOfNodes(roots []*Node) *Settings {
	s := &Settings{}
	for _, r := range roots {
		s.flatten("", r, r.place(), 0)
	}
	return s
}

func (s *Settings) flatten(prefix string, n *Node, at Span, depth int) {
	if depth > MaxDepth || len(s.All) > maxNodes || len(prefix) > 1000 {
		return
	}
	switch {
	case n.IsNull():
		if prefix != "" {
			s.All = append(s.All, Setting{Key: prefix, Span: at, Templated: n.templated()})
		}
	case n.Kind == Scalar:
		s.All = append(s.All, Setting{Key: prefix, Value: n.Value, Span: at, Templated: n.Templated})
	case n.Kind == Sequence:
		for i, it := range n.Items {
			s.flatten(prefix+"["+strconv.Itoa(i)+"]", it, it.place(), depth+1)
		}
	case n.Kind == Mapping:
		for _, f := range n.Fields {
			key := f.Key
			if prefix != "" {
				key = prefix + "." + f.Key
			}
			s.flatten(key, f.Value, f.Span, depth+1)
		}
	}
}
