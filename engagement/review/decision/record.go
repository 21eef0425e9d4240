package decision

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"github.com/napkin-infra/napkin/foundation/estimate/lang"
)

// maxRecord bounds a record in bytes. A page that a person decides by is a hundredth of it.
const maxRecord = 1 << 20

// Record is a decision record: its sections, what its front matter declares, and its model.
type Record struct {
	Name     string // of the file, for errors and places
	Title    string // the first heading of level one, or the name
	Front    Front
	Sections []Section
	Blocks   []Block
	// Source is the text of the blocks at the lines which they have in the file; all other lines are empty,
	// so that places in the model are places in the file.
	Source lang.Source
}

// Section is a heading with what stands below it, subsections included.
type Section struct {
	Title string
	Level int
	Line  int
	Text  string // without HTML comments
	blank int    // lines between the heading and the text
}

// Block is one fenced napkin block: the lines of its content.
type Block struct{ Line, EndLine int }

// Read reads a record. Errors are sentences with the line.
func Read(name string, data []byte) (*Record, error) {
	if len(data) > maxRecord {
		return nil, fmt.Errorf("%s: the file has %.1f MB and a decision record has at most 1 MiB; give the record itself, and link what it refers to", name, float64(len(data))/1e6)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, fmt.Errorf("%s: the file is empty; docs/decisions.md shows how a record is written", name)
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, fmt.Errorf("%s: this is no text (it holds zero bytes); give a decision record in Markdown", name)
	}
	r := &Record{Name: name, Title: name}
	var err error
	if data, err = r.frontMatter(data); err != nil {
		return nil, err
	}
	root := goldmark.DefaultParser().Parse(text.NewReader(data))
	lines := newLines(data)
	if err := r.blocks(root, data, lines); err != nil {
		return nil, err
	}
	r.sections(root, data, lines)
	return r, nil
}

// lines finds the line of a byte offset.
type lineTable struct {
	starts []int
	size   int
}

func newLines(data []byte) lineTable {
	t := lineTable{starts: []int{0}, size: len(data)}
	for i, c := range data {
		if c == '\n' && i+1 < len(data) {
			t.starts = append(t.starts, i+1)
		}
	}
	return t
}

// at counts from one.
func (t lineTable) at(offset int) int {
	i, found := slices.BinarySearch(t.starts, offset)
	if found {
		return i + 1
	}
	return i
}

// line returns the bounds of a line with its line feed.
func (t lineTable) line(n int) (start, end int) {
	end = t.size
	if n < len(t.starts) {
		end = t.starts[n]
	}
	return t.starts[n-1], end
}

var closingFence = regexp.MustCompile("^ {0,3}(`{3,}|~{3,})[ \t]*\n?$")

// blocks finds the napkin blocks and builds the source of the model.
func (r *Record) blocks(root ast.Node, data []byte, lines lineTable) error {
	var failed error
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the visitor returns no error
		fence, ok := n.(*ast.FencedCodeBlock)
		if !ok || !entering || failed != nil {
			return ast.WalkContinue, nil //nolint:nilerr // the first error is kept in failed
		}
		napkin := strings.EqualFold(string(fence.Language(data)), "napkin")
		first, last, known := extent(fence, lines)
		if !known {
			return ast.WalkContinue, nil // a fence of another language without a line
		}
		if quoted(fence) {
			if napkin {
				failed = fmt.Errorf("%s:%d: the napkin block stands inside a quotation; move it out, so that its lines begin without >", r.Name, first-1)
			}
			return ast.WalkContinue, nil
		}
		closed := last < len(lines.starts)
		if closed {
			from, to := lines.line(last + 1)
			closing := data[from:to]
			if n.Parent() != root { // an item of a list is indented as deep as it likes
				closing = bytes.TrimLeft(closing, " \t")
			}
			closed = closingFence.Match(closing)
		}
		if !closed {
			failed = fmt.Errorf("%s:%d: the fence that opens here is never closed; end it with a line of three backticks", r.Name, first-1)
		} else if napkin {
			r.Blocks = append(r.Blocks, Block{first, last})
		}
		return ast.WalkContinue, nil
	})
	if failed != nil {
		return failed
	}
	if len(r.Blocks) == 0 {
		return fmt.Errorf("%s: there is no fenced block ```napkin with the model of the options; docs/decisions.md shows one", r.Name)
	}
	var b strings.Builder
	next := r.Blocks[0].Line
	for _, block := range r.Blocks {
		for ; next < block.Line; next++ {
			b.WriteByte('\n')
		}
		for ; next <= block.EndLine; next++ {
			from, to := lines.line(next)
			b.Write(data[from:to])
		}
	}
	r.Source = lang.Source{Name: r.Name, Text: b.String(), Line: r.Blocks[0].Line}
	if strings.TrimSpace(r.Source.Text) == "" {
		return fmt.Errorf("%s:%d: the napkin block is empty; define the options and what each of them costs", r.Name, r.Blocks[0].Line-1)
	}
	return nil
}

