package inventory

import (
	"path"
	"strings"
)

// ignoreRule is one line of a .gitignore file.
type ignoreRule struct {
	base     string // folder of the .gitignore file, "" for the root
	pattern  string
	parts    []string // of the pattern
	plain    bool     // nothing in the pattern stands for other text
	negated  bool
	dirOnly  bool
	anchored bool // the pattern holds a slash: it is matched against the whole path below base
}

// ignoreRules are the rules in force, those of outer folders first. The last rule that matches wins.
type ignoreRules []ignoreRule

// parseIgnore reads a .gitignore file of the folder base (gitignore(5)).
func parseIgnore(base string, text string) ignoreRules {
	var out ignoreRules
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if strings.HasPrefix(line, "#") {
			continue
		}
		for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
			line = line[:len(line)-1]
		}
		r := ignoreRule{base: base}
		if strings.HasPrefix(line, "!") {
			r.negated, line = true, line[1:]
		}
		if strings.HasSuffix(line, "/") {
			r.dirOnly, line = true, strings.TrimRight(line, "/")
		}
		r.anchored = strings.Contains(line, "/")
		r.pattern = strings.ReplaceAll(strings.TrimPrefix(line, "/"), "[!", "[^")
		if r.pattern != "" {
			r.parts, r.plain = strings.Split(r.pattern, "/"), !strings.ContainsAny(r.pattern, `*?[\`)
			out = append(out, r)
		}
	}
	return out
}

// match reports whether the path, of a folder or a file, is ignored.
func (rs ignoreRules) match(p string, dir bool) bool {
	for i := len(rs) - 1; i >= 0; i-- {
		r := &rs[i]
		if r.dirOnly && !dir {
			continue
		}
		rel := p
		if r.base != "" {
			var ok bool
			if rel, ok = strings.CutPrefix(p, r.base+"/"); !ok {
				continue
			}
		}
		subject := rel
		if !r.anchored {
			subject = path.Base(rel)
		}
		if r.matches(subject) {
			return !r.negated
		}
	}
	return false
}

func (r *ignoreRule) matches(subject string) bool {
	switch {
	case r.plain:
		return r.pattern == subject
	case r.anchored:
		return matchParts(r.parts, strings.Split(subject, "/"))
	}
	// One part, and most often "*.ending". "**" alone stands for everything.
	if ending := r.pattern[1:]; r.pattern[0] == '*' && !strings.ContainsAny(ending, `*?[\`) {
		return strings.HasSuffix(subject, ending)
	}
	return matchParts(r.parts, []string{subject})
}

// matchParts matches the parts of a gitignore pattern: "*" and "?" stay within a folder, "**" crosses
// folders.
func matchParts(pattern, name []string) bool {
	// next and mark remember the last "**" and how many parts it has taken, so that the match is
	// quadratic at worst and never exponential.
	p, n, mark, next := 0, 0, -1, 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == "**" {
			if p == len(pattern)-1 {
				return true
			}
			mark, next = p, n
			p++
			continue
		}
		if p < len(pattern) {
			if ok, err := path.Match(pattern[p], name[n]); ok && err == nil {
				p, n = p+1, n+1
				continue
			}
		}
		if mark < 0 {
			return false
		}
		next++
		p, n = mark+1, next
	}
	for p < len(pattern) && pattern[p] == "**" && p < len(pattern)-1 {
		p++
	}
	return p == len(pattern)
}
