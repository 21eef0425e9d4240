// Package inventory lists the files of a code base and says what each is for.
//
// It guarantees that nothing outside the root is ever opened (all access goes through [os.Root]), that
// symbolic links are never followed, that nothing of the tree is executed (the git index is read
// here, not by git, because a repository's configuration can name commands to run), and that every
// file that is not going to be read carries the reason.
//
// It does not parse languages; see package load.
package inventory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sort"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
)

// Options bound what is read. Zero values stand for the defaults.
type Options struct {
	MaxSource int64 // bytes of a source file, default 512 KiB
	MaxDump   int64 // bytes of a schema dump or SQL file, default 16 MiB
	MaxFiles  int   // files listed, default 500,000; the rest is counted and said in a note
}

func (o Options) withDefaults() Options {
	if o.MaxSource == 0 {
		o.MaxSource = 512 << 10
	}
	if o.MaxDump == 0 {
		o.MaxDump = 16 << 20
	}
	if o.MaxFiles == 0 {
		o.MaxFiles = 500_000
	}
	return o
}

// Entry is one file of the tree.
type Entry struct {
	Path    string // slash-separated, relative to the root
	Size    int64  // bytes
	ModTime time.Time
	// Changed (ns) and Inode tell a file from another of its size and modification time, which tar, rsync
	// and touch can set: the time of its last change by any means, and its number. Zero where unknown.
	Changed int64
	Inode   uint64
	Lang    string       // see package lang; "" when it is no source or configuration
	Role    project.Role // by path alone; Inspect refines it by content
	Skip    string       // why the file must not be read; empty when it may
	limit   int64
}

// Listing is the files of a tree, sorted by path, and the open root to read them. Close it.
type Listing struct {
	Root    string // as given
	Name    string // the root folder's name
	Git     bool   // the files are those that git tracks or does not ignore; else a walk found them
	Entries []Entry
	// Notes are sentences about what was left out or could not be listed.
	Notes []string

	root  *os.Root
	known map[string]int // path -> index in Entries
}

// ErrNotAuditable is wrapped by the errors of List about a root that can not be audited at all.
var ErrNotAuditable = errors.New("nothing to audit")

// List lists the files below root. Files that git tracks are taken from the index with their content
// in the working tree, and those that it neither tracks nor ignores are found by a walk; without a usable
// index the whole folder is walked. A walk honours .gitignore files and passes by installed and built
// code; the ignore file of the user's own settings is not read. The error wraps [ErrNotAuditable] when root is no folder or
// a bare repository. When ctx ends, List returns what it has together with ctx.Err().
func List(ctx context.Context, root string, opt Options) (*Listing, error) {
	opt = opt.withDefaults()
	info, err := os.Stat(root)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: %s does not exist", ErrNotAuditable, root)
	case err != nil:
		return nil, fmt.Errorf("%w: %s can not be opened: %w", ErrNotAuditable, root, err)
	case !info.IsDir():
		return nil, fmt.Errorf("%w: %s is a file; give the folder of the code base", ErrNotAuditable, root)
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, fmt.Errorf("%w: %s can not be opened: %w", ErrNotAuditable, root, err)
	}
	l := &Listing{Root: root, Name: baseName(root), root: r}
	if isBare(r) {
		r.Close()
		return nil, fmt.Errorf("%w: %s is a bare git repository, which has no files to read; clone it and give the clone", ErrNotAuditable, root)
	}
	if tracked := l.tracked(); len(tracked) > 0 {
		l.Git = true
		if err = l.stat(ctx, tracked, opt); err == nil {
			err = l.untracked(ctx, tracked, opt)
		}
	} else {
		err = l.walk(ctx, opt)
	}
	l.links()
	l.classify(opt)
	return l, err
}

// Close closes the root. Read fails afterwards.
func (l *Listing) Close() error { return l.root.Close() }

// Read returns the content of a listed file. It fails for files that have a reason to be skipped, for
// files that grew beyond their limit since, and when the file can not be read; the error is a
// sentence that fits [project.File.Skipped].
func (l *Listing) Read(p string) ([]byte, error) {
	i, ok := l.known[p]
	if !ok {
		return nil, fmt.Errorf("%s is not in the tree", p)
	}
	e := &l.Entries[i]
	if e.Skip != "" {
		return nil, errors.New(e.Skip)
	}
	info, err := l.root.Lstat(p)
	if err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("no longer a regular file")
	}
	if err != nil {
		return nil, errors.New("can not be read: " + reason(err))
	}
	f, err := l.root.Open(p)
	if err != nil {
		return nil, errors.New("can not be read: " + reason(err))
	}
	defer f.Close()
	buf := make([]byte, 0, min(info.Size(), e.limit)+1)
	for {
		n, err := f.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > e.limit {
			return nil, errors.New(tooLarge(int64(len(buf)), e.limit))
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, errors.New("can not be read: " + reason(err))
		}
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
	}
}

// classify sets language, role, limit and the reasons known without reading, and sorts.
func (l *Listing) classify(opt Options) {
	sort.Slice(l.Entries, func(i, j int) bool { return l.Entries[i].Path < l.Entries[j].Path })
	l.known = make(map[string]int, len(l.Entries))
	paths := make([]string, len(l.Entries))
	for i := range l.Entries {
		paths[i] = l.Entries[i].Path
		l.known[paths[i]] = i
	}
	c := NewClassifier(paths)
	for i := range l.Entries {
		e := &l.Entries[i]
		e.Lang = lang.Of(e.Path, nil)
		e.Role = c.Role(e.Path, e.Lang)
		e.limit = opt.MaxSource
		if isDump(e.Path, e.Lang) || e.Role == project.Migration && e.Lang == "xml" { // a changelog of Liquibase
			e.limit = opt.MaxDump
		}
		if e.Skip == "" && e.Size > e.limit {
			e.Skip = tooLarge(e.Size, e.limit)
		}
	}
}

func tooLarge(size, limit int64) string {
	return fmt.Sprintf("too large: %s, and files of this kind are read up to %s", bytesText(size), bytesText(limit))
}

func bytesText(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.0f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}

// isDump reports whether a large file is still worth reading: a description of the whole schema.
func isDump(p, language string) bool {
	return language == "sql" || language == "prisma" || strings.EqualFold(path.Base(p), "schema.rb")
}

func baseName(root string) string {
	if abs, err := absolute(root); err == nil {
		return abs
	}
	return path.Base(root)
}

// reason returns the innermost message of a file error: the path stands beside it already.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
