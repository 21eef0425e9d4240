// Package examples_test keeps the example applications honest: what their README promises is there,
// and everything in them can be read.
package examples_test

import (
	"context"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang"
)

var faultRow = regexp.MustCompile(`^\| ([SC]\d\d) \| ([a-z]+\.[a-z0-9-]+) \| (\S+) \| (.+) \| (.+) \|$`)

func TestShopFaultsAreListed(t *testing.T) {
	text, err := os.ReadFile("shop/README.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.SplitSeq(string(text), "\n") {
		if !strings.HasPrefix(line, "| S") && !strings.HasPrefix(line, "| C") {
			continue
		}
		m := faultRow.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("not a row of number, rule, file, fault, fix: %s", line)
			continue
		}
		if seen[m[1]] {
			t.Errorf("%s stands there twice", m[1])
		}
		seen[m[1]] = true
		if _, err := os.Stat(filepath.Join("shop", m[3])); err != nil {
			t.Errorf("%s: %v", m[1], err)
		}
		for _, w := range regexp.MustCompile("`([a-z/_]+\\.(?:rb|erb|go|yaml))`").FindAllStringSubmatch(line, -1) {
			if _, err := os.Stat(filepath.Join("shop", w[1])); err != nil {
				t.Errorf("%s: %v", m[1], err)
			}
		}
	}
	if promised := regexp.MustCompile(`(\d+) faults`).FindStringSubmatch(string(text)); promised == nil || promised[1] != strconv.Itoa(len(seen)) {
		t.Errorf("the README lists %d faults and promises %v", len(seen), promised)
	}
}

func TestExamplesCanBeRead(t *testing.T) {
	parsed := map[string]int{} // files by language
	err := filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		if e != nil && e.Name() == ".napkin" {
			return filepath.SkipDir // the report of `make demo`
		}
		if err != nil || e.IsDir() {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if l := lang.Of(filepath.ToSlash(path), src); l != "" && lang.Parsed(l) {
			tree, err := lang.Lower(context.Background(), l, src)
			if err != nil {
				t.Errorf("%s: %v", path, err)
			} else if tree.Errors > 0 {
				t.Errorf("%s: %d syntax errors", path, tree.Errors)
			}
			parsed[l]++
		}
		if filepath.Ext(path) == ".go" {
			if _, err := parser.ParseFile(token.NewFileSet(), path, src, parser.SkipObjectResolution); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			return nil
		}
		kind := config.KindOf(filepath.ToSlash(path), src)
		if kind == "" {
			return nil
		}
		d, err := config.Parse(kind, path, src)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		for _, p := range d.Problems {
			t.Errorf("%s:%d: %s", path, p.Span.Start, p.Message)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []string{"ruby", "erb", "go"} {
		if lang.Parsed(l) && parsed[l] == 0 {
			t.Errorf("no file of %s was parsed", l)
		}
	}
	t.Logf("parsed %v", parsed)
}
