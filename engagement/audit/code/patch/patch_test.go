package patch

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func reader(files map[string]string) Read {
	return func(p string) ([]byte, error) {
		s, ok := files[p]
		if !ok {
			return nil, ErrNoFile
		}
		return []byte(s), nil
	}
}

// gitApply applies a diff to files with the real git and returns what is there afterwards.
func gitApply(t *testing.T, files map[string]string, diff string) map[string]string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed, so no patch can be checked against it")
	}
	dir := t.TempDir()
	for p, s := range files {
		full := filepath.Join(dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Stdin = strings.NewReader(diff)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s\n%s", strings.Join(args, " "), err, out, diff)
		}
	}
	run("init", "-q")
	run("apply", "--check", "-")
	run("apply", "-")
	got := map[string]string{}
	_ = filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Name() == ".git" {
			return filepath.SkipDir
		}
		if !d.IsDir() {
			b, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			rel, _ := filepath.Rel(dir, p)
			got[filepath.ToSlash(rel)] = string(b)
		}
		return nil
	})
	return got
}

func TestGitAcceptsThePatch(t *testing.T) {
	long := strings.Repeat("line\n", 40)
	tests := []struct {
		name  string
		files map[string]string
		edits []Edit
		want  map[string]string
	}{
		{"replace in the middle of a line", map[string]string{"a.rb": "x = User.all\ny\n"},
			[]Edit{{Path: "a.rb", Start: 4, End: 12, New: "User.limit(10)"}}, map[string]string{"a.rb": "x = User.limit(10)\ny\n"}},
		{"insert at the beginning", map[string]string{"a.py": "import b\n"}, []Edit{{Path: "a.py", New: "import a\n"}}, map[string]string{"a.py": "import a\nimport b\n"}},
		{"insert at the end without a line feed", map[string]string{"a.py": "import b"}, []Edit{{Path: "a.py", Start: 8, End: 8, New: "\nimport c"}}, map[string]string{"a.py": "import b\nimport c"}},
		{"add the missing line feed", map[string]string{"a": "b"}, []Edit{{Path: "a", Start: 1, End: 1, New: "\n"}}, map[string]string{"a": "b\n"}},
		{"change far from an end without a line feed", map[string]string{"a": "1\n2\n3\n4\n5\n6\n7"}, []Edit{{Path: "a", Start: 0, End: 1, New: "one"}}, map[string]string{"a": "one\n2\n3\n4\n5\n6\n7"}},
		{"delete everything", map[string]string{"a": "1\n2\n"}, []Edit{{Path: "a", Start: 0, End: 4}}, map[string]string{"a": ""}},
		{"CRLF is kept, and used for what is inserted", map[string]string{"a.cs": "one\r\ntwo\r\nthree\r\n"}, []Edit{{Path: "a.cs", Start: 5, End: 8, New: "2\n2b"}}, map[string]string{"a.cs": "one\r\n2\r\n2b\r\nthree\r\n"}},
		{"byte order mark", map[string]string{"a.php": "\xEF\xBB\xBF<?php\n$x = 1;\n"}, []Edit{{Path: "a.php", Start: 0, End: 5, New: "<?php // n"}}, map[string]string{"a.php": "\xEF\xBB\xBF<?php // n\n$x = 1;\n"}},
		{"two hunks", map[string]string{"a": "first\n" + long + "last\n"}, []Edit{{Path: "a", Start: 6 + len(long), End: 10 + len(long), New: "LAST"}, {Path: "a", Start: 0, End: 5, New: "FIRST"}}, map[string]string{"a": "FIRST\n" + long + "LAST\n"}},
		{"many files and a new one", map[string]string{"app/a.rb": "a\n", "app/b.rb": "b\n"},
			[]Edit{{Path: "app/b.rb", Start: 0, End: 1, New: "B"}, {Path: "db/migrate/1_x.rb", New: "class X\nend\n", Create: true}, {Path: "app/a.rb", Start: 0, End: 1, New: "A"}},
			map[string]string{"app/a.rb": "A\n", "app/b.rb": "B\n", "db/migrate/1_x.rb": "class X\nend\n"}},
		{"new file without a final line feed", map[string]string{}, []Edit{{Path: "n", New: "x", Create: true}}, map[string]string{"n": "x"}},
		{"new empty file", map[string]string{"o": "o\n"}, []Edit{{Path: "n", Create: true}}, map[string]string{"n": "", "o": "o\n"}},
		{"path with a space", map[string]string{"my app/a b.rb": "1\n2\n"}, []Edit{{Path: "my app/a b.rb", Start: 0, End: 1, New: "x"}}, map[string]string{"my app/a b.rb": "x\n2\n"}},
		{"path with quotes and a backslash", map[string]string{`q"u\o.rb`: "1\n"}, []Edit{{Path: `q"u\o.rb`, Start: 0, End: 1, New: "x"}}, map[string]string{`q"u\o.rb`: "x\n"}},
		{"path beyond ASCII", map[string]string{"größe.py": "1\n"}, []Edit{{Path: "größe.py", Start: 0, End: 1, New: "x"}}, map[string]string{"größe.py": "x\n"}},
		{"same import asked for twice", map[string]string{"a": "z\n"}, []Edit{{Path: "a", New: "y\n"}, {Path: "a", New: "y\n"}}, map[string]string{"a": "y\nz\n"}},
		{"two insertions at one place keep their order", map[string]string{"a": "z\n"}, []Edit{{Path: "a", New: "x\n"}, {Path: "a", New: "y\n"}}, map[string]string{"a": "x\ny\nz\n"}},
		{"lines that look like a diff", map[string]string{"a": "--- a/x\n+++ b/x\n@@ -1 +1 @@\n"}, []Edit{{Path: "a", Start: 0, End: 7, New: "-- deleted"}}, map[string]string{"a": "-- deleted\n+++ b/x\n@@ -1 +1 @@\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff, err := Unified(tt.edits, reader(tt.files))
			if err != nil {
				t.Fatal(err)
			}
			got := gitApply(t, tt.files, diff)
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("after git apply:\n%q\nwant\n%q\n%s", got, tt.want, diff)
			}
			applied, err := ApplyAll(tt.edits, reader(tt.files))
			if err != nil {
				t.Fatal(err)
			}
			for p, b := range applied {
				if string(b) != tt.want[p] {
					t.Errorf("%s in memory = %q, want %q", p, b, tt.want[p])
				}
			}
		})
	}
}

