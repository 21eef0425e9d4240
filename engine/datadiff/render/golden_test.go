package render_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/napkin-infra/napkin/engine/datadiff/render"
	"github.com/napkin-infra/napkin/foundation/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

func textAt(o render.TextOptions) func(io.Writer, *render.Summary) error {
	return func(w io.Writer, s *render.Summary) error { return render.Text(w, s, o) }
}

// renderings are all forms of the fixture that are kept as golden files.
var renderings = []struct {
	file  string
	write func(io.Writer, *render.Summary) error
}{
	{"diff-80.txt", textAt(render.TextOptions{Width: 80, Files: []report.Written{{Name: "HTML", Path: ".napkin/diff.html"}}})},
	{"diff-200.txt", textAt(render.TextOptions{Width: 200, Verbose: true})},
	{"diff-colour.txt", textAt(render.TextOptions{Width: 100, Color: true})},
	{"diff.json", func(w io.Writer, s *render.Summary) error { return render.JSON(w, s) }},
	{"diff.md", func(w io.Writer, s *render.Summary) error { return report.Markdown(w, render.Report(s)) }},
	{"diff.html", func(w io.Writer, s *render.Summary) error { return report.HTML(w, render.Report(s)) }},
}

func TestGolden(t *testing.T) {
	for _, g := range renderings {
		t.Run(g.file, func(t *testing.T) {
			var b bytes.Buffer
			if err := g.write(&b, summary(t)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "golden", g.file)
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; write it with go test ./engine/datadiff/render -run Golden -update", err)
			}
			if !bytes.Equal(b.Bytes(), want) {
				t.Errorf("the rendering differs from %s; look at the difference, then run with -update", path)
			}
		})
	}
}

// Whatever the width, no line is wider, and nothing of a value steers the terminal.
func TestTextFitsAndIsClean(t *testing.T) {
	for width := 40; width <= 200; width += 7 {
		var b bytes.Buffer
		if err := render.Text(&b, summary(t), render.TextOptions{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSuffix(line, "\n")
			if n := ansi.StringWidth(line); n > width {
				t.Errorf("width %d: a line of %d columns: %q", width, n, line)
			}
			if strings.IndexFunc(line, unicode.IsControl) >= 0 {
				t.Errorf("width %d: control characters in %q", width, line)
			}
		}
	}
}

// What has weight is said in every form that a person reads.
func TestEveryCaveatIsSaid(t *testing.T) {
	s := summary(t)
	text, markdown := &bytes.Buffer{}, &bytes.Buffer{}
	if err := render.Text(text, s, render.TextOptions{Width: 200}); err != nil {
		t.Fatal(err)
	}
	if err := report.Markdown(markdown, render.Report(s)); err != nil {
		t.Fatal(err)
	}
	for _, say := range []string{
		"events", "command denied", "kept changing", "text that each product prints", "shape", "0.005", "is taken as UTC", "legacy_flag", "tenant", "B is a view",
		"where id", "hashes computed on the servers", "3e-16", "with 95 % confidence", "1.24 %", "as a multiset", "temporary files", "0/1A2B3C", "12 transient",
		"(40 of 41) differ by exactly +1 h", "audit_log", "at most 40 characters",
	} {
		for name, form := range map[string]string{"the text": strings.Join(strings.Fields(text.String()), " "), "Markdown": strings.ReplaceAll(markdown.String(), `\`, "")} {
			if !strings.Contains(form, say) {
				t.Errorf("%s does not say %q", name, say)
			}
		}
	}
}
