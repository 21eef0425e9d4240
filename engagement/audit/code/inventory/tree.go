package inventory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"unicode/utf8"
)

// maxIndex bounds the bytes of a git index; the largest public ones are about 100 MiB.
const maxIndex = 512 << 20

// maxDepth bounds the nesting of folders that a walk enters.
const maxDepth = 100

// linked is why a symbolic link is not read.
const linked = "a symbolic link, which is never followed"

func absolute(root string) (string, error) {
	abs, err := filepath.Abs(root)
	return filepath.Base(abs), err
}

// isBare recognises a repository without a working tree by the layout that git itself checks.
func isBare(r *os.Root) bool {
	for _, name := range []string{"objects", "refs"} {
		if info, err := r.Lstat(name); err != nil || !info.IsDir() {
			return false
		}
	}
	head, err := r.Lstat("HEAD")
	return err == nil && !head.IsDir()
}

// tracked returns the entries of the git index, or nil with a note when there is none to use.
func (l *Listing) tracked() []indexEntry {
	info, err := l.root.Lstat(".git")
	if err != nil {
		l.note("%s is not the root of a git repository: its folders were walked, honouring .gitignore files.", l.Name)
		return nil
	}
	if !info.IsDir() {
		l.note(".git is not a folder (a linked working tree or a submodule): its index lies outside and was not opened; the folders were walked instead.")
		return nil
	}
	if info, err = l.root.Lstat(".git/index"); err != nil || !info.Mode().IsRegular() || info.Size() > maxIndex {
		l.note("The repository has no index that can be read (nothing was ever added?): its folders were walked instead.")
		return nil
	}
	f, err := l.root.Open(".git/index")
	if err != nil {
		l.note("The git index can not be read (%s): the folders were walked instead.", reason(err))
		return nil
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxIndex))
	if err != nil {
		l.note("The git index can not be read (%s): the folders were walked instead.", reason(err))
		return nil
	}
	entries, err := parseIndex(b)
	if err != nil {
		l.note("%s: the folders were walked instead.", sentence(err.Error()))
		return nil
	}
	if len(entries) == 0 {
		l.note("Nothing was added to the git index yet: the folders were walked instead.")
	}
	return entries
}

// stat turns index entries into listing entries, one folder after the other so that each folder is
// opened once.
func (l *Listing) stat(ctx context.Context, tracked []indexEntry, opt Options) error {
	sort.SliceStable(tracked, func(i, j int) bool {
		a, b := path.Dir(tracked[i].path), path.Dir(tracked[j].path)
		if a != b {
			return a < b
		}
		return tracked[i].path < tracked[j].path
	})
	var (
		dir                   *os.Root
		dirName               string
		dirErr                error
		submodules            []string
		missing, sparse, last = 0, 0, ""
		real                  = map[string]bool{".": true}
	)
	defer func() {
		if dir != nil {
			dir.Close()
		}
	}()
	for _, t := range tracked {
		if err := ctx.Err(); err != nil {
			return err
		}
		if t.path == last || !fs.ValidPath(t.path) || t.path == "." {
			continue // the stages of an unmerged path; a path that git itself would refuse
		}
		last = t.path
		switch {
		case t.mode&modeType == modeGitlink:
			submodules = append(submodules, t.path)
			continue
		case t.mode&modeType == modeDir || t.skipped:
			sparse++
			continue
		case len(l.Entries) >= opt.MaxFiles:
			l.note("Only the first %d files were listed.", opt.MaxFiles)
			return nil
		}
		if t.mode&modeType == modeSymlink {
			l.Entries = append(l.Entries, Entry{Path: t.path, Skip: linked})
			continue
		}
		if d := path.Dir(t.path); dir == nil && dirErr == nil || d != dirName {
			if dir != nil {
				dir.Close()
			}
			dirName = d
			dir, dirErr = l.openDir(d, real)
		}
		if dirErr != nil {
			if errors.Is(dirErr, fs.ErrNotExist) {
				missing++
			} else {
				l.Entries = append(l.Entries, Entry{Path: t.path, Skip: "its folder can not be opened: " + reason(dirErr)})
			}
			continue
		}
		info, err := dir.Lstat(path.Base(t.path))
		if errors.Is(err, fs.ErrNotExist) {
			missing++
			continue
		}
		l.Entries = append(l.Entries, entryOf(t.path, info, err))
	}
	if len(submodules) > 0 {
		l.note("%s not read: audit the repository of each submodule on its own (%s).", plural(len(submodules), "submodule was", "submodules were"), firstOf(submodules, 5))
	}
	if missing > 0 {
		l.note("%s deleted in the working tree.", plural(missing, "file that git tracks is", "files that git tracks are"))
	}
	if sparse > 0 {
		l.note("The checkout is sparse: %s not there.", plural(sparse, "tracked path is", "tracked paths are"))
	}
	return nil
}

var errLinkedDir = errors.New("it lies behind a symbolic link")

// openDir opens a folder of the tree after making sure that no folder above it is a symbolic link:
// git never tracks a file behind one, so the link was put there later.
func (l *Listing) openDir(d string, real map[string]bool) (*os.Root, error) {
	for i := 0; i <= len(d); i++ {
		if i < len(d) && d[i] != '/' {
			continue
		}
		part := d[:i]
		ok, seen := real[part]
		if !seen {
			info, err := l.root.Lstat(part)
			if err != nil {
				return nil, err
			}
			ok = info.IsDir()
			real[part] = ok
		}
		if !ok {
			return nil, errLinkedDir
		}
	}
	return l.root.OpenRoot(d)
}

