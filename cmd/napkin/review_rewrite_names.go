package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/offer"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/script"
)

// recipeNames gives the files of recipes names that come behind the migration whose statement they replace and before the
// next one, in the order of the tool for which they are written.
type recipeNames struct {
	root string // what the paths of offers are relative to
	as   string
	used map[string]int // files named so far, by the migration they belong to
}

// of returns what the names of n files begin with that replace a statement of an offer.
func (s *recipeNames) of(o *offer.Offer, n int) (func(int) string, error) {
	folder, name := unitOf(o.Path)
	first := s.used[o.Path] + 1
	s.used[o.Path] += n
	siblings, err := s.siblings(folder)
	if err != nil {
		return nil, err
	}
	var begin func(int) string
	switch script.Tool(s.as) {
	case script.Goose, script.Dbmate, script.Sqlx:
		begin, err = wholeVersions(name, siblings, first, n)
	case script.Flyway:
		begin, err = dottedVersions(name, siblings, first, n)
	default:
		begin, err = s.alphabetical(name, siblings, first, n)
	}
	if err != nil {
		return nil, fmt.Errorf("--rewrite-as %s: %w", s.as, err)
	}
	return begin, nil
}

// unitOf returns the folder and name of a migration: of its file, or of its folder where each migration has one.
func unitOf(p string) (folder, name string) {
	folder, name = path.Split(p)
	folder = path.Clean(folder)
	if parent := path.Base(folder); !versioned.MatchString(name) && versioned.MatchString(parent) {
		return path.Dir(folder), parent
	}
	return folder, name
}

// siblings are the names of the migrations in a folder.
func (s *recipeNames) siblings(folder string) ([]string, error) {
	entries, err := os.ReadDir(at(s.root, folder))
	if err != nil {
		return nil, fmt.Errorf("--rewrite: see which migration is next: %w", err)
	}
	var out []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".sql") || versioned.MatchString(e.Name()) {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// versioned is a name that begins with a version: of digits, or Flyway's V1.2__ and V1_2__.
var versioned = regexp.MustCompile(`^(?:(\d+)(?:\D.*)?$|[VvBbUu](\d+(?:[._]\d+)*)__)`)

// versionOf returns the numbers of the version that a name begins with, none when it has none, and how wide it is written.
func versionOf(name string) (numbers []int64, width int) {
	m := versioned.FindStringSubmatch(name)
	if m == nil {
		return nil, 0
	}
	text := m[1] + m[2]
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == '.' || r == '_' }) {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, 0
		}
		numbers = append(numbers, n)
	}
	return numbers, len(text)
}

// compareVersions compares number by number; one that is missing counts as 0, as with Flyway.
func compareVersions(a, b []int64) int {
	at := func(l []int64, i int) int64 {
		if i < len(l) {
			return l[i]
		}
		return 0
	}
	for i := range max(len(a), len(b)) {
		if c := cmp.Compare(at(a, i), at(b, i)); c != 0 {
			return c
		}
	}
	return 0
}

// following returns the migration behind a version, or an empty name when it is the last.
func following(v []int64, siblings []string) (name string, next []int64) {
	for _, s := range siblings {
		w, _ := versionOf(s)
		if w != nil && compareVersions(w, v) > 0 && (next == nil || compareVersions(w, next) < 0) {
			name, next = s, w
		}
	}
	return name, next
}

// errNoVersion is the error of a migration whose name says nothing of when it is applied.
func errNoVersion(name string) error {
	return fmt.Errorf("the name of %s begins with no version, so that its place among the migrations is not known; give it one, or take --rewrite-as plain or psql", name)
}

