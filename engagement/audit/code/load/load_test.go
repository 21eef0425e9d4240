package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/inventory"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// write makes files that were last changed a minute ago, so that the cache trusts their times.
func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for p, s := range files {
		full := filepath.Join(dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(-time.Minute)
		if err := os.Chtimes(full, old, old); err != nil {
			t.Fatal(err)
		}
	}
}

// source is a file in a language that this build can lower, with one function called name.
func source(t testing.TB, name string) (path, text string) {
	t.Helper()
	for _, c := range []struct{ lang, path, text string }{
		{"python", "app/%s.py", "def %s(a):\n    return a.b\n"},
		{"ruby", "app/%s.rb", "def %s(a)\n  a.b\nend\n"},
		{"go", "app/%s.go", "package app\n\nfunc %s(a int) int { return a }\n"},
	} {
		if lang.Parsed(c.lang) {
			return fmt.Sprintf(c.path, name), fmt.Sprintf(c.text, name)
		}
	}
	t.Skip("this build has no parser at all (it needs cgo)")
	return "", ""
}

func load(t testing.TB, dir string, opt Options) *project.Project {
	t.Helper()
	p, err := Project(t.Context(), dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// dump writes all that a project holds, for comparing two.
func dump(p *project.Project) string {
	var sb strings.Builder
	for _, f := range p.Files {
		fmt.Fprintf(&sb, "%s %s %s %d %d %s %q %q %v doc=%v\n", f.Path, f.Lang, f.Role, f.Size, f.Lines, f.Hash, f.Skipped, f.Note, f.BOM, f.Doc != nil)
		if f.Tree != nil {
			sb.WriteString(f.Tree.Root().Dump())
		}
	}
	return sb.String()
}

func TestFaults(t *testing.T) {
	good, text := source(t, "good")
	ext := filepath.Ext(good)
	dir := t.TempDir()
	deep := "x = " + strings.Repeat("(", 100_000) + strings.Repeat(")", 100_000) + "\n"
	write(t, dir, map[string]string{
		good:                   text,
		"app/binary" + ext:     "\x00\x01\x02\x03",
		"app/deep" + ext:       deep,
		"app/conflict" + ext:   "<<<<<<< a\n=======\n>>>>>>> b\n",
		"app/latin" + ext:      "# caf\xe9\n" + text,
		"app/mark" + ext:       "\xEF\xBB\xBF" + text,
		"app/crlf" + ext:       strings.ReplaceAll(text, "\n", "\r\n"),
		"app/empty" + ext:      "",
		"app/huge" + ext:       "",
		"deploy/compose.yml":   "services:\n  a:\n    image: b\n",
		"deploy/broken.yml":    "a: [\n",
		"deploy/deepest.yml":   strings.Repeat("[", 100_000),
		"spec/good_test" + ext: text,
	})
	if err := os.Truncate(filepath.Join(dir, "app", "huge"+ext), 200<<20); err != nil {
		t.Fatal(err)
	}
	p := load(t, dir, Options{})
	for name, want := range map[string]string{
		"app/binary" + ext: "binary content", "app/deep" + ext: "brackets deep", "app/conflict" + ext: "merge-conflict markers (line 1)",
		"app/huge" + ext: "too large: 200.0 MiB", "deploy/deepest.yml": "brackets deep",
	} {
		f := p.File(name)
		if f == nil || !strings.Contains(f.Skipped, want) || f.Tree != nil {
			t.Errorf("%s: %+v, want it skipped with %q", name, f, want)
		}
	}
	for _, name := range []string{good, "app/latin" + ext, "app/mark" + ext, "app/crlf" + ext, "app/empty" + ext} {
		if f := p.File(name); f.Tree == nil || f.Skipped != "" {
			t.Errorf("%s was not lowered: %q", name, f.Skipped)
		}
	}
	if f := p.File("app/mark" + ext); !f.BOM || string(f.Source()) != text || string(f.Raw()) != "\xEF\xBB\xBF"+text || f.Tree.Root().Dump() != p.File(good).Tree.Root().Dump() {
		t.Error("a byte order mark changes the tree or its offsets")
	}
	if f := p.File("app/latin" + ext); f.Note != "1 byte is not valid UTF-8" || string(f.Source()) != "# caf?\n"+text {
		t.Errorf("invalid UTF-8: note %q, source %q", f.Note, f.Source())
	}
	if f := p.File("deploy/compose.yml"); f.Doc == nil {
		t.Errorf("compose file was not parsed: %q", f.Skipped)
	}
	if f := p.File("deploy/broken.yml"); f.Doc == nil && f.Skipped == "" {
		t.Error("broken YAML is neither a document nor skipped with a reason")
	}
	if f := p.File("spec/good_test" + ext); f.Tree != nil || f.Role != project.Test {
		t.Error("a test was lowered without being asked for")
	}
	if f := load(t, dir, Options{IncludeTests: true}).File("spec/good_test" + ext); f.Tree == nil {
		t.Error("IncludeTests does not lower tests")
	}
}

func TestDeepNestingWithoutBrackets(t *testing.T) {
	hostile := map[string][]string{
		"ruby":       {"a.rb", strings.Repeat("begin\n", 80_000), strings.Repeat("if a then ", 50_000), "x = " + strings.Repeat("!", 400_000) + "a", "a" + strings.Repeat(".b", 200_000), "x = a" + strings.Repeat("+a", 200_000)},
		"python":     {"a.py", "x = " + strings.Repeat("not ", 100_000) + "a", "a" + strings.Repeat(".b", 200_000), "x = " + strings.Repeat("lambda:", 70_000) + "1", "x = a" + strings.Repeat("+a", 200_000)},
		"typescript": {"a.ts", "x = " + strings.Repeat("!\n", 200_000) + "a", "a" + strings.Repeat("\n.b", 150_000), strings.Repeat("if(a)\n", 80_000) + ";", strings.Repeat("a=>\n", 120_000) + "1"},
		"php":        {"a.php", "<?php $x = " + strings.Repeat("!\n", 200_000) + "$a;", "<?php $a" + strings.Repeat("\n->b", 100_000) + ";"},
		"java":       {"A.java", "class A { boolean x = " + strings.Repeat("!", 400_000) + "a; }", "class A { int x = a" + strings.Repeat("+a", 200_000) + "; }"},
		"go":         {"a.go", "package a\nvar x = " + strings.Repeat("!", 400_000) + "a", "package a\nvar x = a" + strings.Repeat("+a", 200_000), "package a\nvar x = a" + strings.Repeat(".b", 200_000)},
		"erb":        {"a.erb", strings.Repeat("<% if a %>", 40_000)},
		"haml":       {"a.haml", strings.Repeat("= a.each do\n", 40_000)},
		"jinja":      {"a.jinja", strings.Repeat("{% if a %}", 40_000)},
		"blade":      {"a.blade.php", strings.Repeat("@if(a)\n", 60_000)},
	}
	for language, cases := range hostile {
		if !lang.Parsed(language) {
			t.Logf("%s: no parser in this build", language)
			continue
		}
		for i, src := range cases[1:] {
			start := time.Now()
			f := FromFiles(map[string]string{cases[0]: src}).File(cases[0])
			if f.Tree == nil && f.Skipped == "" {
				t.Errorf("%s case %d: neither lowered nor skipped", language, i)
			}
			if took := time.Since(start); took > fileTimeout+5*time.Second {
				t.Errorf("%s case %d took %v", language, i, took)
			}
		}
	}
}

func TestNothingToAudit(t *testing.T) {
	empty, pictures := t.TempDir(), t.TempDir()
	write(t, pictures, map[string]string{"a.png": "\x89PNG", "b.md": "# b"})
	for dir, want := range map[string]string{empty: "holds no files", pictures: "holds 2 files, and none of them is"} {
		_, err := Project(t.Context(), dir, Options{})
		if !errors.Is(err, inventory.ErrNotAuditable) || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q", err, want)
		}
	}
}

func TestPanicOfAParserCostsOneFile(t *testing.T) {
	_, err := guarded(t.Context(), "ruby", nil, func(context.Context, string, []byte) (*syntax.Tree, error) {
		panic("index out of range\nand a stack")
	})
	if err == nil || err.Error() != "the ruby parser failed on it (index out of range)" {
		t.Errorf("error = %v", err)
	}
}

func TestSlowParserIsGivenUp(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := guarded(ctx, "ruby", nil, func(ctx context.Context, _ string, _ []byte) (*syntax.Tree, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	if !errors.Is(err, errSlow) {
		t.Errorf("error = %v, want errSlow", err)
	}
}

func TestCacheGivesTheSameProject(t *testing.T) {
	dir, cache := t.TempDir(), t.TempDir()
	files := map[string]string{"compose.yml": "services:\n  a:\n    image: b\n"}
	for _, name := range []string{"one", "two", "three"} {
		p, s := source(t, name)
		files[p] = s
	}
	p, s := source(t, "marked")
	files[p] = "\xEF\xBB\xBF" + s
	p, s = source(t, "bad")
	files[p] = "# \xff\n" + s
	write(t, dir, files)
	plain := dump(load(t, dir, Options{}))
	for run := range 3 {
		if got := dump(load(t, dir, Options{CacheDir: cache, Jobs: run + 1})); got != plain {
			t.Fatalf("run %d with the cache differs:\n%s\nwithout:\n%s", run, got, plain)
		}
	}
	// The second run must not even open the sources.
	if n := readCount(t, dir, cache); n != 0 {
		t.Errorf("an unchanged tree reads %d sources", n)
	}
	// Other bytes of the same size, under the time of the old ones.
	p, s = source(t, "one")
	info, _ := os.Stat(filepath.Join(dir, p))
	same := strings.Repeat("#", len(s))
	write(t, dir, map[string]string{p: same})
	stamp(t, dir, p, info.ModTime())
	if got := load(t, dir, Options{CacheDir: cache}); string(got.File(p).Source()) != same || got.File(p).Hash != blobID([]byte(same)) {
		t.Error("a file changed under its old time is served from the cache")
	}
	changed := s + "\n# more\n"
	write(t, dir, map[string]string{p: changed})
	if got := load(t, dir, Options{CacheDir: cache}); got.File(p).Lines == 0 || string(got.File(p).Source()) != changed {
		t.Error("a changed file is served from the cache")
	}
}

func stamp(t *testing.T, dir, p string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(filepath.Join(dir, p), at, at); err != nil {
		t.Fatal(err)
	}
}

// readCount loads and returns how many sources had to be read: those whose row in the cache is new.
func readCount(t *testing.T, dir, cacheDir string) int {
	t.Helper()
	listing, err := inventory.List(t.Context(), dir, inventory.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer listing.Close()
	c, note := openCache(cacheDir, dir)
	if note != "" {
		t.Fatal(note)
	}
	defer c.close(true)
	missed := 0
	for i := range listing.Entries {
		e := &listing.Entries[i]
		if !lang.Parsed(e.Lang) {
			continue
		}
		if _, _, _, ok := c.byStat(e); !ok {
			missed++
		}
	}
	return missed
}

func TestDamagedCacheIsIgnored(t *testing.T) {
	dir := t.TempDir()
	p, s := source(t, "one")
	write(t, dir, map[string]string{p: s})
	want := dump(load(t, dir, Options{}))
	for name, damage := range map[string]func([]byte) []byte{
		"cut short":       func(b []byte) []byte { return b[:len(b)/2] },
		"empty":           func([]byte) []byte { return nil },
		"a bit in a tree": func(b []byte) []byte { b[40] ^= 4; return b },
		"a bit in index":  func(b []byte) []byte { b[len(b)-40] ^= 4; return b },
		"other file":      func([]byte) []byte { return []byte(strings.Repeat("hello", 100)) },
	} {
		cache := t.TempDir()
		load(t, dir, Options{CacheDir: cache})
		names, _ := filepath.Glob(filepath.Join(cache, "*.trees"))
		if len(names) != 1 {
			t.Fatalf("cache files: %v", names)
		}
		b, err := os.ReadFile(names[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(names[0], damage(b), 0o644); err != nil {
			t.Fatal(err)
		}
		got := load(t, dir, Options{CacheDir: cache})
		if dump(got) != want {
			t.Errorf("%s: the project differs", name)
		}
		if notes := strings.Join(got.Problems, "\n"); !strings.Contains(notes, "damaged") {
			t.Errorf("%s: notes %q do not say so", name, notes)
		}
		again := load(t, dir, Options{CacheDir: cache})
		if notes := strings.Join(again.Problems, "\n"); strings.Contains(notes, "damaged") || dump(again) != want {
			t.Errorf("%s: the cache was not repaired: %q", name, notes)
		}
		left, _ := filepath.Glob(filepath.Join(cache, "*.tmp-*"))
		if len(left) > 0 {
			t.Errorf("%s: temporary files are left: %v", name, left)
		}
	}
}

func TestManyProcessesShareACache(t *testing.T) {
	dir, cache := t.TempDir(), t.TempDir()
	files := map[string]string{}
	for i := range 30 {
		p, s := source(t, fmt.Sprintf("f%d", i))
		files[p] = s
	}
	write(t, dir, files)
	want := dump(load(t, dir, Options{}))
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for range 3 {
				p, err := Project(context.Background(), dir, Options{CacheDir: cache})
				if err != nil || dump(p) != want {
					t.Errorf("a concurrent load differs (error %v)", err)
				}
			}
		})
	}
	wg.Wait()
}

func TestCacheFolderThatCanNotBeWritten(t *testing.T) {
	dir := t.TempDir()
	p, s := source(t, "one")
	write(t, dir, map[string]string{p: s})
	blocked := filepath.Join(dir, p) // a file where a folder should be
	got, err := Project(t.Context(), dir, Options{CacheDir: blocked})
	if err != nil || got.File(p).Tree == nil || !strings.Contains(strings.Join(got.Problems, "\n"), "cache can not be used") {
		t.Errorf("error %v, problems %q", err, got.Problems)
	}
}

func TestInterruptedLoadIsPartial(t *testing.T) {
	dir, cache := t.TempDir(), t.TempDir()
	p, s := source(t, "one")
	write(t, dir, map[string]string{p: s})
	ctx, cancel := context.WithCancel(t.Context())
	l, err := inventory.List(ctx, dir, inventory.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	work := &loader{listing: l, only: map[string]bool{}, packages: map[string]bool{}}
	if f := work.file(ctx, &l.Entries[0]); f.Skipped != Interrupted || f.Tree != nil {
		t.Errorf("skipped = %q", f.Skipped)
	}
	got, err := Project(ctx, dir, Options{CacheDir: cache})
	if !errors.Is(err, context.Canceled) || got == nil {
		t.Errorf("project %v, error %v", got, err)
	}
	if got := load(t, dir, Options{CacheDir: cache}); got.File(p).Tree == nil {
		t.Error("the interruption was kept in the cache")
	}
}

func TestSourceOfAChangedFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	p, s := source(t, "one")
	write(t, dir, map[string]string{p: s})
	f := load(t, dir, Options{}).File(p)
	write(t, dir, map[string]string{p: s + s})
	if src := f.Source(); src != nil {
		t.Errorf("source of a file that changed since = %q", src)
	}
}

func TestWithEdits(t *testing.T) {
	one, s1 := source(t, "one")
	two, s2 := source(t, "two")
	p := FromFiles(map[string]string{one: "\xEF\xBB\xBF" + s1, two: s2})
	at := strings.Index(s1, "one")
	fresh, s3 := source(t, "three")
	q, err := WithEdits(p, []patch.Edit{{Path: one, Start: at, End: at + 3, New: "uno"}, {Path: fresh, New: s3, Create: true}})
	if err != nil {
		t.Fatal(err)
	}
	if q.File(two) != p.File(two) {
		t.Error("a file without edits is not shared")
	}
	if d := q.File(one).Tree.Root().Dump(); !strings.Contains(d, `"uno"`) || strings.Contains(d, `"one"`) {
		t.Errorf("the edit is not in the tree:\n%s", d)
	}
	if !strings.Contains(p.File(one).Tree.Root().Dump(), `"one"`) {
		t.Error("the first project changed")
	}
	if q.File(fresh) == nil || q.File(fresh).Tree == nil {
		t.Error("the new file is not there")
	}
	if !q.File(one).BOM {
		t.Error("the byte order mark was lost")
	}
	if _, err := WithEdits(p, []patch.Edit{{Path: "nowhere.rb"}}); !errors.Is(err, patch.ErrNoFile) {
		t.Errorf("error = %v, want ErrNoFile", err)
	}
}

func TestCoverageCountsEveryFileOnce(t *testing.T) {
	one, s := source(t, "one")
	ext := filepath.Ext(one)
	p := FromFiles(map[string]string{one: s, "test/a_test" + ext: s, "vendor/a" + ext: s, "app/bin" + ext: "\x00", "db/x.sql": "select 1", "docs/a.md": "x"})
	total := 0
	for _, c := range p.Coverage() {
		if c.Read+c.Tests+c.Derived+c.Skipped+c.NoParser+c.Unread != c.Files {
			t.Errorf("%+v does not add up", c)
		}
		total += c.Files
		if c.Lang == lang.Of(one, nil) && (c.Read != 1 || c.Tests != 1 || c.Derived != 1 || c.Skipped != 1 || c.Lines != strings.Count(s, "\n")) {
			t.Errorf("%+v", c)
		}
	}
	if total != len(p.Files) {
		t.Errorf("%d files counted of %d", total, len(p.Files))
	}
}

func TestGitTreeAndCopyLoadAlike(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	one, s := source(t, "one")
	write(t, dir, map[string]string{one: s, "compose.yml": "services: {}\n"})
	want := dump(load(t, dir, Options{}))
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
	}
	if got := dump(load(t, dir, Options{})); got != want {
		t.Errorf("tracked:\n%s\nwalked:\n%s", got, want)
	}
}

func FuzzCacheIndex(f *testing.F) {
	dir := f.TempDir()
	p, s := source(f, "one")
	write(f, dir, map[string]string{p: s})
	cacheDir := f.TempDir()
	load(f, dir, Options{CacheDir: cacheDir})
	c, _ := openCache(cacheDir, dir)
	c.added = c.trees
	f.Add(c.treesIndex())
	f.Fuzz(func(t *testing.T, b []byte) {
		c := &cache{trees: map[treeKey]*record{}}
		if err := c.readTreesIndex(&reader{b: b}, 1<<20); err == nil {
			for _, rec := range c.trees {
				if rec.offset+rec.length > 1<<20 {
					t.Errorf("a record reaches outside the file: %+v", rec)
				}
			}
		}
	})
}