// quoted holds for a block whose lines begin with the mark of a quotation.
func quoted(n ast.Node) bool {
	for ; n != nil; n = n.Parent() {
		if n.Kind() == ast.KindBlockquote {
			return true
		}
	}
	return false
}

// extent returns the lines of a fence's content; of an empty one the last is before the first.
func extent(fence *ast.FencedCodeBlock, lines lineTable) (first, last int, known bool) {
	content := fence.Lines()
	switch {
	case fence.Info != nil:
		first = lines.at(fence.Info.Segment.Start) + 1
	case content.Len() > 0:
		first = lines.at(content.At(0).Start)
	default:
		return 0, 0, false
	}
	last = first - 1
	if n := content.Len(); n > 0 {
		last = lines.at(content.At(n - 1).Start)
	}
	return first, last, true
}

var htmlComment = regexp.MustCompile(`(?s)<!--.*?-->`)

// sections lists the headings at the top level.
func (r *Record) sections(root ast.Node, data []byte, lines lineTable) {
	type heading struct {
		Section
		from, begin int // where its text begins, and where the heading itself does
	}
	var found []heading
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		h, ok := n.(*ast.Heading)
		if !ok || h.Lines().Len() == 0 {
			continue
		}
		begin := lines.at(h.Lines().At(0).Start)
		end := lines.at(h.Lines().At(h.Lines().Len() - 1).Start)
		from, to := lines.line(begin)
		if !bytes.HasPrefix(bytes.TrimLeft(data[from:to], " "), []byte("#")) {
			end++ // the line below a setext heading
		}
		_, after := lines.line(min(end, len(lines.starts)))
		title := strings.Join(strings.Fields(string(h.Lines().Value(data))), " ")
		found = append(found, heading{Section{Title: strings.Trim(title, "*_` "), Level: h.Level, Line: begin}, after, from})
	}
	for i := range found {
		h := &found[i]
		end := len(data)
		for _, later := range found[i+1:] {
			if later.Level <= h.Level {
				end = later.begin
				break
			}
		}
		text := string(data[min(h.from, end):end])
		without := htmlComment.ReplaceAllStringFunc(text, func(comment string) string { return strings.Repeat("\n", strings.Count(comment, "\n")) })
		h.Text = strings.TrimSpace(without)
		h.blank = strings.Count(without[:len(without)-len(strings.TrimLeft(without, " \t\n"))], "\n") + strings.Count(string(data[h.begin:min(h.from, end)]), "\n") - 1
		r.Sections = append(r.Sections, h.Section)
		if h.Level == 1 && r.Title == r.Name {
			r.Title = h.Title
		}
	}
}

// Section returns the section whose title begins with the given words, whatever their case.
func (r *Record) Section(title string) (Section, bool) {
	for _, s := range r.Sections {
		if strings.HasPrefix(strings.ToLower(s.Title), strings.ToLower(title)) {
			return s, true
		}
	}
	return Section{}, false
}

var chosenOption = regexp.MustCompile(`(?i)chosen option:?\s*["“'*_` + "`" + `]*([^"”'*_` + "`" + `,\n]+)`)

// Choice is what a record chooses, in its two places.
type Choice struct {
	// Option of the model that counts: that of the front matter, else that of the text. It is empty where the
	// record has not decided.
	Option string
	// Text is what the sentence `Chosen option: "..."` names, as it is written, and Line its line; empty where
	// there is none.
	Text string
	Line int
	// Other is the option of the text where the front matter chooses another one, and Unknown holds where the text
	// names none of the model and the front matter chooses nothing.
	Other   string
	Unknown bool
}

// Chosen returns what the record has chosen: the front matter's `chosen`, and MADR's sentence
// `Chosen option: "..."`, which is heard where it names an option of the model.
func (r *Record) Chosen(options []string) (Choice, error) {
	is := func(name string) (string, bool) {
		i := slices.IndexFunc(options, func(o string) bool { return strings.EqualFold(o, strings.TrimSpace(name)) })
		if i < 0 {
			return "", false
		}
		return options[i], true
	}
	var c Choice
	inText := ""
	if s, ok := r.Section("Decision Outcome"); ok {
		if m := chosenOption.FindStringSubmatchIndex(s.Text); m != nil {
			c.Text, c.Line = strings.TrimSpace(s.Text[m[2]:m[3]]), s.Line+1+strings.Count(s.Text[:m[2]], "\n")+s.blank
			inText, _ = is(c.Text)
		}
	}
	if r.Front.Chosen == "" {
		c.Option = inText
		c.Unknown = c.Text != "" && inText == ""
		return c, nil
	}
	var ok bool
	if c.Option, ok = is(r.Front.Chosen); !ok {
		return Choice{}, fmt.Errorf("%s: the front matter chooses %q, and the options of the model are %s", r.Name, r.Front.Chosen, strings.Join(options, ", "))
	}
	if inText != "" && inText != c.Option {
		c.Other = inText
	}
	return c, nil
}

// errFront is wrapped by errors of the front matter.
var errFront = errors.New("the front matter cannot be read")
