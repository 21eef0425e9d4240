package pgrelease

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/scratch"
)

// archive makes a package of names and contents; a content that begins with -> is a link.
func archive(t testing.TB, files ...[2]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	zipped := gzip.NewWriter(&buf)
	w := tar.NewWriter(zipped)
	for _, f := range files {
		h := &tar.Header{Name: f[0], Mode: 0o755, Size: int64(len(f[1])), Typeflag: tar.TypeReg}
		if to, ok := strings.CutPrefix(f[1], "->"); ok {
			h.Typeflag, h.Linkname, h.Size, f[1] = tar.TypeSymlink, to, 0, ""
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

var list = [2]string{"package/native/pg-symlinks.json", `[{"source":"native/lib/libpq.so.5.11","target":"native/lib/libpq.so.5"}]`}

func TestUnpack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "native")
	links, err := unpack(archive(t, [2]string{"package/native/bin/postgres", "program"}, [2]string{"package/native/lib/libpq.so.5.11", "library"},
		[2]string{"package/native/lib/libpq.a", "no"}, [2]string{"package/package.json", "{}"}, list), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := link(dir, links); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "lib/libpq.so.5")); err != nil || string(got) != "library" {
		t.Errorf("through the link: %q, %v", got, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "lib/libpq.a")); err == nil {
		t.Error("an archive for linkers was unpacked")
	}
	if info, err := os.Stat(filepath.Join(dir, "bin/postgres")); err != nil || info.Mode().Perm()&0o111 == 0 {
		t.Errorf("the program cannot be run: %v, %v", info, err)
	}
}

func TestUnpackRefuses(t *testing.T) {
	for name, files := range map[string][][2]string{
		"a name that climbs":  {{"package/native/../../evil", "x"}, list},
		"a rooted name":       {{"package//etc/evil", "x"}, list},
		"a link":              {{"package/native/bin/postgres", "->/bin/sh"}, list},
		"no list of links":    {{"package/native/bin/postgres", "x"}},
		"the same file twice": {{"package/native/a", "x"}, {"package/native/a", "y"}, list},
	} {
		dir := t.TempDir()
		if _, err := unpack(archive(t, files...), filepath.Join(dir, "in", "native")); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if _, err := os.Stat(filepath.Join(dir, "evil")); err == nil {
			t.Errorf("%s: a file lies outside", name)
		}
	}
	for _, bad := range []string{`[{"source":"native/lib/x","target":"native/../../x"}]`, `[{"source":"/etc/passwd","target":"native/x"}]`, `{`} {
		if err := link(t.TempDir(), []byte(bad)); err == nil {
			t.Errorf("links %s are accepted", bad)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add(archive(f, [2]string{"package/native/bin/postgres", "program"}, list))
	f.Add(archive(f, [2]string{"package/native/../x", "program"}, list))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		links, err := unpack(data, filepath.Join(dir, "native"))
		if err == nil {
			_ = link(filepath.Join(dir, "native"), links)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Name() != "native" {
				t.Errorf("%s lies outside", e.Name())
			}
		}
	})
}

func TestParseVersion(t *testing.T) {
	for line, want := range map[string]int{
		"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n": 15,
		"postgres (PostgreSQL) 18beta1":                          18,
		"postgres 15":                                            0,
		"":                                                       0,
	} {
		if _, got, err := parseVersion(line); got != want || (err != nil) != (want == 0) {
			t.Errorf("%q: %d, %v", line, got, err)
		}
	}
}

func TestStore(t *testing.T) {
	none := func(string) string { return "" }
	if _, err := DefaultStore(func(string) string { return "servers" }, ""); err == nil {
		t.Error("a relative NAPKIN_SERVERS is accepted")
	}
	if s, err := DefaultStore(none, "/home/ann/.cache/napkin"); err != nil || os.Getuid() != 0 && s.Dir != "/home/ann/.cache/napkin/servers" {
		t.Errorf("%+v, %v", s, err)
	}
	s := Store{Dir: t.TempDir()}
	if _, ok := s.Kept(12); ok {
		t.Error("an empty store keeps version 12")
	}
	if _, err := s.Get(t.Context(), 9); err == nil || !strings.Contains(err.Error(), "no build of PostgreSQL 9") {
		t.Errorf("version 9: %v", err)
	}
}

// TestKeptReleasesStart starts what was got before on this machine. It downloads nothing.
func TestKeptReleasesStart(t *testing.T) {
	store, err := DefaultStore(os.Getenv, filepath.Join(os.Getenv("HOME"), ".cache/napkin"))
	if err != nil {
		t.Fatal(err)
	}
	releases, err := Installed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, major := range Majors() {
		if r, ok := store.Kept(major); ok {
			releases = append(releases, r)
		}
	}
	if len(releases) == 0 && os.Getenv("CI") == "true" {
		t.Fatal("no PostgreSQL is installed; scripts/setup-test installs it")
	}
	if len(releases) == 0 {
		t.Skip("no PostgreSQL is installed and none was got; `napkin review matrix run` gets all versions")
	}
	for _, r := range releases {
		p, err := scratch.StartPostgresOf(t.Context(), r.Programs)
		if err != nil {
			t.Errorf("%s: %v", r.Origin, err)
			continue
		}
		if p.Version != r.Version {
			t.Errorf("%s: the server says %s, want %s", r.Origin, p.Version, r.Version)
		}
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	}
}
