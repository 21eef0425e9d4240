package audit

import (
	"bytes"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/napkin-infra/napkin/foundation/report"
)

// TestShopSARIFValidates holds a real report against the schema of the standard.
func TestShopSARIFValidates(t *testing.T) {
	f, err := os.Open("../../foundation/report/testdata/sarif/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	if err := report.SARIF(&log, run(t, Options{Root: shopRoot}).Report); err != nil {
		t.Fatal(err)
	}
	got, err := jsonschema.UnmarshalJSON(&log)
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(got); err != nil {
		t.Error(err)
	}
	results := got.(map[string]any)["runs"].([]any)[0].(map[string]any)["results"].([]any)
	if len(results) < 20 {
		t.Errorf("%d results: too few for the test to mean anything", len(results))
	}
}

// TestShopIsAuditedTheSameEachTime holds that neither a cache nor the number of processors changes a
// byte of the report.
func TestShopIsAuditedTheSameEachTime(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir+"/shop", os.DirFS(shopRoot)); err != nil {
		t.Fatal(err)
	}
	root := dir + "/shop"
	if err := os.RemoveAll(root + "/.napkin"); err != nil {
		t.Fatal(err)
	}
	ageAll(t, root)
	first := canonical(t, run(t, Options{Root: root}).Report)
	again := func(name string, opt Options) {
		t.Helper()
		opt.Root = root
		if got := canonical(t, run(t, opt).Report); got != first {
			t.Errorf("%s: the report differs at byte %d", name, differs(got, first))
		}
	}
	again("a second run", Options{})
	cache := t.TempDir()
	again("with an empty cache", Options{CacheDir: cache})
	again("with a warm cache", Options{CacheDir: cache})
	// Without the kept answer the trees of the cache are read.
	forget(t, cache)
	again("with the trees of a cache", Options{CacheDir: cache})
	for _, n := range []int{1, 8} {
		before := runtime.GOMAXPROCS(n)
		again("on another number of processors", Options{})
		runtime.GOMAXPROCS(before)
	}

	// What is kept of a tree must not be told of the next: one file changes, and another is added.
	file := root + "/app/models/order.rb"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append([]byte("# Orders, and what they hold.\n\n"), text...), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(root+"/app/models/refund.rb", []byte("class Refund < ApplicationRecord\n  belongs_to :order\nend\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	before := first
	first = canonical(t, run(t, Options{Root: root}).Report)
	if first == before {
		t.Fatal("the change changes nothing: it tests nothing")
	}
	again("with the cache of the tree before its change", Options{CacheDir: cache})
	again("with the cache once more", Options{CacheDir: cache})
}

// forget removes the kept answers from a cache and leaves the rest.
func forget(t testing.TB, cache string) {
	t.Helper()
	files, err := os.ReadDir(cache)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range files {
		if strings.HasSuffix(e.Name(), ".result") {
			if err := os.Remove(cache + "/" + e.Name()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func differs(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
