package config

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
)

// Dockerfile is a container build as written. Variables are kept raw: ${VERSION} stays ${VERSION}.
type Dockerfile struct {
	Escape  byte          // the line continuation, '\\' unless a directive says '`'
	Global  []Instruction // ARG before the first FROM
	Stages  []Stage
	Default map[string]string // values that ARG instructions before the first FROM give
}

// Stage is one FROM with what follows it. The last stage is the image that ships.
type Stage struct {
	From         Instruction
	Base         string // image or earlier stage, as written
	Name         string // after AS, lower case; "" without
	Platform     string
	Instructions []Instruction // without the FROM
	Span         Span
}

// Instruction is one logical line: continuations joined, comments between them dropped.
type Instruction struct {
	Keyword  string // upper case
	Flags    []DockerFlag
	Text     string       // all behind keyword and flags
	Exec     []string     // the JSON form ["a", "b"]; nil for the shell form
	Heredocs []Heredoc    // of RUN, COPY and ADD
	OnBuild  *Instruction // the instruction that ONBUILD delays
	Span     Span
}

// DockerFlag is --name=value in front of an instruction's arguments.
type DockerFlag struct {
	Name  string // without dashes
	Value string // "" for a flag without a value
}

// Heredoc is a <<NAME document with its body's lines.
type Heredoc struct {
	Name string
	Body string
	Span Span // of the body, without the closing name
}

// IsExec reports the JSON form, in which no shell stands between the container and the process.
func (in Instruction) IsExec() bool { return in.Exec != nil }

// Flag returns a flag's value and whether the flag is there.
func (in Instruction) Flag(name string) (string, bool) {
	for _, f := range in.Flags {
		if f.Name == name {
			return f.Value, true
		}
	}
	return "", false
}

// Script returns what the instruction runs or copies as one text: its words, and the bodies of its
// heredocs.
func (in Instruction) Script() string {
	parts := []string{in.Text}
	if in.Exec != nil {
		parts[0] = strings.Join(in.Exec, " ")
	}
	for _, h := range in.Heredocs {
		parts = append(parts, h.Body)
	}
	return strings.Join(parts, "\n")
}

// Last returns the last instruction of the stage with the keyword, nil without one.
func (s *Stage) Last(keyword string) *Instruction {
	for i := len(s.Instructions) - 1; i >= 0; i-- {
		if s.Instructions[i].Keyword == keyword {
			return &s.Instructions[i]
		}
	}
	return nil
}

// Final returns the stage that ships, nil for a file without FROM.
func (f *Dockerfile) Final() *Stage {
	if f == nil || len(f.Stages) == 0 {
		return nil
	}
	return &f.Stages[len(f.Stages)-1]
}

// Lineage returns the stage and the stages of this file that it is built on, nearest first. What they
// set (CMD, HEALTHCHECK, USER) holds in the stage too, unless it sets it again.
func (f *Dockerfile) Lineage(s *Stage) []*Stage {
	var out []*Stage
	at := len(f.Stages)
	for i := range f.Stages {
		if &f.Stages[i] == s {
			at = i
		}
	}
	for s != nil {
		out = append(out, s)
		var base *Stage
		for i := at - 1; i >= 0; i-- {
			if f.Stages[i].Name != "" && f.Stages[i].Name == strings.ToLower(s.Base) {
				base, at = &f.Stages[i], i
				break
			}
		}
		s = base
	}
	return out
}

// Effective returns the last instruction with the keyword in the stage or, failing that, in the
// stages it is built on; nil where only the base image could have one.
func (f *Dockerfile) Effective(s *Stage, keyword string) *Instruction {
	for _, st := range f.Lineage(s) {
		if in := st.Last(keyword); in != nil {
			return in
		}
	}
	return nil
}

var (
	dockerDirective = regexp.MustCompile(`(?i)^#\s*(escape|syntax|check)\s*=\s*(\S+)`)
	dockerWord      = regexp.MustCompile(`^[A-Za-z]+$`)
	heredocWord     = regexp.MustCompile(`^\d*<<(-?)(["']?)([A-Za-z_][A-Za-z0-9_.]*)(["']?)(?:[>;|&].*)?$`)
	dockerKeywords  = map[string]bool{"ADD": true, "ARG": true, "CMD": true, "COPY": true, "ENTRYPOINT": true, "ENV": true,
		"EXPOSE": true, "FROM": true, "HEALTHCHECK": true, "LABEL": true, "MAINTAINER": true, "ONBUILD": true, "RUN": true,
		"SHELL": true, "STOPSIGNAL": true, "USER": true, "VOLUME": true, "WORKDIR": true}
	flaggedKeywords = map[string]bool{"ADD": true, "COPY": true, "FROM": true, "HEALTHCHECK": true, "RUN": true}
)

func (d *Document) parseDockerfile(src string) error {
	lines := strings.Split(src, "\n")
	f := &Dockerfile{Escape: '\\', Default: map[string]string{}}
	directives := true
	for i := 0; i < len(lines); {
		trimmed := strings.TrimSpace(lines[i])
		if directives {
			m := dockerDirective.FindStringSubmatch(trimmed)
			directives = m != nil
			if m != nil && strings.EqualFold(m[1], "escape") && m[2] == "`" {
				f.Escape = '`'
			}
		}
		if trimmed == "" || trimmed[0] == '#' {
			i++
			continue
		}
		in, next, ok := f.instruction(lines, i)
		if !ok {
			d.problem(i+1, next, "%q is not a Dockerfile instruction", firstWord(trimmed))
		} else {
			f.add(in)
		}
		i = next
	}
	if len(f.Stages) == 0 && len(f.Global) == 0 {
		return errors.New("no FROM instruction in it")
	}
	d.dockerfile = f
	return nil
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(s, " ")
	if len(w) > 40 {
		w = w[:40]
	}
	return w
}