func entryOf(p string, info fs.FileInfo, err error) Entry {
	e := Entry{Path: p}
	switch {
	case err != nil:
		e.Skip = "can not be read: " + reason(err)
	case info.Mode()&fs.ModeSymlink != 0:
		e.Skip = linked
	case !info.Mode().IsRegular():
		e.Skip = "not a regular file"
	default:
		e.Size, e.ModTime = info.Size(), info.ModTime()
		e.Changed, e.Inode = change(info)
	}
	return e
}

// installed are folders that tools fill; a walk passes them by whatever .gitignore says.
var installed = map[string]bool{
	".git": true, ".hg": true, ".svn": true, ".jj": true, ".napkin": true, "node_modules": true, "bower_components": true,
	".venv": true, "virtualenv": true, "__pycache__": true, ".tox": true, ".nox": true, ".mypy_cache": true,
	".pytest_cache": true, ".ruff_cache": true, ".eggs": true, "site-packages": true, ".next": true, ".nuxt": true,
	".svelte-kit": true, ".turbo": true, ".parcel-cache": true, ".yarn": true, ".pnpm-store": true, ".gradle": true,
	".idea": true, ".vscode": true, ".terraform": true, ".bundle": true, ".cache": true, "htmlcov": true,
}

// built are folders that hold build output when they stand beside one of the manifests.
var built = map[string][]string{
	"dist": {"package.json", "pyproject.toml", "setup.py"}, "build": {"package.json", "build.gradle", "build.gradle.kts", "setup.py"},
	"out": {"package.json", "build.gradle", "build.gradle.kts"}, "target": {"pom.xml", "Cargo.toml", "build.sbt"},
	"coverage": {"package.json", "Gemfile"}, "vendor": {"go.mod", "composer.json", "Gemfile", "package.json"},
	"venv": {"requirements.txt", "pyproject.toml", "setup.py", "manage.py"}, "env": {"manage.py"},
	"tmp": {"Gemfile"}, "log": {"Gemfile"}, "storage": {"artisan", "Gemfile"},
}

// walk lists the tree without git's help.
func (l *Listing) walk(ctx context.Context, opt Options) error {
	type folder struct {
		path  string
		rules ignoreRules
		depth int
	}
	var passed []string
	ignored, unread := 0, 0
	stack := []folder{{path: "."}}
	for len(stack) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		d := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		names, dir, err := l.readDir(d.path)
		if err != nil {
			l.note("The folder %s can not be read: %s.", d.path, reason(err))
			unread++
			continue
		}
		rules := d.rules
		if text, ok := readSmall(dir, ".gitignore"); ok {
			rules = append(rules[:len(rules):len(rules)], parseIgnore(strings.TrimPrefix(d.path, "."), text)...)
		}
		has := map[string]bool{}
		for _, name := range names {
			has[name] = true
		}
		for _, name := range names {
			p := path.Join(d.path, name)
			info, err := dir.Lstat(name)
			isDir := err == nil && info.IsDir()
			switch {
			case !utf8.ValidString(name):
				l.note("A name in the folder %s is not valid UTF-8 (%q) and was left out.", d.path, name)
			case isDir && (installed[name] || standsBeside(has, built[name])):
				// A report says nothing of napkin's own folder: the run that makes it and the next are of one tree.
				if name != ".git" && name != ".napkin" {
					passed = append(passed, p)
				}
			case rules.match(p, isDir):
				ignored++
			case isDir && d.depth >= maxDepth:
				l.note("The folder %s is nested more than %d deep and was not entered.", p, maxDepth)
			case isDir:
				stack = append(stack, folder{p, rules, d.depth + 1})
			case len(l.Entries) >= opt.MaxFiles:
				dir.Close()
				l.note("Only the first %d files were listed.", opt.MaxFiles)
				return nil
			default:
				l.Entries = append(l.Entries, entryOf(p, info, err))
			}
		}
		dir.Close()
	}
	if len(passed) > 0 {
		sort.Strings(passed)
		l.note("%s not entered (%s).", plural(len(passed), "folder of installed or built code was", "folders of installed or built code were"), firstOf(passed, 5))
	}
	if ignored > 0 {
		l.note("%s left out by .gitignore files.", plural(ignored, "path was", "paths were"))
	}
	return nil
}

// readDir returns the sorted names of a folder and the folder itself as a root of its own.
func (l *Listing) readDir(p string) ([]string, *os.Root, error) {
	dir, err := l.root.OpenRoot(p)
	if err != nil {
		return nil, nil, err
	}
	f, err := dir.Open(".")
	if err != nil {
		dir.Close()
		return nil, nil, err
	}
	names, err := f.Readdirnames(-1)
	f.Close()
	if err != nil {
		dir.Close()
		return nil, nil, err
	}
	sort.Strings(names)
	return names, dir, nil
}

// readSmall reads a regular file of at most 1 MiB.
func readSmall(dir *os.Root, name string) (string, bool) {
	info, err := dir.Lstat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return "", false
	}
	f, err := dir.Open(name)
	if err != nil {
		return "", false
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	return string(b), err == nil
}

func standsBeside(has map[string]bool, manifests []string) bool {
	for _, m := range manifests {
		if has[m] {
			return true
		}
	}
	return false
}

func (l *Listing) note(format string, args ...any) {
	l.Notes = append(l.Notes, fmt.Sprintf(format, args...))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func firstOf(items []string, n int) string {
	if len(items) <= n {
		return strings.Join(items, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(items[:n], ", "), len(items)-n)
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
