package load

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang"
)

// What has no parser is counted by language: a report on the rest must be able to say so.
func TestLanguagesWithoutAParserAreCounted(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"src/main.rs": "fn main() {}\n", "src/lib.rs": "// x\n", "Api/User.cs": "class User {}\n", "lib/a.ex": "defmodule A do\nend\n", "Dockerfile": "FROM scratch\n",
		"app/models/user.rb": "class User\nend\n", "app/models/post.rb": "class Post\nend\n", "go.mod": "module x\n", "main.go": "package main\n",
	})
	p := load(t, dir, Options{})
	got := map[string]int{}
	for _, c := range p.Coverage() {
		got[c.Lang] = c.NoParser
	}
	for language, n := range map[string]int{"rust": 2, "c#": 1, "elixir": 1, "go": 0, "dockerfile": 0} {
		if got[language] != n {
			t.Errorf("%s: %d files without a parser, want %d", language, got[language], n)
		}
	}
	notes := strings.Join(p.Problems, "\n")
	want := "no parser for ruby, so 2 files were not read"
	if lang.Parsed("ruby") == strings.Contains(notes, want) {
		t.Errorf("ruby is parsed: %v, notes: %q", lang.Parsed("ruby"), notes)
	}
	if lang.Parsed("ruby") == (got["ruby"] == 2) {
		t.Errorf("ruby is parsed: %v, and %d files have no parser", lang.Parsed("ruby"), got["ruby"])
	}
}

func TestSchemaFilesThatAreNoText(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"prisma/schema.prisma": "\x00\x01\x02", "db/dump.sql": "\xff\xfeC\x00R\x00", "db/good.sql": "CREATE TABLE a (id int);\n", "go.mod": "module x\n"})
	p := load(t, dir, Options{})
	for path, want := range map[string]string{"prisma/schema.prisma": "binary content", "db/dump.sql": "UTF-16", "db/good.sql": ""} {
		if got := p.File(path).Skipped; !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: skipped for %q, want %q", path, got, want)
		}
	}
}
