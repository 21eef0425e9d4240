package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// worktree is the folder into which the commits of one repository are written in turn. It is the same
// for all of them, and only what differs is written, so that the audit's cache knows most files.
type worktree struct {
	dir   string
	blobs map[string]string // path -> blob that lies there; nil when the folder's state is unknown
}

// maxExport is the size in bytes beyond which a file is not written; the audit reads none that large.
const maxExport = 32 << 20

// pictures and the like are not written: the audit never opens them.
var notExported = map[string]bool{".png": true, ".jpg": true, ".jpeg": true, ".gif": true, ".ico": true, ".webp": true, ".svg": true, ".woff": true,
	".woff2": true, ".ttf": true, ".eot": true, ".otf": true, ".pdf": true, ".mp4": true, ".mp3": true, ".mov": true, ".zip": true, ".gz": true,
	".tgz": true, ".bz2": true, ".xz": true, ".jar": true, ".gem": true, ".exe": true, ".wasm": true, ".so": true}

// checkout brings the folder to a commit. Links and submodules are left out. It returns how many
// files the clone does not hold (a partial clone).
func (w *worktree) checkout(ctx context.Context, repo, rev string) (missing int, err error) {
	want, err := listTree(ctx, repo, rev)
	if err != nil {
		return 0, err
	}
	if w.blobs == nil {
		if err := os.RemoveAll(w.dir); err != nil {
			return 0, err
		}
	}
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return 0, err
	}
	root, err := os.OpenRoot(w.dir)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	have := w.blobs
	w.blobs = nil // until all is written
	for p := range have {
		if want[p] == "" {
			if err := root.Remove(filepath.FromSlash(p)); err != nil && !errors.Is(err, os.ErrNotExist) {
				return 0, err
			}
			removeEmpty(root, path.Dir(p))
		}
	}
	var changed []string
	for _, p := range sortedKeys(want) {
		if have[p] != want[p] {
			changed = append(changed, p)
		}
	}
	absent, err := writeBlobs(ctx, repo, root, changed, want)
	if err != nil {
		return 0, err
	}
	for _, p := range absent {
		delete(want, p)
	}
	w.blobs = want
	return len(absent), nil
}

func removeEmpty(root *os.Root, dir string) {
	for dir != "." && root.Remove(filepath.FromSlash(dir)) == nil {
		dir = path.Dir(dir)
	}
}

// listTree returns the blobs of the regular files of a commit by path.
func listTree(ctx context.Context, repo, rev string) (map[string]string, error) {
	out, err := git(ctx, repo, "ls-tree", "-r", "-z", rev)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, line := range strings.Split(string(out), "\x00") {
		head, name, ok := strings.Cut(line, "\t")
		f := strings.Fields(head)
		if ok && len(f) == 3 && (f[0] == "100644" || f[0] == "100755") && !notExported[strings.ToLower(path.Ext(name))] {
			files[name] = f[2]
		}
	}
	return files, nil
}

// writeBlobs writes files from one git process and returns the paths whose blob is not there.
func writeBlobs(ctx context.Context, repo string, root *os.Root, paths []string, blobs map[string]string) (absent []string, err error) {
	if len(paths) == 0 {
		return nil, nil
	}
	cmd := exec.CommandContext(ctx, "git", "--git-dir="+repo, "-c", "safe.directory=*", "cat-file", "--batch")
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_NO_LAZY_FETCH=1")
	var ask, stderr bytes.Buffer
	for _, p := range paths {
		ask.WriteString(blobs[p] + "\n")
	}
	cmd.Stdin, cmd.Stderr = &ask, &stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	answer := bufio.NewReaderSize(pipe, 1<<20)
	made := ""
	for _, p := range paths { // sorted, so a folder is made once
		if d := path.Dir(p); d != made {
			if err = root.MkdirAll(filepath.FromSlash(d), 0o755); err != nil {
				break
			}
			made = d
		}
		ok, e := writeBlob(root, filepath.FromSlash(p), answer)
		if e != nil {
			err = fmt.Errorf("write %s: %w", p, e)
			break
		}
		if !ok {
			absent = append(absent, p)
		}
	}
	_, _ = io.Copy(io.Discard, answer)
	if e := cmd.Wait(); err == nil && e != nil {
		err = fmt.Errorf("git cat-file: %w: %s", e, strings.TrimSpace(stderr.String()))
	}
	return absent, err
}

// writeBlob takes one answer of git cat-file --batch. ok is false when the blob is missing or larger
// than the audit would read.
func writeBlob(root *os.Root, name string, answer *bufio.Reader) (ok bool, err error) {
	head, err := answer.ReadString('\n')
	if err != nil {
		return false, err
	}
	f := strings.Fields(head)
	if len(f) == 2 && f[1] == "missing" {
		return false, nil
	}
	if len(f) != 3 {
		return false, fmt.Errorf("git cat-file answered %q", head)
	}
	size, err := strconv.ParseInt(f[2], 10, 64)
	if err != nil {
		return false, err
	}
	if size > maxExport {
		_, err = answer.Discard(int(size) + 1)
		return true, err
	}
	out, err := root.Create(name)
	if err != nil {
		return false, err
	}
	_, err = io.CopyN(out, answer, size)
	if e := out.Close(); err == nil {
		err = e
	}
	if err == nil {
		_, err = answer.Discard(1) // the line feed behind the content
	}
	return true, err
}
