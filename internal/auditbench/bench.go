package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/load"
)

// bench holds what the cases of a run share.
type bench struct {
	store string // folder for trees, facts and results
	build string // identity of this program: results of another one are not used
	audit func(ctx context.Context, root, cache string) (*TreeResult, error)

	mu    sync.Mutex
	log   io.Writer
	trees map[string]*worktree
}

// TreeResult is the audit of one commit.
type TreeResult struct {
	Findings []Finding     `json:"findings"`
	Visible  int           `json:"visible"` // findings in the report's body
	Lines    int           `json:"lines"`   // of code that is not test code, as far as it was read
	Took     time.Duration `json:"took"`
	Failed   string        `json:"failed,omitempty"` // why there is no result
}

// PatchCheck is what became of the patch of a hit.
type PatchCheck struct {
	Rule     string `json:"rule"`
	Title    string `json:"title"`
	Applies  bool   `json:"applies"`
	Parses   bool   `json:"parses"`
	Silences bool   `json:"silences"`
	Problem  string `json:"problem,omitempty"`
}

func (p PatchCheck) good() bool { return p.Applies && p.Parses && p.Silences }

// Outcome is one case with what came of it.
type Outcome struct {
	Case    Case          `json:"case"`
	Missing string        `json:"missing,omitempty"` // why the case could not be run
	Targets []string      `json:"targets,omitempty"` // table.column of the indexes that the fix adds
	Hits    []Finding     `json:"hits,omitempty"`
	Stay    []Finding     `json:"stay,omitempty"` // hits that are still reported on the fix
	Patches []PatchCheck  `json:"patches,omitempty"`
	Near    []Finding     `json:"-"`
	Visible int           `json:"visible"` // findings on the parent tree
	Lines   int           `json:"lines"`
	Took    time.Duration `json:"took"`
}

// Hit reports whether the case was found; Silent whether a finding that matched is gone on the fix.
func (o *Outcome) Hit() bool    { return len(o.Hits) > 0 }
func (o *Outcome) Silent() bool { return len(o.Stay) < len(o.Hits) }

// Patched reports whether a hit carries a patch that applies, parses and silences.
func (o *Outcome) Patched() bool {
	for _, p := range o.Patches {
		if p.good() {
			return true
		}
	}
	return false
}

// one runs one case.
func (b *bench) one(ctx context.Context, repo string, c Case) (*Outcome, error) {
	o := &Outcome{Case: c}
	switch {
	case repo == "":
		o.Missing = "the repository is not at hand"
	case !hasCommit(ctx, repo, c.Parent):
		o.Missing = "the clone has no commit " + short(c.Parent)
	case !hasCommit(ctx, repo, c.Fix):
		o.Missing = "the clone has no commit " + short(c.Fix)
	}
	if o.Missing != "" {
		return o, ctx.Err()
	}
	changes, err := diff(ctx, repo, c.Parent, c.Fix)
	if err != nil {
		return nil, err
	}
	before, err := b.tree(ctx, repo, c.Repo, c.Parent)
	if err != nil {
		return nil, err
	}
	after, err := b.tree(ctx, repo, c.Repo, c.Fix)
	if err != nil {
		return nil, err
	}
	if before.Failed != "" || after.Failed != "" {
		o.Missing = "the audit failed: " + before.Failed + after.Failed
		return o, nil
	}
	var targets []indexTarget
	if family(c.Category) == "missing-index" {
		if targets, err = findTargets(ctx, repo, c, changes); err != nil {
			return nil, err
		}
	}
	for _, t := range targets {
		o.Targets = append(o.Targets, t.tables[0]+"."+t.column)
	}
	o.Hits = matches(c, targets, before.Findings)
	o.Visible, o.Lines, o.Took = before.Visible, before.Lines, before.Took
	for _, f := range o.Hits {
		if stays(f, changes, before.Findings, after.Findings) != nil {
			o.Stay = append(o.Stay, f)
		}
	}
	o.Near = near(c, targets, before.Findings)
	o.Patches, err = b.patches(ctx, repo, c, before, o.Hits)
	b.say("%s %s %s: %s", c.ID, c.Repo, c.Category, verdict(o))
	return o, err
}

func verdict(o *Outcome) string {
	switch {
	case o.Missing != "":
		return o.Missing
	case !o.Hit():
		return "missed"
	case !o.Silent():
		return "hit, still reported on the fix"
	}
	return "hit"
}

func short(rev string) string { return rev[:min(len(rev), 10)] }

func (b *bench) say(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fmt.Fprintf(b.log, format+"\n", args...)
}

// worktree returns the folder of a repository. One goroutine at a time works on a repository.
func (b *bench) worktree(name string) *worktree {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.trees == nil {
		b.trees = map[string]*worktree{}
	}
	w := b.trees[name]
	if w == nil {
		w = &worktree{dir: filepath.Join(b.store, "trees", strings.ReplaceAll(name, "/", "+"))}
		b.trees[name] = w
	}
	return w
}

// done empties the folder of a repository.
func (b *bench) done(name string) {
	w := b.worktree(name)
	w.blobs = nil
	os.RemoveAll(w.dir)
}

// checkout brings the repository's folder to a commit and returns it.
func (b *bench) checkout(ctx context.Context, repo, name, rev string) (*worktree, error) {
	w := b.worktree(name)
	missing, err := w.checkout(ctx, repo, rev)
	if missing > 0 {
		b.say("%s %s: %d files are not in the clone and were left out", name, short(rev), missing)
	}
	return w, err
}

