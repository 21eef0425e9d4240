package xlsx

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Write writes a copy of the workbook in which the cells hold what source gives. dst may be the workbook itself: the
// copy is made beside it and takes its place when it is complete and on the disk, so that whatever happens there is
// either the old file or the new one. The file mode is that of dst, or of the workbook where there is no dst. The File
// stays that of the old content. Progress is that of [File.Read], for the sheets that are written anew.
//
// The calculation chain is left out where a formula was set or removed, and a part with metadata is added where the first dynamic array was set.
func (f *File) Write(ctx context.Context, dst string, source Source, progress func(bytes int64)) error {
	if err := f.unchanged(); err != nil {
		return err
	}
	if err := f.loadStrings(ctx, nil); err != nil {
		return err
	}
	metadata, err := f.markFor(source)
	if err != nil {
		return err
	}
	return replaceFile(dst, f.mode, func(out *os.File) error {
		c := copier{file: f, source: source, progress: progress, dropChain: f.setsFormulas(source), metadata: metadata}
		err := c.run(ctx, out)
		if errors.Is(err, errChain) {
			// A formula was replaced by a value in a sheet whose parts were promised to keep the chain.
			c.dropChain = true
			if err = rewind(out); err == nil {
				err = c.run(ctx, out)
			}
		}
		if err == nil {
			err = f.unchanged() // while it was copied from, too
		}
		return err
	})
}

// errChain says that the calculation chain cannot be kept.
var errChain = errors.New("the calculation chain names a cell that has no formula any more")

func (f *File) setsFormulas(source Source) bool {
	for i := range f.sheets {
		s := source.Sheet(i)
		if s == nil {
			continue
		}
		for _, e := range s.Edits() {
			if e.Formula != "" {
				return true
			}
		}
	}
	return false
}

// unchanged refuses to copy from a file that another program has written to since it was opened.
func (f *File) unchanged() error {
	if f.file == nil {
		return nil
	}
	info, err := f.file.Stat()
	if err == nil && (info.Size() != f.size || !info.ModTime().Equal(f.modified)) {
		err = errors.New("another program has changed the file since it was opened; open it again")
	}
	return f.partError("", err)
}

func rewind(out *os.File) error {
	_, err := out.Seek(0, 0)
	return errors.Join(err, out.Truncate(0))
}

// replaceFile fills a new file beside dst and renames it to dst. Links are followed, so that what they point to is
// replaced.
func replaceFile(dst string, mode fs.FileMode, fill func(*os.File) error) (err error) {
	target, err := filepath.EvalSymlinks(dst)
	if errors.Is(err, fs.ErrNotExist) {
		target, err = dst, nil
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", dst, err)
	}
	switch info, err := os.Stat(target); {
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("write %s: it is no regular file", dst)
	case err == nil:
		mode = info.Mode().Perm()
	}
	out, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*.tmp")
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write %s: there is no folder %s", dst, filepath.Dir(target))
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", dst, osError(err))
	}
	defer func() {
		if err != nil {
			_ = out.Close()
			_ = os.Remove(out.Name())
		}
	}()
	if err = fill(out); err != nil {
		var e *Error
		if errors.As(err, &e) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		return fmt.Errorf("write %s: %w", dst, osError(err))
	}
	err = errors.Join(out.Chmod(mode), out.Sync(), out.Close())
	if err == nil {
		err = os.Rename(out.Name(), target)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", dst, osError(err))
	}
	if dir, err := os.Open(filepath.Dir(target)); err == nil {
		// The name is on the disk too; some file systems cannot, and lose no data by it.
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}
