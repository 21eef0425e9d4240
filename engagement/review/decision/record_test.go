package decision

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/estimate/lang"
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
		"in a quotation":     {"> text\n>\n> ```napkin\n> option one = 1\n> ```\n", "d.md:3: the napkin block stands inside a quotation"},
		"open in a list":     {"* item\n\n  ```napkin\n  option one = 1\n\nText.\n", "d.md:3: the fence that opens here is never closed"},
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

// TestPlacesOfTheBlock reads blocks at all places and in all spellings that Markdown knows.
func TestPlacesOfTheBlock(t *testing.T) {
	const model = "option one { cost = 1 $ }\noption other { cost = 2 $ }"
	for name, text := range map[string]string{
		"three spaces":         "# T\n\n   ```napkin\n   " + model + "\n   ```\n",
		"upper case":           "# T\n\n```Napkin\n" + model + "\n```\n",
		"below a list":         "# T\n\n* one\n* other\n\n   ```napkin\n   " + strings.ReplaceAll(model, "\n", "\n   ") + "\n   ```\n",
		"in a list of a list":  "* item\n  1. item\n\n     ```napkin\n     " + strings.ReplaceAll(model, "\n", "\n     ") + "\n     ```\n",
		"in a list, with tabs": "*\titem\n\n\t```napkin\n\t" + strings.ReplaceAll(model, "\n", "\n\t") + "\n\t```\n",
	} {
		r, err := review(t, text)
		if err != nil || len(r.Options) != 2 || r.Outcomes[0].Pairs[0].Less != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOneMistakeIsToldOnce: an option that stands twice is one mistake, and its block holds no others.
func TestOneMistakeIsToldOnce(t *testing.T) {
	for _, body := range []string{" {\n cost = $1/month\n}", " { cost = $1/month }", ": {\n\n cost = $1/month }\n"} {
		_, err := review(t, good+"\n```napkin\noption one"+body+"\n```\n")
		var errs lang.Errors
		if !errors.As(err, &errs) || len(errs) != 1 || !strings.Contains(err.Error(), "option one is already defined in line 4") {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// TestTwoChoices holds a record to one choice: the front matter and the text may not name two options.
func TestTwoChoices(t *testing.T) {
	outcome := func(front, sentence string) string {
		return front + good + "\n## Decision Outcome\n\n<!-- one\ncomment -->\nIn short:\nChosen option: " + sentence + ", because.\n"
	}
	for _, c := range []struct {
		name, text string
		want       Choice
		headline   string
	}{
		{"both the same", outcome("---\nchosen: other\n---\n", `"Other"`), Choice{Option: "other", Text: "Other", Line: 16}, "The model contradicts nothing in the record."},
		{"two", outcome("---\nchosen: one\n---\n", `"other"`), Choice{Option: "one", Text: "other", Line: 16, Other: "other"}, "The record chooses twice: one in its front matter and other in line 16."},
		{"only the text", outcome("", "`one`"), Choice{Option: "one", Text: "one", Line: 13}, "The model contradicts nothing in the record."},
		{"the text has another name for it", outcome("---\nchosen: one\n---\n", `"The first one"`), Choice{Option: "one", Text: "The first one", Line: 16}, "The model contradicts nothing in the record."},
		{"the text names none of the model", outcome("", `"The first one"`), Choice{Text: "The first one", Line: 13, Unknown: true}, "The model contradicts nothing in the record."},
		{"undecided", good, Choice{}, "The model contradicts nothing in the record."},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := review(t, c.text)
			if err != nil {
				t.Fatal(err)
			}
			v := r.Report("test").Verdict
			if r.Choice != c.want || v.Headline != c.headline && c.want.Option != "other" {
				t.Errorf("%+v, %q; want %+v", r.Choice, v.Headline, c.want)
			}
			if fails := len(r.Failures(1)) > 0; fails != (c.want.Other != "") {
				t.Errorf("failures %v", r.Failures(1))
			}
			if said := strings.Contains(strings.Join(v.Paragraphs, " "), `"The first one" (line 13), which is none of the model's options`); said != c.want.Unknown {
				t.Errorf("%q", v.Paragraphs)
			}
		})
	}
}

// TestFrontMatterIsNotTakenOnTrust: a status that nobody knows, a date that is none, and a tag without failure modes.
func TestFrontMatterIsNotTakenOnTrust(t *testing.T) {
	r, err := review(t, "---\nstatus: banana\ndate: 31.12.2026\ntags: [nosuchtag, Postgres]\n---\n"+good)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, g := range r.Missing {
		said = append(said, g.What)
	}
	whole := strings.Join(said, "\n")
	for _, want := range []string{"a `status` of MADR: \"banana\" is none", "a `date` as YYYY-MM-DD: \"31.12.2026\" is none", "failure modes for the tag nosuchtag"} {
		if !strings.Contains(whole, want) {
			t.Errorf("%q is not among\n%s", want, whole)
		}
	}
	for _, s := range r.Report("test").Sections {
		if strings.HasPrefix(s.Title, "Pre-mortem") && s.Text != "Failure modes for the declared tags: Postgres." {
			t.Error(s.Text)
		}
	}
	for _, status := range []string{"proposed", "Accepted", "rejected", "deprecated", "superseded by [ADR-0005](0005-example.md)", "draft"} {
		if r, err := review(t, "---\nstatus: "+status+"\ndate: 2026-11-28\n---\n"+good); err != nil || slices.ContainsFunc(r.Missing, func(g Gap) bool { return strings.Contains(g.What, "status") || strings.Contains(g.What, "date") }) {
			t.Errorf("%s: %v, %v", status, err, r.Missing)
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
