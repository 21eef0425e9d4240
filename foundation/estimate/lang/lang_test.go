package lang_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/estimate"
	"github.com/napkin-infra/napkin/foundation/estimate/lang"
	"github.com/napkin-infra/napkin/foundation/rate"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestRefused is the catalogue of what the language refuses: each line of refused.txt with the sentence,
// the place and the hint that it gets.
func TestRefused(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "refused.txt"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	if len(lines) < 60 {
		t.Errorf("%d expressions, want at least 60", len(lines))
	}
	var b strings.Builder
	for _, line := range lines {
		_, err := estimate.Parse(lang.Source{Text: strings.ReplaceAll(line, "; ", "\n")}, rate.Embedded())
		if err == nil {
			t.Errorf("%q is accepted", line)
			continue
		}
		var errs lang.Errors
		if !errors.As(err, &errs) {
			t.Errorf("%q: the error is a %T", line, err)
			continue
		}
		for _, e := range errs {
			if e.Line < 1 || e.Column < 1 || len(e.Message) < 10 || !strings.Contains(e.Excerpt(), "^") {
				t.Errorf("%q: an error without a place or a sentence: %+v", line, e)
			}
		}
		b.WriteString(err.Error() + "\n\n")
	}
	golden := filepath.Join("testdata", "refused.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the sentences differ from %s; -update writes it anew\n%s", golden, b.String())
	}
}

func TestPlaceCountsFromBaseLine(t *testing.T) {
	_, err := lang.Parse(lang.Source{Name: "decision.md", Line: 40, Text: "a = 5 GB\nµ1 = 3\nc = a + 1 s"}, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "decision.md:42:7: cannot add bytes and seconds\n  42 | c = a + 1 s\n     |       ^") {
		t.Errorf("%v", err)
	}
}

func TestAccepted(t *testing.T) {
	for _, text := range []string{
		"", "# nothing\n\n", "5", "-5 to 5", "5 %", "1k..10k req/s * 2 kB in MB/s", "$0.02/GB", "5 GB-month", "3 kW h",
		"let x = 5; x", "x = \\\n5"[:4] + "5", "10 MB/s to\n 50 MB/s", "max(1 s,\n 2 s)", "option a = 5; option b { x = 1 ms; z = $5 }", "claim: 5 > 3 at sync=full, one row",
		"users = 1M..3M; 100 GB / users", "c = a; a = 5", "2^-2", "(4 s^2)^(1/2) + 1 s", "x = 1 ms\r\nx", "100 ms +/- 20 %", "5 – 6 ms", "3 × 4 ÷ 2 − 1", "1 TB / 30 / day in GB/h",
		"\ufeff5 + 5", "5 GB per day", "1 µs + 1 us", "constraint 1 ms <= 2 ms", "5 req / 2 req", "50 pages * disk.read.random in ms",
	} {
		if _, err := estimate.Parse(lang.Source{Text: text}, rate.Embedded()); err != nil {
			t.Errorf("%q is refused:\n%v", text, err)
		}
	}
}

func TestBounds(t *testing.T) {
	for name, text := range map[string]string{
		"nested":     strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000),
		"negated":    strings.Repeat("-", 5000) + "1",
		"powers":     strings.Repeat("2^", 5000) + "1",
		"unit":       "1 in " + strings.Repeat("(", 5000) + "s",
		"long":       strings.Repeat("1+", 200_000) + "1",
		"statements": strings.Repeat("1\n", 3000),
		"cycle":      "a = a",
	} {
		if _, err := lang.Parse(lang.Source{Text: text}, nil); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	data, err := os.ReadFile(filepath.Join("testdata", "refused.txt"))
	if err != nil {
		f.Fatal(err)
	}
	for _, line := range strings.Split(string(data), "\n") {
		f.Add(line)
	}
	f.Add("option a { cost = $5/GB * 3 TB }\nconstraint cost < $1k\nclaim: fsync < 1 ms at x=y\nx = 80 % to 90 % -> %")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := estimate.Parse(lang.Source{Text: text, Line: 7}, rate.Embedded())
		if err != nil {
			if len(err.Error()) > 200*1024 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		if r, err := m.Evaluate(t.Context(), estimate.Options{Samples: 100}); err == nil {
			for _, o := range r.Outcomes {
				_ = o.String()
			}
			_ = r.Document()
		}
	})
}