// wholeVersions are versions of one whole number: those behind the migration's.
func wholeVersions(name string, siblings []string, first, n int) (func(int) string, error) {
	v, width := versionOf(name)
	if len(v) != 1 {
		return nil, errNoVersion(name)
	}
	if other, next := following(v, siblings); next != nil && v[0]+int64(first+n-1) >= next[0] {
		return nil, fmt.Errorf("there is no room for %d migrations between %s and %s, whose versions are whole numbers; give %[3]s and those behind it a later version, or take --rewrite-as flyway, plain or psql", first+n-1, name, other)
	}
	return func(i int) string { return fmt.Sprintf("%0*d", width, v[0]+int64(first+i)) }, nil
}

// dottedVersions are versions of Flyway below the migration's: 2.1, 2.2 behind 2, and 2.0.1 where there is a 2.1.
func dottedVersions(name string, siblings []string, first, n int) (func(int) string, error) {
	v, _ := versionOf(name)
	if v == nil {
		return nil, errNoVersion(name)
	}
	other, next := following(v, siblings)
	base := make([]string, len(v))
	for i, number := range v {
		base[i] = strconv.FormatInt(number, 10)
	}
	const deepest = 8
	for range deepest {
		last := append(slices.Clone(v), int64(first+n-1))
		if next == nil || compareVersions(last, next) < 0 {
			prefix := strings.Join(base, ".") + "."
			return func(i int) string { return prefix + strconv.Itoa(first+i) }, nil
		}
		v, base = append(v, 0), append(base, "0")
	}
	return nil, fmt.Errorf("there is no version between %s and %s", name, other)
}

// alphabetical are names that sort behind the migration's and before the next one's.
func (s *recipeNames) alphabetical(name string, siblings []string, first, n int) (func(int) string, error) {
	stem := strings.TrimSuffix(strings.TrimSuffix(name, ".sql"), ".up")
	begin := func(i int) string { return fmt.Sprintf("%s_%03d", stem, first+i) }
	if s.as == psql {
		return begin, nil // run by name
	}
	for _, other := range siblings {
		// What sorts between the migration and its recipe would run between them too.
		if other > name && other < begin(n-1)+"_" && !strings.HasPrefix(other, stem+".") {
			return nil, fmt.Errorf("files called %s_... would not sort between %s and %s; rename %[3]s, or take --rewrite-as psql", begin(0), name, other)
		}
	}
	return begin, nil
}

// checkFolder refuses a folder of migrations as the target, unless asked for, and versions that stand in it already.
func (flags *rewriteFlags) checkFolder(offers []*offer.Offer, files []script.File) error {
	target, err := filepath.Abs(flags.dir)
	if err != nil {
		return fmt.Errorf("--rewrite: %w", err)
	}
	for _, o := range offers {
		folder, _ := unitOf(o.Path)
		if !flags.live && at(flags.root, folder) == target {
			return fmt.Errorf("--rewrite: %s is the folder of the migrations, whose tool would run the files beside the statements that they replace; give another folder, or take those statements out first and give --rewrite-live", flags.dir)
		}
	}
	entries, err := os.ReadDir(flags.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("--rewrite: %w", err)
	}
	there := map[string]bool{}
	for _, e := range entries {
		there[e.Name()] = true
	}
	for _, file := range files {
		if there[file.Name] {
			return fmt.Errorf("--rewrite: %s is there already and nothing was written; give an empty folder", filepath.Join(flags.dir, file.Name))
		}
		v, _ := versionOf(file.Name)
		if v == nil || flags.as.value == string(script.Plain) || flags.as.value == psql {
			continue
		}
		for _, e := range entries {
			if w, _ := versionOf(e.Name()); w != nil && compareVersions(v, w) == 0 {
				return fmt.Errorf("--rewrite: %s has the version of %s, which is there already, and nothing was written; give an empty folder", file.Name, filepath.Join(flags.dir, e.Name()))
			}
		}
	}
	return nil
}

// replaced says which statements the files stand in place of.
func replaced(o *offer.Offer) string {
	return fmt.Sprintf("In place of the statement at %s: take it out there, or both run; a migration in which nothing is left is removed.", o.Place())
}
