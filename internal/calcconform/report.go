package calcconform

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Run reads all documents in the folders below root and computes their checks. Documents that cannot be read are an error.
func Run(root string, folders []string) ([]Check, error) {
	var out []Check
	for _, folder := range folders {
		var files []string
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(path, ".fods") {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("list the documents: %w", err)
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("no documents (*.fods) in %s", filepath.Join(root, folder))
		}
		slices.Sort(files)
		for _, path := range files {
			checks, err := file(path, folder+"/"+filepath.Base(path))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			out = append(out, checks...)
		}
	}
	return out, nil
}

func file(path, name string) ([]Check, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	doc, err := Read(bufio.NewReader(f))
	if err != nil {
		return nil, err
	}
	return Checks(doc, name), nil
}

// Argued are the checks about which disagreements.md says why Excel has it otherwise.
type Argued map[string]bool

var arguedLine = regexp.MustCompile("^- `([^` ]+) ([^`!]+)!([A-Z]+[0-9]+)(?::([A-Z]+[0-9]+))?`")

var arguedFormula = regexp.MustCompile("^- `(excelize|formulajs) (=[^`]*)`")

// ReadArgued reads the list: lines that begin with - `folder/file.fods Sheet2!C7` or the same with an area of checks, and
// for the tables of other libraries with - `excelize =FORMULA`.
func ReadArgued(r io.Reader) (Argued, error) {
	out := Argued{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if m := arguedFormula.FindStringSubmatch(lines.Text()); m != nil {
			out[m[1]+" "+m[2]] = true
			continue
		}
		m := arguedLine.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		r0, c0, ok := cell.ParseAddress(m[3])
		r1, c1 := r0, c0
		if m[4] != "" && ok {
			r1, c1, ok = cell.ParseAddress(m[4])
		}
		if !ok {
			return nil, fmt.Errorf("the list of disagreements has no cell in %q", lines.Text())
		}
		for r := r0; r <= r1; r++ {
			for c := c0; c <= c1; c++ {
				out[m[1]+" "+m[2]+"!"+cell.Address(r, c)] = true
			}
		}
	}
	return out, lines.Err()
}

// Key is what a check is called in the list of disagreements.
func (c *Check) Key() string { return c.Document + " " + c.Place }

// Tally counts outcomes.
type Tally struct{ Right, Wrong, Argued, Untranslated, Void, Inexact int }

func (t *Tally) add(c *Check, argued Argued) {
	switch {
	case c.Outcome == Void:
		t.Void++
	case c.Outcome == Right:
		t.Right++
		if !c.Same {
			t.Inexact++
		}
	case c.Outcome == Untranslatable:
		t.Untranslated++
	case argued[c.Key()]:
		t.Argued++
	default:
		t.Wrong++
	}
}

// Checks is the number of checks that hold in the documents.
func (t *Tally) Checks() int { return t.Right + t.Wrong + t.Argued + t.Untranslated }

// Percent is the part of all checks that come out right.
func (t *Tally) Percent() float64 { return percent(t.Right, t.Checks()) }

// Translated is the part of the checks with an equal in Excel's functions that come out right.
func (t *Tally) Translated() float64 { return percent(t.Right, t.Checks()-t.Untranslated) }

// Explained is the part of the same checks that come out right, or do not and are argued.
func (t *Tally) Explained() float64 { return percent(t.Right+t.Argued, t.Checks()-t.Untranslated) }

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }

// String is one line.
func (t *Tally) String() string {
	return fmt.Sprintf("%d checks: %d right, %d argued, %d wrong, %d not translated; %.2f %% of all are right, %.2f %% of the translated ones, with the argued ones %.2f %%",
		t.Checks(), t.Right, t.Argued, t.Wrong, t.Untranslated, t.Percent(), t.Translated(), t.Explained())
}

// Count sums up checks.
func Count(checks []Check, argued Argued) Tally {
	var t Tally
	for i := range checks {
		t.add(&checks[i], argued)
	}
	return t
}

// Report writes the tallies by document and by function, the disagreements, and the total.
func Report(w io.Writer, checks []Check, argued Argued) {
	byDocument, byFunction := map[string]*Tally{}, map[string]*Tally{}
	total := Count(checks, argued)
	for i := range checks {
		c := &checks[i]
		for _, m := range []struct {
			of  map[string]*Tally
			key string
		}{{byDocument, c.Document}, {byFunction, c.Function}} {
			if m.of[m.key] == nil {
				m.of[m.key] = &Tally{}
			}
			m.of[m.key].add(c, argued)
		}
	}
	table(w, "document", byDocument)
	table(w, "function", byFunction)
	fmt.Fprintln(w, "\ndisagreements:")
	known := map[string]bool{}
	for i := range checks {
		c := &checks[i]
		if c.Outcome == Wrong && argued[c.Key()] {
			known[c.Key()] = true
		}
		if c.Outcome == Wrong && !argued[c.Key()] {
			fmt.Fprintf(w, "%s  =%s  ours %s  theirs %s  check =%s\n", c.Key(), c.Subject, c.Ours, c.Theirs, c.Text)
		}
	}
	fmt.Fprintln(w, "\nnot translated:")
	for i := range checks {
		if c := &checks[i]; c.Outcome == Untranslatable {
			fmt.Fprintf(w, "%s  =%s  %s\n", c.Key(), c.Subject, c.Why)
		}
	}
	var stale []string
	for key := range argued {
		if document, _, _ := strings.Cut(key, " "); !known[key] && byDocument[document] != nil {
			stale = append(stale, key)
		}
	}
	slices.Sort(stale)
	if len(stale) > 0 {
		fmt.Fprintf(w, "\nargued, but no disagreement in this run: %s\n", strings.Join(stale, ", "))
	}
	fmt.Fprintf(w, "\n%d of the right ones are not the same to 12 digits, or another error; %d are void in the documents\n%v\n", total.Inexact, total.Void, &total)
}

func table(w io.Writer, title string, of map[string]*Tally) {
	keys := make([]string, 0, len(of))
	for k := range of {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(of[b].Wrong, of[a].Wrong), cmp.Compare(a, b)) })
	fmt.Fprintf(w, "\n%-44s %7s %7s %7s %7s %7s %8s\n", title, "checks", "right", "wrong", "argued", "not tr.", "%")
	for _, k := range keys {
		t := of[k]
		fmt.Fprintf(w, "%-44s %7d %7d %7d %7d %7d %8.1f\n", cmp.Or(k, "(none)"), t.Checks(), t.Right, t.Wrong, t.Argued, t.Untranslated, t.Percent())
	}
}
