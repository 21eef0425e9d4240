package inventory

import (
	"context"
	"os"
	"path"
	"sort"
	"strings"
	"unicode/utf8"
)

// untracked adds the files that git neither tracks nor ignores: what was written and not added yet is
// what its author wants to hear about. It enters no repository inside this one, and reads the names of
// folders only: a file that git tracks costs nothing here.
func (l *Listing) untracked(ctx context.Context, tracked []indexEntry, opt Options) error {
	w := untrackedWalk{l: l, ctx: ctx, known: make(map[string]bool, len(tracked)), held: map[string]bool{}, room: opt.MaxFiles - len(l.Entries)}
	for _, t := range tracked {
		w.known[t.path] = true
		for d := path.Dir(t.path); d != "." && !w.held[d]; d = path.Dir(d) {
			w.held[d] = true
		}
	}
	var rules ignoreRules
	if text, ok := readSmall(l.root, ".git/info/exclude"); ok {
		rules = parseIgnore("", text)
	}
	err := w.folder(l.root, ".", rules, 0)
	if w.found > 0 {
		l.note("%s not tracked by git and not ignored; what is source or configuration was read like the rest.", plural(w.found, "file is", "files are"))
	}
	if len(w.nested) > 0 {
		sort.Strings(w.nested)
		l.note("%s not entered (%s): audit each on its own.", plural(len(w.nested), "repository inside this one was", "repositories inside this one were"), firstOf(w.nested, 5))
	}
	return err
}

type untrackedWalk struct {
	l      *Listing
	ctx    context.Context
	known  map[string]bool // paths of the index, submodules among them
	held   map[string]bool // folders that hold one of them
	found  int
	room   int // files that may still be listed
	nested []string
}

func (w *untrackedWalk) folder(dir *os.Root, p string, rules ignoreRules, depth int) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	f, err := dir.Open(".")
	if err != nil {
		return nil //nolint:nilerr // the tracked files in it say that it can not be read
	}
	entries, err := f.ReadDir(-1)
	f.Close()
	if err != nil {
		return nil //nolint:nilerr // as above
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
	has := make(map[string]bool, len(entries))
	for _, e := range entries {
		has[e.Name()] = true
	}
	if p != "." && has[".git"] {
		w.nested = append(w.nested, p)
		return nil
	}
	if has[".gitignore"] {
		if text, ok := readSmall(dir, ".gitignore"); ok {
			rules = append(rules[:len(rules):len(rules)], parseIgnore(strings.TrimPrefix(p, "."), text)...)
		}
	}
	for _, e := range entries {
		name, isDir := e.Name(), e.IsDir()
		at := path.Join(p, name)
		switch {
		case w.known[at], !utf8.ValidString(name):
		case isDir && !w.held[at] && (installed[name] || standsBeside(has, built[name])), p == "." && name == ".git":
		case rules.match(at, isDir): // and with a folder all in it that is not tracked
		case isDir && depth < maxDepth:
			child, err := dir.OpenRoot(name)
			if err != nil {
				continue
			}
			err = w.folder(child, at, rules, depth+1)
			child.Close()
			if err != nil {
				return err
			}
		case !isDir && !w.held[at] && w.found < w.room:
			w.add(dir, at, name)
		}
	}
	return nil
}

func (w *untrackedWalk) add(dir *os.Root, at, name string) {
	info, err := dir.Lstat(name)
	w.found++
	w.l.Entries = append(w.l.Entries, entryOf(at, info, err))
}