func (b *bench) resultFile(name, key string) string {
	return filepath.Join(b.store, "results", b.build, strings.ReplaceAll(name, "/", "+")+"-"+key+".json")
}

// tree returns the audit of a commit, from an earlier run of the same build where there is one.
func (b *bench) tree(ctx context.Context, repo, name, rev string) (*TreeResult, error) {
	file := b.resultFile(name, rev)
	var r TreeResult
	if readResult(file, &r) {
		return &r, nil
	}
	w, err := b.checkout(ctx, repo, name, rev)
	if err != nil {
		return nil, err
	}
	got, err := b.run(ctx, w.dir)
	if err != nil {
		return nil, err
	}
	return got, writeResult(file, got)
}

// run audits a folder. A failure of the audit is a result too; only the end of ctx is an error.
func (b *bench) run(ctx context.Context, dir string) (*TreeResult, error) {
	start := time.Now()
	got, err := b.audit(ctx, dir, filepath.Join(b.store, "facts"))
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		got = &TreeResult{Failed: err.Error()}
	}
	got.Took = time.Since(start)
	return got, nil
}

func readResult(file string, v any) bool {
	data, err := os.ReadFile(file)
	return err == nil && json.Unmarshal(data, v) == nil
}

func writeResult(file string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	tmp := fmt.Sprintf("%s.%d", file, os.Getpid())
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, file)
}

// patches checks the patches of the hits on the parent tree.
func (b *bench) patches(ctx context.Context, repo string, c Case, before *TreeResult, hits []Finding) ([]PatchCheck, error) {
	out := []PatchCheck{}
	for _, f := range hits {
		if f.Patch == "" {
			continue
		}
		sum := sha256.Sum256([]byte(f.Patch))
		file := b.resultFile(c.Repo, c.Parent+"-patch-"+hex.EncodeToString(sum[:8]))
		var check PatchCheck
		if !readResult(file, &check) {
			w, err := b.checkout(ctx, repo, c.Repo, c.Parent)
			if err != nil {
				return nil, err
			}
			if check, err = b.checkPatch(ctx, w, f, before); err != nil {
				return nil, err
			}
			if err := writeResult(file, check); err != nil {
				return nil, err
			}
		}
		out = append(out, check)
	}
	return out, nil
}

// checkPatch applies the patch of a finding to the tree, audits it again and takes the patch back.
func (b *bench) checkPatch(ctx context.Context, w *worktree, f Finding, before *TreeResult) (check PatchCheck, err error) {
	check = PatchCheck{Rule: f.Rule, Title: f.Title}
	changes := parseDiff(f.Patch)
	was := errorsIn(w.dir, changes, false)
	if err := applyPatch(ctx, w.dir, f.Patch, "--check"); err != nil {
		check.Problem = err.Error()
		return check, ctx.Err()
	}
	known := w.blobs
	w.blobs = nil // until the patch is taken back
	if err := applyPatch(ctx, w.dir, f.Patch); err != nil {
		check.Problem = err.Error()
		return check, ctx.Err()
	}
	check.Applies = true
	if now := errorsIn(w.dir, changes, true); now > was {
		check.Problem = fmt.Sprintf("%d new syntax errors", now-was)
	} else {
		check.Parses = true
	}
	after, err := b.run(ctx, w.dir)
	if err != nil {
		return check, err
	}
	switch g := stays(f, changes, before.Findings, after.Findings); {
	case after.Failed != "":
		check.Problem = "the audit of the patched tree failed: " + after.Failed
	case g != nil:
		check.Problem = fmt.Sprintf("still reported: %s", g.Title)
	default:
		check.Silences = true
	}
	if err := applyPatch(ctx, w.dir, f.Patch, "-R"); err != nil {
		return check, err
	}
	w.blobs = known
	return check, nil
}

func applyPatch(ctx context.Context, dir, text string, flags ...string) error {
	cmd := exec.CommandContext(ctx, "git", append(append([]string{"apply"}, flags...), "-")...)
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(text)
	// Without a ceiling git would look for a repository above and apply relative to it.
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("git apply: %s", strings.TrimSpace(out.String()))
	}
	return nil
}

// errorsIn counts the syntax errors in the files that a patch touches.
func errorsIn(dir string, changes map[string]*fileDiff, after bool) int {
	files := map[string]string{}
	for _, d := range changes {
		p := d.oldPath
		if after {
			p = d.newPath
		}
		if p == "" {
			continue
		}
		if data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(p))); err == nil {
			files[p] = string(data)
		}
	}
	n := 0
	for _, f := range load.FromFiles(files).Files {
		if f.Tree != nil {
			n += f.Tree.Errors
		} else if f.Skipped != "" {
			n++
		}
	}
	return n
}

// near returns findings that a reader of a missed case wants to see: any in the case's file close by,
// and those of the family elsewhere in the file or on the same table.
func near(c Case, targets []indexTarget, findings []Finding) []Finding {
	var out []Finding
	for _, f := range findings {
		close := false
		for _, s := range f.Places {
			if s.overlaps(c.File, c.Start-60, c.End+60) || s.Path == c.File && family(f.Category) == family(c.Category) {
				close = true
			}
		}
		for _, t := range targets {
			close = close || f.Table != "" && t.isTable(f.Table)
		}
		if close {
			out = append(out, f)
		}
	}
	return out
}

// buildID identifies this program by its bytes: any change of a rule makes another one.
func buildID() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(exe)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

var errBusy = errors.New("another run is using the store; give -store another folder")
