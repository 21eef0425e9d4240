package inventory

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// git runs the real git in a folder with no configuration but its own.
func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed, so there is no index to read")
	}
	cmd := exec.Command("git", append([]string{"-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

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
	}
}

func TestIndexVersionsAgreeWithGit(t *testing.T) {
	files := map[string]string{"a.rb": "1", "app/models/user.rb": "2", "app/models/user_role.rb": "3", "app/models/user_role/very/long/path/name.rb": "4", "größe/ü.py": "5", "z": ""}
	for _, version := range []string{"2", "3", "4"} {
		for _, format := range []string{"sha1", "sha256"} {
			t.Run("v"+version+" "+format, func(t *testing.T) {
				dir := t.TempDir()
				write(t, dir, files)
				git(t, dir, "init", "-q", "--object-format="+format)
				git(t, dir, "add", "-A")
				if version == "3" { // an intent-to-add entry needs the extended flags
					write(t, dir, map[string]string{"later.rb": "6"})
					git(t, dir, "add", "-N", "later.rb")
				}
				git(t, dir, "update-index", "--index-version", version)
				b, err := os.ReadFile(filepath.Join(dir, ".git", "index"))
				if err != nil {
					t.Fatal(err)
				}
				entries, err := parseIndex(b)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, e := range entries {
					got = append(got, e.path)
				}
				want := strings.Split(strings.TrimSuffix(git(t, dir, "ls-files", "-z"), "\x00"), "\x00")
				if strings.Join(got, "\n") != strings.Join(want, "\n") {
					t.Errorf("paths = %q, git says %q", got, want)
				}
			})
		}
	}
}

func TestDamagedIndex(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.rb": "1", "b/c.rb": "2"})
	git(t, dir, "init", "-q")
	git(t, dir, "add", "-A")
	good, err := os.ReadFile(filepath.Join(dir, ".git", "index"))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"empty": nil, "cut": good[:len(good)-7], "other magic": append([]byte("XXXX"), good[4:]...), "one bit": flip(good, 60)} {
		if _, err := parseIndex(b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func flip(b []byte, at int) []byte {
	out := append([]byte(nil), b...)
	out[at] ^= 1
	return out
}

func FuzzParseIndex(f *testing.F) {
	dir := f.TempDir()
	write(f, dir, map[string]string{"a.rb": "1", "b/c.rb": "2", "b/cd.rb": "3"})
	git(f, dir, "init", "-q")
	git(f, dir, "add", "-A")
	for _, v := range []string{"2", "4"} {
		git(f, dir, "update-index", "--index-version", v)
		b, err := os.ReadFile(filepath.Join(dir, ".git", "index"))
		if err != nil {
			f.Fatal(err)
		}
		clear(b[len(b)-20:]) // without a checksum the fuzzer gets past the door
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, err := parseIndex(b)
		if err != nil && entries != nil {
			t.Error("entries together with an error")
		}
	})
}

func TestIgnoreRules(t *testing.T) {
	root := parseIgnore("", "# comment\n*.log\n!keep.log\n/build\nnode_modules/\ndoc/*.txt\n**/cache/**\nfoo/**/bar\na[!b]c\ntrailing \n\\#literal\n")
	nested := append(root[:len(root):len(root)], parseIgnore("app", "tmp\n!debug.log\n/only")...)
	tests := []struct {
		rules ignoreRules
		path  string
		dir   bool
		want  bool
	}{
		{root, "x.log", false, true},
		{root, "a/b/x.log", false, true},
		{root, "keep.log", false, false},
		{root, "build", true, true},
		{root, "src/build", true, false},
		{root, "node_modules", true, true},
		{root, "node_modules", false, false},
		{root, "doc/a.txt", false, true},
		{root, "doc/b/a.txt", false, false},
		{root, "x/cache/y", false, true},
		{root, "cache", true, false},
		{root, "foo/bar", false, true},
		{root, "foo/1/2/bar", false, true},
		{root, "axc", false, true},
		{root, "abc", false, false},
		{root, "trailing", false, true},
		{root, "#literal", false, true},
		{nested, "app/tmp", true, true},
		{nested, "tmp", true, false},
		{nested, "app/debug.log", false, false},
		{nested, "app/only", false, true},
		{nested, "app/x/only", false, false},
	}
	for _, tt := range tests {
		if got := tt.rules.match(tt.path, tt.dir); got != tt.want {
			t.Errorf("match(%q, dir %v) = %v, want %v", tt.path, tt.dir, got, tt.want)
		}
	}
}

func TestIgnoreRulesAgreeWithGit(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		".gitignore": "*.log\n!keep.log\n/out\nlib/**/gen\n*.tmp/\n", "app/.gitignore": "local\n!x.log\n",
		"a.rb": "", "x.log": "", "keep.log": "", "out/a.rb": "", "app/out/a.rb": "", "app/local/a.rb": "", "app/x.log": "",
		"lib/gen/a.rb": "", "lib/x/y/gen/a.rb": "", "lib/generated.rb": "", "d.tmp/a.rb": "", "e/f.tmp": "", "local/a.rb": "",
	})
	git(t, dir, "init", "-q")
	want := strings.Split(strings.TrimSuffix(git(t, dir, "ls-files", "-z", "--others", "--exclude-standard"), "\x00"), "\x00")
	l, err := List(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if got := pathsOf(l); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("walk = %q\ngit   = %q", got, want)
	}
}

func pathsOf(l *Listing) []string {
	var out []string
	for _, e := range l.Entries {
		out = append(out, e.Path)
	}
	return out
}
