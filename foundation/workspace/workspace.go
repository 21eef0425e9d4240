// Package workspace keeps what napkin remembers of a project: the `.napkin/` folder with the last
// report, and a database of earlier runs in it. Machine-wide state lies in the XDG folders.
//
// Guarantees: nothing is created before the first write; files are replaced whole, never left half
// written; two processes may use one workspace at once; the folder ignores itself in git
// (`.napkin/.gitignore` holds `*`). A folder that cannot be written is no failure of an audit: writes
// return [ErrReadOnly], and reads find nothing.
//
// It does not look inside the reports that it keeps.
package workspace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// DirName is the folder of a workspace below the root of its project.
const DirName = ".napkin"

// ErrReadOnly is returned, wrapped, by writes to a folder that this user cannot write.
var ErrReadOnly = errors.New("the folder cannot be written")

// Workspace is the `.napkin/` folder of one project. Its methods may be called from several
// goroutines. Close it when its runs were used.
type Workspace struct {
	dir string

	open sync.Mutex
	db   *sql.DB
}

// At returns the workspace of the project rooted at root. It touches no file.
func At(root string) *Workspace {
	return &Workspace{dir: filepath.Join(root, DirName)}
}

// Dir returns the path of the folder, which need not exist.
func (w *Workspace) Dir() string { return w.dir }

// Close closes the database of runs if it was opened.
func (w *Workspace) Close() error {
	w.open.Lock()
	defer w.open.Unlock()
	if w.db == nil {
		return nil
	}
	err := w.db.Close()
	w.db = nil
	if err != nil {
		return fmt.Errorf("close the workspace's database: %w", err)
	}
	return nil
}

// Write puts data into the file of that slash-separated name, replacing it whole.
func (w *Workspace) Write(name string, data []byte) error {
	if !fs.ValidPath(name) || name == "." {
		return fmt.Errorf("write %q into the workspace: the name must stay inside it", name)
	}
	if err := w.make(); err != nil {
		return err
	}
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := mkdir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("write %s: %w", path, readOnly(err))
	}
	return replace(path, data)
}

// Folder makes a subfolder, for files that are written as they grow, and returns its path.
func (w *Workspace) Folder(name string) (string, error) {
	if !fs.ValidPath(name) || name == "." {
		return "", fmt.Errorf("make the folder %q in the workspace: the name must stay inside it", name)
	}
	if err := w.make(); err != nil {
		return "", err
	}
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := mkdir(path); err != nil {
		return "", fmt.Errorf("make the folder %s: %w", path, readOnly(err))
	}
	return path, nil
}

// Clear removes the files in a subfolder whose names end in suffix, so that those of an earlier run
// do not lie among the new ones. A folder that does not exist is clear.
func (w *Workspace) Clear(folder, suffix string) error {
	if !fs.ValidPath(folder) || folder == "." || suffix == "" {
		return fmt.Errorf("clear %q in the workspace: name a subfolder and a suffix", folder)
	}
	dir := filepath.Join(w.dir, filepath.FromSlash(folder))
	if err := w.owned(); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !info.IsDir() {
		return fmt.Errorf("clear %s: it is not a folder; remove it and run again", dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("clear %s: %w", dir, err)
	}
	for _, entry := range entries {
		if entry.Type().IsRegular() && strings.HasSuffix(entry.Name(), suffix) {
			if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("clear %s: %w", dir, readOnly(err))
			}
		}
	}
	return nil
}

// Remove removes the file or the empty folder of that slash-separated name. What is not there, or is a
// folder with something in it, stays as it is and is no error.
func (w *Workspace) Remove(name string) error {
	if !fs.ValidPath(name) || name == "." {
		return fmt.Errorf("remove %q from the workspace: the name must stay inside it", name)
	}
	if err := w.owned(); err != nil {
		return err
	}
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	err := os.Remove(path)
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return fmt.Errorf("remove %s: %w", path, readOnly(err))
}

// make creates the folder with its .gitignore.
func (w *Workspace) make() error {
	if err := mkdir(w.dir); err != nil {
		return fmt.Errorf("make the workspace %s: %w", w.dir, readOnly(err))
	}
	ignore := filepath.Join(w.dir, ".gitignore")
	if _, err := os.Lstat(ignore); errors.Is(err, fs.ErrNotExist) {
		return replace(ignore, []byte("*\n"))
	}
	return nil
}

// owned refuses a workspace that is a symbolic link: an audited tree must not lead us to write
// elsewhere.
func (w *Workspace) owned() error {
	info, err := os.Lstat(w.dir)
	if err == nil && !info.IsDir() {
		return fmt.Errorf("use the workspace %s: it is not a folder; remove it and run again", w.dir)
	}
	return nil
}

// mkdir makes a folder inside an existing one or takes the one there is, but no link to one.
func mkdir(dir string) error {
	err := os.Mkdir(dir, 0o755)
	if errors.Is(err, fs.ErrNotExist) {
		if err := mkdir(filepath.Dir(dir)); err != nil {
			return err
		}
		err = os.Mkdir(dir, 0o755)
	}
	if errors.Is(err, fs.ErrExist) {
		info, err := os.Lstat(dir)
		if err == nil && !info.IsDir() {
			err = fmt.Errorf("%s is in the way and is not a folder; remove it and run again", dir)
		}
		return err
	}
	return err
}

// replace writes a file beside path and renames it over path, so that a reader sees the old or the
// new content and a second writer cannot mix with the first.
func replace(path string, data []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".writing-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, readOnly(err))
	}
	defer func() {
		if err != nil {
			os.Remove(file.Name())
		}
	}()
	if _, err := file.Write(data); err != nil {
		file.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := file.Chmod(0o644); err != nil {
		file.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, readOnly(err))
	}
	return nil
}

// readOnly marks the errors of folders that cannot be written.
func readOnly(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return err
}

// database opens the database of runs. With create unset a missing one is no error: it returns nil.
func (w *Workspace) database(ctx context.Context, create bool) (*sql.DB, error) {
	w.open.Lock()
	defer w.open.Unlock()
	if w.db != nil {
		return w.db, nil
	}
	if err := w.owned(); err != nil {
		return nil, err
	}
	path := filepath.Join(w.dir, "runs.db")
	info, err := os.Lstat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("open %s: it is not a regular file; remove it and run again", path)
	case errors.Is(err, fs.ErrNotExist) && !create:
		return nil, nil
	}
	if create {
		if err := w.make(); err != nil {
			return nil, err
		}
	}
	db, err := openRuns(ctx, path)
	if err != nil {
		return nil, err
	}
	w.db = db
	return db, nil
}