func TestRandomEditsAgreeWithGit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 25 {
		var sb strings.Builder
		for range r.IntN(60) {
			fmt.Fprintf(&sb, "%d\n", r.IntN(5)) // few distinct lines, so that matches are ambiguous
		}
		if r.IntN(2) == 0 {
			sb.WriteString("end")
		}
		src := sb.String()
		var edits []Edit
		for at := 0; at < len(src); {
			at += r.IntN(30)
			end := at + r.IntN(6)
			if end > len(src) {
				break
			}
			edits = append(edits, Edit{Path: "f", Start: at, End: end, New: strings.Repeat("3\n", r.IntN(3))})
			at = end + 1
		}
		want, err := Apply([]byte(src), edits)
		if err != nil {
			t.Fatal(err)
		}
		diff, err := Unified(edits, reader(map[string]string{"f": src}))
		if err != nil {
			t.Fatal(err)
		}
		if string(want) == src {
			if diff != "" {
				t.Fatalf("round %d: a diff of nothing:\n%s", round, diff)
			}
			continue
		}
		if got := gitApply(t, map[string]string{"f": src}, diff)["f"]; got != string(want) {
			t.Fatalf("round %d: git got %q, want %q\n%s", round, got, want, diff)
		}
	}
}

func TestRefusals(t *testing.T) {
	files := map[string]string{"a": "0123456789\n", "bad": "x\xff\ny\n"}
	tests := []struct {
		name  string
		edits []Edit
		want  error
	}{
		{"overlap", []Edit{{Path: "a", Start: 0, End: 5}, {Path: "a", Start: 4, End: 6}}, ErrOverlap},
		{"insertion inside a replacement", []Edit{{Path: "a", Start: 0, End: 5}, {Path: "a", Start: 2, End: 2, New: "x"}}, ErrOverlap},
		{"create twice", []Edit{{Path: "n", New: "1", Create: true}, {Path: "n", New: "2", Create: true}}, ErrOverlap},
		{"create what exists", []Edit{{Path: "a", New: "1", Create: true}}, ErrExists},
		{"unknown file", []Edit{{Path: "z"}}, ErrNoFile},
		{"past the end", []Edit{{Path: "a", Start: 5, End: 50}}, ErrRange},
		{"backwards", []Edit{{Path: "a", Start: 5, End: 3}}, ErrRange},
		{"bytes that are not text", []Edit{{Path: "bad", Start: 3, End: 4, New: "z"}}, ErrText},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff, err := Unified(tt.edits, reader(files))
			if !errors.Is(err, tt.want) {
				t.Errorf("error = %v, want %v (diff %q)", err, tt.want, diff)
			}
		})
	}
	if err := Overlap([]Edit{{Path: "a", Start: 0, End: 5}, {Path: "b", Start: 0, End: 5}, {Path: "a", Start: 5, End: 6}}); err != nil {
		t.Errorf("Overlap of edits that touch = %v, want none", err)
	}
}
