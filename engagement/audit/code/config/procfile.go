package config

import (
	"regexp"
	"strconv"
	"strings"
)

// Process is one line of a Procfile.
type Process struct {
	Name    string
	Command string
	Span    Span
}

var processLine = regexp.MustCompile(`^([A-Za-z0-9_\-]+):\s*(\S.*)$`)

func (d *Document) parseProcfile(src string) {
	for i, line := range strings.Split(src, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		m := processLine.FindStringSubmatch(line)
		if m == nil {
			d.problem(i+1, i+1, "not a \"name: command\" line")
			continue
		}
		d.procfile = append(d.procfile, Process{Name: m[1], Command: m[2], Span: Span{i + 1, i + 1}})
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
