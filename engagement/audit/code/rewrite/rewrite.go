// Package rewrite makes the edits that patches of rules are put together from: add an argument, add
// a key to a literal, add a statement behind another, import a package.
//
// Every function returns false when the place does not have the shape that it can edit safely. It
// looks at the tree and at the bytes between nodes; it never reformats what it does not add.
package rewrite

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Argument adds text as the last argument of a call, or as the last element of a literal: before the
// closing bracket, on a line of its own where the arguments stand so.
func Argument(f *project.File, call syntax.Ref, text string) (patch.Edit, bool) {
	src := f.Source()
	end := int(call.End())
	if end > len(src) || end == 0 {
		return patch.Edit{}, false
	}
	// A block or a trailing brace may stand behind the arguments: take the bracket that closes them.
	if b := call.Child(syntax.BlockArg); b.Ok() && call.Kind() == syntax.Call {
		end = int(b.Start())
		for end > 0 && (src[end-1] == ' ' || src[end-1] == '\t') {
			end--
		}
	}
	closing := src[end-1]
	if closing != ')' && closing != '}' && closing != ']' {
		return patch.Edit{}, false
	}
	at := end - 1 // the closing bracket
	last := at
	for last > 0 && space(src[last-1]) {
		last--
	}
	open := map[byte]byte{')': '(', '}': '{', ']': '['}[closing]
	comma := src[last-1] == ','
	empty := src[last-1] == open
	if comment(src, last) {
		return patch.Edit{}, false
	}
	multiline := strings.ContainsRune(string(src[last:at]), '\n')
	indent := lineIndent(src, last-1)
	switch {
	case empty && multiline:
		return patch.Edit{}, false
	case empty && closing == '}' && f.Lang != "go":
		return patch.Edit{Path: f.Path, Start: last, End: at, New: " " + text + " "}, true
	case empty:
		return patch.Edit{Path: f.Path, Start: last, End: at, New: text}, true
	case multiline && comma:
		return patch.Edit{Path: f.Path, Start: last, End: last, New: "\n" + indent + text + ","}, true
	case multiline:
		tail := ""
		if f.Lang == "go" {
			return patch.Edit{}, false
		}
		return patch.Edit{Path: f.Path, Start: last, End: last, New: ",\n" + indent + text + tail}, true
	case comma:
		return patch.Edit{Path: f.Path, Start: last, End: last, New: " " + text}, true
	}
	return patch.Edit{Path: f.Path, Start: last, End: last, New: ", " + text}, true
}

// After adds statements behind a statement, each on a line of its own with the statement's
// indentation. The statement must end its line.
func After(f *project.File, stmt syntax.Ref, lines ...string) (patch.Edit, bool) {
	src := f.Source()
	end := int(stmt.End())
	for end < len(src) && (src[end] == ';' || src[end] == ' ' || src[end] == '\t') {
		end++
	}
	if end < len(src) && src[end] != '\n' && src[end] != '\r' {
		return patch.Edit{}, false
	}
	if !startsLine(src, int(stmt.Start())) {
		return patch.Edit{}, false
	}
	indent := lineIndent(src, int(stmt.Start()))
	text := ""
	for _, l := range lines {
		text += "\n" + indent + l
	}
	return patch.Edit{Path: f.Path, Start: end, End: end, New: text}, true
}

// Before adds statements before a statement that begins its line.
func Before(f *project.File, stmt syntax.Ref, lines ...string) (patch.Edit, bool) {
	src := f.Source()
	start := int(stmt.Start())
	if start > len(src) || !startsLine(src, start) {
		return patch.Edit{}, false
	}
	indent := lineIndent(src, start)
	text := ""
	for _, l := range lines {
		text += l + "\n" + indent
	}
	return patch.Edit{Path: f.Path, Start: start, End: start, New: text}, true
}

// Replace replaces a node.
func Replace(f *project.File, n syntax.Ref, text string) patch.Edit {
	return patch.Edit{Path: f.Path, Start: int(n.Start()), End: int(n.End()), New: text}
}

// GoImport adds an import of a Go package unless the file has it. The second result is false when
// there is no import declaration to add to, the third tells whether an edit is needed.
func GoImport(f *project.File, path string) (edit patch.Edit, ok, needed bool) {
	var last syntax.Ref
	for n := range f.Tree.Root().Descendants(syntax.Import) {
		if n.Str() == path {
			return patch.Edit{}, true, false
		}
		if !strings.Contains(n.Str(), ".") || !last.Ok() {
			last = n
		}
	}
	if !last.Ok() {
		return patch.Edit{}, false, true
	}
	src := f.Source()
	start := int(last.Start())
	for start > 0 && src[start-1] != '\n' {
		start--
	}
	line := string(src[start:last.End()])
	if strings.HasPrefix(line, "import ") && !strings.Contains(line, "(") {
		return patch.Edit{Path: f.Path, Start: int(last.End()), End: int(last.End()), New: "\nimport \"" + path + "\""}, true, true
	}
	if strings.Contains(line, "(") || strings.Contains(line, ";") {
		return patch.Edit{}, false, true
	}
	end := int(last.End())
	if end < len(src) && src[end] != '\n' && src[end] != '\r' {
		return patch.Edit{}, false, true
	}
	return patch.Edit{Path: f.Path, Start: end, End: end, New: "\n\t\"" + path + "\""}, true, true
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// startsLine reports whether only blanks stand before an offset on its line.
func startsLine(src []byte, at int) bool {
	for at > 0 && (src[at-1] == ' ' || src[at-1] == '\t') {
		at--
	}
	return at == 0 || src[at-1] == '\n'
}

// lineIndent returns the blanks that the line of an offset begins with.
func lineIndent(src []byte, at int) string {
	start := at
	for start > 0 && src[start-1] != '\n' {
		start--
	}
	end := start
	for end < len(src) && (src[end] == ' ' || src[end] == '\t') {
		end++
	}
	return string(src[start:end])
}

// comment reports whether the line that ends at an offset holds a line comment, behind which nothing
// can be added.
func comment(src []byte, at int) bool {
	start := at
	for start > 0 && src[start-1] != '\n' {
		start--
	}
	line := string(src[start:at])
	return strings.Contains(line, " //") || strings.Contains(line, "# ") && !strings.Contains(line, "#{") || strings.HasPrefix(strings.TrimSpace(line), "//")
}

// AfterCheck adds statements behind the check of an error variable that follows an assignment, or
// behind the assignment when none follows. The assignment must be a statement of a block.
func AfterCheck(f *project.File, assign syntax.Ref, errName string, lines ...string) (patch.Edit, bool) {
	if assign.Parent().Kind() != syntax.Block {
		return patch.Edit{}, false
	}
	next := sibling(assign)
	if next.Kind() == syntax.If && !next.Child(syntax.Init).Ok() {
		for n := range next.Child(syntax.Cond).Descendants(syntax.Name) {
			if n.Str() == errName {
				if next.Child(syntax.Else).Ok() {
					return patch.Edit{}, false
				}
				return After(f, next, lines...)
			}
		}
	}
	// A function that ends the program or the test on an error is a check as well: check(err).
	if next.Kind() == syntax.Call {
		for _, a := range next.Args() {
			if a.Kind() == syntax.Name && a.Str() == errName {
				return After(f, next, lines...)
			}
		}
	}
	return After(f, assign, lines...)
}

func sibling(n syntax.Ref) syntax.Ref {
	found := false
	for c := range n.Parent().Children() {
		if found {
			return c
		}
		found = c == n
	}
	return syntax.Ref{}
}
