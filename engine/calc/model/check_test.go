package model_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestRefused is the catalogue of what is refused: texts between lines of dashes, each with the sentences, places and
// hints that it gets. A text that begins with + stands behind a model that has what it reads.
func TestRefused(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "refused.txt"))
	if err != nil {
		t.Fatal(err)
	}
	const shop = "time month 2024-01 to 2024-12\ndimension Product = Basic, Pro\ndimension Store = S1..S4\ndimension Region = North, South\nmap Store -> Region = S1..S2: North, S3: South\ninput units[Product, Store, month] = others others others: 1\ninput price[Product] = Basic: 20, Pro: 50\ninput rate = 3%\n"
	var b strings.Builder
	for _, text := range strings.Split(strings.TrimRight(string(data), "\n"), "\n---\n") {
		source := lang.Source{Name: "m.nap", Text: text}
		if rest, ok := strings.CutPrefix(text, "+\n"); ok {
			source.Text = shop + rest
		}
		f, err := lang.Parse(source)
		if err == nil {
			_, err = model.Check(context.Background(), f, model.Options{})
		}
		if err == nil {
			t.Errorf("accepted:\n%s", text)
			continue
		}
		var errs lang.Errors
		if !errors.As(err, &errs) {
			t.Errorf("%q: the error is a %T: %v", text, err, err)
			continue
		}
		for _, e := range errs {
			if e.Line < 1 || e.Column < 1 || len(e.Message) < 10 || !strings.Contains(e.Excerpt(), "^") {
				t.Errorf("%q: an error without a place or a sentence: %+v", text, e)
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