func (f *Dockerfile) add(in Instruction) {
	if in.Keyword == "FROM" {
		st := Stage{From: in, Span: in.Span}
		st.Platform, _ = in.Flag("platform")
		words := strings.Fields(in.Text)
		if len(words) > 0 {
			st.Base = words[0]
		}
		if len(words) >= 3 && strings.EqualFold(words[1], "as") {
			st.Name = strings.ToLower(words[2])
		}
		f.Stages = append(f.Stages, st)
		return
	}
	if len(f.Stages) == 0 {
		f.Global = append(f.Global, in)
		if name, value, ok := strings.Cut(in.Text, "="); ok && in.Keyword == "ARG" {
			f.Default[strings.TrimSpace(name)] = strings.Trim(strings.TrimSpace(value), `"'`)
		}
		return
	}
	st := &f.Stages[len(f.Stages)-1]
	st.Instructions = append(st.Instructions, in)
	st.Span.End = in.Span.End
}

// instruction reads the logical line that starts at lines[i] and returns the index behind it.
func (f *Dockerfile) instruction(lines []string, i int) (in Instruction, next int, ok bool) {
	first := i
	last := i
	var text strings.Builder
	for ; i < len(lines); i++ {
		l := strings.TrimRight(lines[i], " \t")
		if t := strings.TrimSpace(l); i > first && (t == "" || t[0] == '#') {
			continue // allowed between continued lines
		}
		last = i
		if l != "" && l[len(l)-1] == f.Escape {
			text.WriteString(l[:len(l)-1])
			continue
		}
		text.WriteString(l)
		i++
		break
	}
	in, ok = parseInstruction(strings.TrimSpace(text.String()), 0)
	i = max(last+1, min(i, len(lines)))
	if in.Keyword == "RUN" || in.Keyword == "COPY" || in.Keyword == "ADD" {
		i = in.heredocs(lines, i)
		last = max(last, i-1)
	}
	in.Span = Span{first + 1, last + 1}
	if in.OnBuild != nil {
		in.OnBuild.Span = in.Span
	}
	return in, i, ok
}

func parseInstruction(text string, depth int) (Instruction, bool) {
	word, rest := text, ""
	if at := strings.IndexAny(text, " \t"); at >= 0 {
		word, rest = text[:at], strings.TrimSpace(text[at:])
	}
	in := Instruction{Keyword: strings.ToUpper(word)}
	if !dockerWord.MatchString(word) || !dockerKeywords[in.Keyword] {
		return in, false
	}
	if in.Keyword == "ONBUILD" {
		in.Text = rest
		if depth > 0 {
			return in, false // Docker forbids ONBUILD ONBUILD
		}
		inner, ok := parseInstruction(rest, depth+1)
		in.OnBuild = &inner
		return in, ok
	}
	if flaggedKeywords[in.Keyword] {
		rest = in.flags(rest)
	}
	in.Text = rest
	in.setExec()
	return in, true
}

func (in *Instruction) flags(rest string) string {
	for strings.HasPrefix(rest, "--") {
		end := strings.IndexAny(rest, " \t")
		if end < 0 {
			end = len(rest)
		}
		if rest[:end] == "--" {
			return strings.TrimSpace(rest[end:])
		}
		name, value, _ := strings.Cut(rest[2:end], "=")
		in.Flags = append(in.Flags, DockerFlag{strings.ToLower(name), strings.Trim(value, `"'`)})
		rest = strings.TrimSpace(rest[end:])
	}
	return rest
}

// setExec recognises the JSON form. HEALTHCHECK carries it behind the word CMD.
func (in *Instruction) setExec() {
	text := in.Text
	if in.Keyword == "HEALTHCHECK" {
		word, rest, _ := strings.Cut(text, " ")
		if !strings.EqualFold(word, "CMD") {
			return
		}
		text = strings.TrimSpace(rest)
	}
	if !strings.HasPrefix(text, "[") {
		return
	}
	var words []string
	if json.Unmarshal([]byte(text), &words) == nil && words != nil {
		in.Exec = words
	}
}

// heredocs reads the bodies of the documents that the instruction opens; they follow its last line in
// order. It returns the index behind the last one.
func (in *Instruction) heredocs(lines []string, i int) int {
	for _, w := range strings.Fields(in.Text) {
		m := heredocWord.FindStringSubmatch(w)
		if m == nil || m[2] != m[4] {
			continue
		}
		start := i
		for ; i < len(lines); i++ {
			l := lines[i]
			if m[1] == "-" {
				l = strings.TrimLeft(l, "\t")
			}
			if l == m[3] {
				break
			}
		}
		in.Heredocs = append(in.Heredocs, Heredoc{Name: m[3], Body: strings.Join(lines[start:i], "\n"), Span: Span{start + 1, i}})
		if i < len(lines) {
			i++
		}
		if len(in.Heredocs) >= 16 {
			break
		}
	}
	return i
}
