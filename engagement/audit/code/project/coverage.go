package project

import "sort"

// Count says how much of one language was read. Every file is in exactly one of Read, Tests,
// Derived, Skipped, NoParser and Unread.
type Count struct {
	Lang    string
	Files   int
	Read    int // lowered or parsed
	Tests   int // tests and documentation: counted, not read
	Derived int // generated and vendored: counted, not read
	Skipped int // should have been read and could not be, see File.Skipped
	// NoParser are source files, and views, of languages that this build has no parser for: Rust and C# in
	// any build, Ruby in one without cgo. Their lines are not counted; Bytes holds their size.
	NoParser int
	Unread   int // read only when a rule asks (SQL, JSON)
	Lines    int // of the files read
	Broken   int // files read in which the parser met errors
	Bytes    int64
	// ErrorBytes are the bytes that the parser could not make sense of.
	ErrorBytes int64
}

// Coverage counts the files by language, sorted by name. Files in languages that napkin does not
// know are under "".
func (p *Project) Coverage() []Count {
	by := map[string]*Count{}
	schemas := map[string]bool{}
	for _, db := range p.Schemas {
		for _, path := range db.Files {
			schemas[path] = true
		}
	}
	for _, f := range p.Files {
		c := by[f.Lang]
		if c == nil {
			c = &Count{Lang: f.Lang}
			by[f.Lang] = c
		}
		c.add(f, schemas[f.Path])
	}
	out := make([]Count, 0, len(by))
	for _, c := range by {
		out = append(out, *c)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Lang < out[j].Lang })
	return out
}

// add counts one file; schema says that a schema was read from it.
func (c *Count) add(f *File, schema bool) {
	c.Files++
	c.Bytes += f.Size
	switch {
	case f.Tree != nil || f.Doc != nil:
		c.Read++
		c.Lines += f.Lines
		if f.Tree != nil && f.Tree.Errors > 0 {
			c.Broken++
			c.ErrorBytes += int64(f.Tree.ErrorBytes)
		}
	case schema:
		c.Read++
		c.Lines += max(f.Lines, CountLines(f.Source()))
	case f.Role == Test || f.Role == Docs:
		c.Tests++
	case f.Role == Generated || f.Role == Vendored:
		c.Derived++
	case f.NoParser:
		c.NoParser++
	case f.Skipped != "":
		c.Skipped++
	default:
		c.Unread++
	}
}
