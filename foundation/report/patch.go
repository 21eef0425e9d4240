package report

import (
	"regexp"
	"strconv"
	"strings"
)

// filePatch is one file's part of a unified diff.
type filePatch struct {
	path  string
	hunks []hunk
}

// hunk replaces lines [oldStart, oldStart+oldCount) by text.
type hunk struct {
	oldStart, oldCount int
	text               string
	noNewline          bool // the new text does not end with a newline
}

var hunkHead = regexp.MustCompile(`^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@`)

// parsePatch reads the unified diffs that napkin's own patches are. It reports false for anything
// that it does not understand fully (renames, new or deleted files, binary parts): a fix is offered
// whole or not at all.
func parsePatch(patch string) ([]filePatch, bool) {
	lines := strings.SplitAfter(patch, "\n")
	var out []filePatch
	for i := 0; i < len(lines); {
		l := strings.TrimRight(lines[i], "\r\n")
		switch {
		case strings.HasPrefix(l, "--- "):
			if i+1 >= len(lines) || !strings.HasPrefix(lines[i+1], "+++ ") {
				return nil, false
			}
			from, to := diffPath(l[4:]), diffPath(strings.TrimRight(lines[i+1][4:], "\r\n"))
			if from == "/dev/null" || to == "/dev/null" || strings.TrimPrefix(from, "a/") != strings.TrimPrefix(to, "b/") {
				return nil, false
			}
			out = append(out, filePatch{path: strings.TrimPrefix(to, "b/")})
			i += 2
		case strings.HasPrefix(l, "@@ "):
			if len(out) == 0 {
				return nil, false
			}
			h, next, ok := parseHunk(lines, i)
			if !ok {
				return nil, false
			}
			f := &out[len(out)-1]
			f.hunks = append(f.hunks, h)
			i = next
		case l == "" || strings.HasPrefix(l, "diff ") || strings.HasPrefix(l, "index "):
			i++
		default:
			return nil, false
		}
	}
	for _, f := range out {
		if len(f.hunks) == 0 {
			return nil, false
		}
	}
	return out, len(out) > 0
}

func diffPath(s string) string {
	s, _, _ = strings.Cut(s, "\t")
	return strings.TrimSpace(s)
}

func parseHunk(lines []string, i int) (h hunk, next int, ok bool) {
	m := hunkHead.FindStringSubmatch(lines[i])
	if m == nil {
		return h, 0, false
	}
	h.oldStart, _ = strconv.Atoi(m[1])
	h.oldCount = 1
	if m[2] != "" {
		h.oldCount, _ = strconv.Atoi(m[2])
	}
	var text strings.Builder
	old := 0
	lastIsNew := false
	for i++; i < len(lines); i++ {
		l := lines[i]
		if l == "" || strings.HasPrefix(l, "@@ ") || strings.HasPrefix(l, "diff ") || old >= h.oldCount && strings.HasPrefix(l, "--- ") {
			break
		}
		switch l[0] {
		case ' ', '\n', '\r':
			old++
			if l[0] == ' ' {
				l = l[1:]
			}
			text.WriteString(l)
			lastIsNew = true
		case '-':
			old++
			lastIsNew = false
		case '+':
			text.WriteString(l[1:])
			lastIsNew = true
		case '\\':
			h.noNewline = h.noNewline || lastIsNew
		default:
			return h, 0, false
		}
	}
	if old != h.oldCount {
		return h, 0, false
	}
	h.text = text.String()
	if h.noNewline {
		h.text = strings.TrimSuffix(h.text, "\n")
	}
	return h, i, true
}

// sarifFixOf turns the patch into replacements of whole lines.
func sarifFixOf(fix Fix) (sarifFix, bool) {
	files, ok := parsePatch(fix.Patch)
	if !ok {
		return sarifFix{}, false
	}
	out := sarifFix{Description: &sarifText{Text: orElse(line(fix.Summary), "Apply the patch.")}}
	for _, f := range files {
		change := sarifChange{Artifact: sarifArtifact{URI: relativeURI(f.path), URIBaseID: "%SRCROOT%"}}
		for _, h := range f.hunks {
			start := h.oldStart
			if h.oldCount == 0 {
				start++ // a pure insertion names the line before it
			}
			r := sarifReplacement{Deleted: sarifRegion{StartLine: max(1, start), StartColumn: 1, EndLine: max(1, start+h.oldCount), EndColumn: 1}}
			if h.text != "" {
				r.Inserted = &sarifPlainText{Text: h.text}
			}
			change.Replacements = append(change.Replacements, r)
		}
		out.Changes = append(out.Changes, change)
	}
	return out, true
}
