package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// findRepo returns the git directory of a clone below dir, "" when there is none.
func findRepo(dir, name string) string {
	_, short, _ := strings.Cut(name, "/")
	flat := strings.ReplaceAll(name, "/", "+")
	for _, p := range []string{filepath.Join(flat, "repo"), flat, filepath.FromSlash(name), short, short + ".git", flat + ".git"} {
		full := filepath.Join(dir, p)
		for _, g := range []string{filepath.Join(full, ".git"), full} {
			if info, err := os.Stat(filepath.Join(g, "objects")); err == nil && info.IsDir() {
				return g
			}
		}
	}
	return ""
}

// git runs git on a repository without anything of its configuration that runs programs.
func git(ctx context.Context, repo string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--git-dir=" + repo, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}

func hasCommit(ctx context.Context, repo, rev string) bool {
	_, err := git(ctx, repo, "rev-parse", "-q", "--verify", rev+"^{tree}")
	return err == nil
}

// hunk says that lines [oldStart, oldStart+oldLen) became lines [newStart, newStart+newLen).
type hunk struct{ oldStart, oldLen, newStart, newLen int }

// fileDiff is what happened to one file between two commits.
type fileDiff struct {
	oldPath, newPath string // "" where the file does not exist
	hunks            []hunk
}

var hunkHeader = regexp.MustCompile(`^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`)

// diff returns the changed files between two commits by their old path, and by their new path those
// that are new.
func diff(ctx context.Context, repo, from, to string) (map[string]*fileDiff, error) {
	out, err := git(ctx, repo, "diff", "--no-ext-diff", "--no-textconv", "--no-color", "-M", "-U0", "--src-prefix=a/", "--dst-prefix=b/", from, to)
	if err != nil {
		return nil, err
	}
	return parseDiff(string(out)), nil
}

func parseDiff(text string) map[string]*fileDiff {
	files := map[string]*fileDiff{}
	var cur *fileDiff
	left := 0 // lines of the current hunk still to come: they may look like headers
	add := func() {
		if cur == nil {
			return
		}
		if cur.oldPath != "" {
			files[cur.oldPath] = cur
		} else if cur.newPath != "" {
			files[cur.newPath] = cur
		}
	}
	for _, l := range strings.Split(text, "\n") {
		if left > 0 && (strings.HasPrefix(l, "+") || strings.HasPrefix(l, "-")) {
			left--
			continue
		}
		switch {
		case strings.HasPrefix(l, "diff --git "):
			add()
			cur = &fileDiff{}
		case cur == nil:
		case strings.HasPrefix(l, "rename from "):
			cur.oldPath = unquote(l[len("rename from "):])
		case strings.HasPrefix(l, "rename to "):
			cur.newPath = unquote(l[len("rename to "):])
		case strings.HasPrefix(l, "--- "):
			cur.oldPath = strings.TrimPrefix(unquote(strings.TrimSuffix(l[4:], "\t")), "a/")
			if cur.oldPath == "/dev/null" {
				cur.oldPath = ""
			}
		case strings.HasPrefix(l, "+++ "):
			cur.newPath = strings.TrimPrefix(unquote(strings.TrimSuffix(l[4:], "\t")), "b/")
			if cur.newPath == "/dev/null" {
				cur.newPath = ""
			}
		default:
			if m := hunkHeader.FindStringSubmatch(l); m != nil {
				h := hunk{atoi(m[1], 0), atoi(m[2], 1), atoi(m[3], 0), atoi(m[4], 1)}
				cur.hunks = append(cur.hunks, h)
				left = h.oldLen + h.newLen
			}
		}
	}
	add()
	return files
}

func unquote(s string) string {
	if strings.HasPrefix(s, `"`) {
		if u, err := strconv.Unquote(s); err == nil {
			return u
		}
	}
	return s
}

func atoi(s string, none int) int {
	if s == "" {
		return none
	}
	n, _ := strconv.Atoi(s)
	return n
}

// mapLines carries a range of lines of the old file over to the new one. Lines that were replaced
// map to the lines that replaced them.
func (d *fileDiff) mapLines(start, end int) (int, int) {
	return d.mapLine(start, false), d.mapLine(end, true)
}

func (d *fileDiff) mapLine(line int, last bool) int {
	shift := 0
	for _, h := range d.hunks {
		first, behind := h.oldStart, h.oldStart+h.oldLen
		if h.oldLen == 0 { // an insertion behind oldStart
			first, behind = h.oldStart+1, h.oldStart+1
		}
		if line < first {
			break
		}
		if line < behind {
			if last {
				return max(h.newStart+h.newLen-1, h.newStart)
			}
			return h.newStart
		}
		shift += h.newLen - h.oldLen
	}
	return line + shift
}
