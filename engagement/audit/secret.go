package audit

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
)

// showsSecret reports whether a line of a unified diff, changed or around the change, holds what would
// be masked in an excerpt of its file. Such a diff must not stand in a report, which is sent around; it
// cannot be masked either, because it would no longer apply.
func showsSecret(diff string) bool {
	path := ""
	var hunk []string
	shows := func() bool { return !slices.Equal(config.MaskLines(path, hunk), hunk) }
	for line := range strings.Lines(diff) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "diff ") || strings.HasPrefix(line, "@@ "):
			if shows() {
				return true
			}
			hunk = nil
		case strings.HasPrefix(line, "+++ ") && len(hunk) == 0:
			path = strings.TrimPrefix(line, "+++ b/")
		case strings.HasPrefix(line, "--- ") && len(hunk) == 0:
		case line != "" && strings.ContainsRune(" +-", rune(line[0])):
			hunk = append(hunk, line[1:])
		}
	}
	return shows()
}

// mask masks secrets in the sentences of a finding: a claim may quote the code that it is about.
func mask(f *rule.Finding) {
	for _, s := range []*string{&f.Title, &f.Claim, &f.Cliff, &f.WrongIf, &f.Primary.Note, &f.Fix.Summary, &f.Fix.SQL, &f.Fix.Behaviour} {
		*s = maskText(*s)
	}
	for i := range f.Secondary {
		f.Secondary[i].Note = maskText(f.Secondary[i].Note)
	}
	if f.Cost != nil {
		for i := range f.Cost.Inputs {
			f.Cost.Inputs[i].Detail = maskText(f.Cost.Inputs[i].Detail)
		}
	}
}

func maskText(s string) string {
	if s == "" || !mayHoldSecret(s) {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = config.MaskSecrets(l)
	}
	return strings.Join(lines, "\n")
}

// mayHoldSecret is a cheap test: every form of secret that is masked has a digit, an assignment or a
// mark of a URL in it. Most notes ("reads `user`", "the loop") have none, and there are thousands.
func mayHoldSecret(s string) bool {
	return strings.ContainsAny(s, "0123456789=:@") || strings.Contains(s, "-----")
}
