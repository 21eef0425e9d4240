// Package patch turns edits of files into unified diffs that git apply accepts, and applies them in
// memory so that the audit can check that a patch parses and silences its finding.
//
// Offsets count bytes of the source as [project.File.Source] gives it: behind a UTF-8 byte order mark
// where the file has one. Text is inserted with the line endings of the file. The package reads no
// files; callers hand it the bytes.
package patch

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// Edit replaces the bytes [Start, End) of a file. Start == End inserts. For a new file Create is
// true and New is the whole content.
type Edit struct {
	Path   string
	Start  int
	End    int
	New    string
	Create bool
}

// Errors that callers may want to tell apart.
var (
	ErrOverlap = errors.New("two edits change the same bytes")
	ErrNoFile  = errors.New("no such file")
	ErrExists  = errors.New("the file to create exists already")
	ErrRange   = errors.New("the edit reaches outside the file")
	ErrText    = errors.New("the patch would touch bytes that are not valid UTF-8")
)

// Read gives the bytes of a file as they are stored. It returns ErrNoFile when there is none.
type Read func(path string) ([]byte, error)

var byteOrderMark = []byte("\xEF\xBB\xBF")

// Overlap returns an error wrapping ErrOverlap when two edits of one file change the same bytes.
// Insertions at one place do not overlap and keep their order; equal edits count as one.
func Overlap(edits []Edit) error {
	for _, group := range byFile(edits) {
		if _, err := ordered(group); err != nil {
			return err
		}
	}
	return nil
}

// Apply applies the edits of one file to its bytes as stored. Edits may come in any order and must not
// overlap. Paths are not looked at.
func Apply(src []byte, edits []Edit) ([]byte, error) {
	edits, err := ordered(edits)
	if err != nil {
		return nil, err
	}
	mark := 0
	if bytes.HasPrefix(src, byteOrderMark) {
		mark = len(byteOrderMark)
	}
	crlf := usesCRLF(src)
	out := append(make([]byte, 0, len(src)+256), src[:mark]...)
	body, at := src[mark:], 0
	for _, e := range edits {
		if e.Create {
			return nil, fmt.Errorf("%s: %w", e.Path, ErrExists)
		}
		if e.Start < 0 || e.End < e.Start || e.End > len(body) {
			return nil, fmt.Errorf("%s: bytes %d to %d of %d: %w", e.Path, e.Start, e.End, len(body), ErrRange)
		}
		out = append(out, body[at:e.Start]...)
		out = append(out, ending(e.New, crlf)...)
		at = e.End
	}
	return append(out, body[at:]...), nil
}

// ApplyAll applies the edits of many files and returns the new bytes of each file that they name.
func ApplyAll(edits []Edit, read Read) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, group := range byFile(edits) {
		path := group[0].Path
		src, err := read(path)
		creates := group[0].Create
		switch {
		case creates && err == nil:
			return nil, fmt.Errorf("%s: %w", path, ErrExists)
		case creates && len(group) > 1:
			if _, err := ordered(group); err != nil {
				return nil, err
			}
		case !creates && err != nil:
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if creates {
			out[path] = []byte(group[0].New)
			continue
		}
		if out[path], err = Apply(src, group); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Unified returns the edits as one unified diff, files in order of their paths, with the headers of
// git. It is empty when the edits change nothing.
func Unified(edits []Edit, read Read) (string, error) {
	changed, err := ApplyAll(edits, read)
	if err != nil {
		return "", err
	}
	paths := make([]string, 0, len(changed))
	for p := range changed {
		paths = append(paths, p)
	}
	sort.Strings(paths)
	var sb strings.Builder
	for _, p := range paths {
		before, err := read(p)
		if err != nil {
			before = nil
		}
		if err := writeFile(&sb, p, before, changed[p], err != nil); err != nil {
			return "", err
		}
	}
	return sb.String(), nil
}

// byFile groups edits by path, in order of first appearance.
func byFile(edits []Edit) [][]Edit {
	at := map[string]int{}
	var out [][]Edit
	for _, e := range edits {
		i, ok := at[e.Path]
		if !ok {
			i = len(out)
			at[e.Path] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], e)
	}
	return out
}

// ordered sorts the edits of one file, drops repeated ones and refuses overlaps.
func ordered(edits []Edit) ([]Edit, error) {
	sorted := append([]Edit(nil), edits...)
	sort.SliceStable(sorted, func(i, j int) bool {
		if sorted[i].Start != sorted[j].Start {
			return sorted[i].Start < sorted[j].Start
		}
		return sorted[i].End < sorted[j].End
	})
	out := sorted[:0]
	seen := map[Edit]bool{}
	for _, e := range sorted {
		if seen[e] {
			continue
		}
		if n := len(out); n > 0 && (e.Start < out[n-1].End || e.Create || out[n-1].Create) {
			return nil, fmt.Errorf("%s: %w (%d to %d and %d to %d)", e.Path, ErrOverlap, out[n-1].Start, out[n-1].End, e.Start, e.End)
		}
		seen[e] = true
		out = append(out, e)
	}
	return out, nil
}

// usesCRLF reports whether most lines of the file end in CR LF.
func usesCRLF(src []byte) bool {
	return 2*bytes.Count(src, []byte("\r\n")) > bytes.Count(src, []byte("\n"))
}

func ending(s string, crlf bool) string {
	if !crlf {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

func validText(lines []string) bool {
	for _, l := range lines {
		if !utf8.ValidString(l) {
			return false
		}
	}
	return true
}
