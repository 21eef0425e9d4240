// Package patch turns edits of files into unified diffs that git apply accepts, and applies them in
// memory so that the audit can check that a patch parses and silences its finding.
package patch

// Edit replaces the bytes [Start, End) of a file. Start == End inserts. For a new file Create is
// true and New is the whole content.
type Edit struct {
	Path   string
	Start  int
	End    int
	New    string
	Create bool
}
