package decision

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/rate"
)

const good = "# T\n\n```napkin\noption one { cost = 10 to 20 $/month }\noption other { cost = 30 $/month }\n```\n"

func review(t *testing.T, text string) (*Result, error) {
	t.Helper()
	rec, err := Read("d.md", []byte(text))
	if err != nil {
		return nil, err
	}
	return Review(context.Background(), rec, Options{Profile: rate.Embedded(), Now: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)})
}

func TestBadRecords(t *testing.T) {
	block := func(body string) string { return "# T\n\n```napkin\n" + body + "\n```\n" }
	for name, c := range map[string]struct{ text, want string }{
		"empty":              {"", "the file is empty"},
		"only BOM":           {"\ufeff\r\n", "the file is empty"},
		"binary":             {"a\x00b", "no text"},
		"10 MB":              {strings.Repeat("word ", 2<<20), "at most 1 MiB"},
		"no block":           {"# T\n\n```sh\nls\n```\n", "no fenced block"},
		"in a comment":       {"# T\n\n<!--\n```napkin\noption one = 1\n```\n-->\n", "no fenced block"},
		"in a longer fence":  {"````md\n```napkin\noption one = 1\n```\n````\n", "no fenced block"},
		"in a list":          {"* item\n\n  ```napkin\n  option one = 1\n  ```\n", "d.md:3: the napkin block stands inside a list"},
		"unterminated":       {"# T\n\n```napkin\noption one = 1\n", "d.md:3: the fence that opens here is never closed"},
		"other unterminated": {"# T\n\n````sh\nls\n\n" + good, "d.md:3: the fence"},
		"empty block":        {"```napkin\n```\n", "the napkin block is empty"},
		"bad dimension":      {block("option one { cost = 3 GB + 2 s }"), "d.md:4:"},
		"unknown name":       {block("option one { cost = price * 2 }"), "d.md:4:"},
		"circular":           {block("p = q + 1\nq = p + 1\noption one { cost = p }"), "p is defined by way of itself"},
		"twice, two blocks":  {block("x = 1") + block("x = 2\noption one { cost = x }"), "d.md:9:1: x is already defined in line 4"},
		"no option":          {block("x = 1"), "the model has no option"},
		"without outcome":    {block("option one { cost = 1 $ }\noption other { }"), "d.md:5: option other has no outcome"},
		"nothing shared":     {block("option one { cost = 1 $ }\noption other { time = 1 s }"), "share no outcome"},
		"two kinds":          {block("option one { cost = 1 $ }\noption other { cost = 1 s }"), "outcomes of one name are compared"},
		"open front matter":  {"---\nstatus: x\n", "no line `---` ends it"},
		"bad front matter":   {"---\nstatus: [\n---\n" + good, "the front matter cannot be read"},
		"unknown choice":     {"---\nchosen: c\n---\n" + good, `chooses "c", and the options of the model are one, other`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := review(t, c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// TestFormsOfText holds the reader to one answer for all ways in which editors write the same text.
func TestFormsOfText(t *testing.T) {
	setext := "T\n=\n\nContext\n-------\nwhy\n\n~~~napkin\noption one { cost = 1 $ }\n~~~\n"
	for name, text := range map[string]string{
		"LF": setext, "CRLF": strings.ReplaceAll(setext, "\n", "\r\n"), "BOM": "\ufeff" + setext, "CR": strings.ReplaceAll(setext, "\n", "\r"),
	} {
		rec, err := Read("d.md", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s, ok := rec.Section("context")
		if rec.Title != "T" || !ok || s.Line != 4 || !strings.HasPrefix(s.Text, "why") || rec.Blocks[0] != (Block{9, 9}) {
			t.Errorf("%s: title %q, section %+v, blocks %v", name, rec.Title, s, rec.Blocks)
		}
	}
}

// TestTwoBlocks reads one model from two blocks, and keeps the lines.
func TestTwoBlocks(t *testing.T) {
	r, err := review(t, "# T\n\n```napkin\nx = 10 $/month\n```\ntext\n```napkin\noption one { cost = x }\noption other { cost = 2 * x }\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Outcomes) != 1 || r.Outcomes[0].ByOption["other"].Line != 9 {
		t.Errorf("%+v", r.Outcomes)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("---\na: b\n---\n" + good))
	f.Add([]byte("\ufeff> ```napkin\r\n> x\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := Read("d.md", data)
		if err != nil {
			return
		}
		for _, b := range rec.Blocks {
			if b.Line < 2 || b.EndLine < b.Line-1 {
				t.Errorf("block %v", b)
			}
		}
		_, _ = Review(t.Context(), rec, Options{Samples: 1000})
	})
}
