// Package load builds a [project.Project] from a folder, from sources in memory, or from a project and
// edits of it.
//
// Guarantees: nothing outside the root is opened and nothing of it is executed (package inventory);
// a parser that panics, takes too long or meets hostile nesting costs one file, which then says so in
// [project.File.Skipped]; the result does not depend on the number of workers or on the cache; source
// bytes are not held after they were lowered. The cache can be deleted at any time.
package load

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/inventory"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/progress"
)

// Options say what to load. The zero value loads everything without a cache.
type Options struct {
	CacheDir     string            // folder of the cache of trees; created when missing; "" for none
	Progress     progress.Reporter // nil for silence
	Only         []string          // languages to lower and parse; empty for all
	IncludeTests bool              // lower tests as well
	MaxFiles     int               // files listed; 0 for the default of package inventory
	Jobs         int               // workers; 0 for GOMAXPROCS
}

// fileTimeout bounds the time that one file may take to lower. Source of the largest size read takes
// well under a second.
const fileTimeout = 20 * time.Second

var errSlow = fmt.Errorf("parsing it took more than %s", fileTimeout)

// Interrupted is the reason of files that were not reached when the context ended.
const Interrupted = "not read: the run was interrupted"

// Project loads the code base below root. The error wraps [inventory.ErrNotAuditable] when there is
// nothing to audit. When ctx ends the project holds what was loaded until then, is indexed, and is
// returned together with ctx.Err().
func Project(ctx context.Context, root string, opt Options) (*project.Project, error) {
	listing, err := inventory.List(ctx, root, inventory.Options{MaxFiles: opt.MaxFiles})
	if listing == nil {
		return nil, err
	}
	return Of(ctx, listing, err, opt)
}

// Of loads the files of a listing. listErr is the error that came with the listing, if any: what was
// listed is loaded and the error is returned with it.
func Of(ctx context.Context, listing *inventory.Listing, listErr error, opt Options) (*project.Project, error) {
	root, err := listing.Root, listErr
	l := &loader{listing: listing, opt: opt, only: map[string]bool{}, packages: map[string]bool{".": true}}
	for _, name := range opt.Only {
		l.only[name] = true
	}
	p := &project.Project{Name: listing.Name, Problems: listing.Notes}
	cache, note := openCache(opt.CacheDir, root)
	if note != "" {
		p.Problems = append(p.Problems, note)
	}
	l.cache = cache
	stage := progress.OrSilent(opt.Progress).Stage("reading files", int64(len(listing.Entries)))
	p.Files = l.files(ctx, stage)
	stage.End()
	if note := cache.close(ctx.Err() == nil); note != "" {
		p.Problems = append(p.Problems, note)
	}
	p.Index()
	if note := unparsed(p.Files); note != "" {
		p.Problems = append(p.Problems, note)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return p, err
	}
	return p, empty(p, root)
}

// unparsed says which languages were not read for want of a parser that another build has.
func unparsed(files []*project.File) string {
	by, n := map[string]int{}, 0
	for _, f := range files {
		if f.NoParser && f.Doc == nil && lang.InOtherBuild(f.Lang) && f.Role != project.Test && f.Role != project.Docs && f.Role != project.Generated && f.Role != project.Vendored {
			by[f.Lang]++
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("This build has no parser for %s, so %d files were not read; build napkin with cgo (CGO_ENABLED=1 and a C compiler) to have them audited.", strings.Join(sortedKeys(by), ", "), n)
}

// empty returns an error for a project in which there is nothing that any rule could read.
func empty(p *project.Project, root string) error {
	for _, f := range p.Files {
		if f.Tree != nil || f.Doc != nil || f.Skipped != "" || f.Lang == "sql" || f.Lang == "prisma" {
			return nil
		}
	}
	if len(p.Files) == 0 {
		return fmt.Errorf("%w: %s holds no files", inventory.ErrNotAuditable, root)
	}
	if note := unparsed(p.Files); note != "" {
		return fmt.Errorf("%w: %s", inventory.ErrNotAuditable, note)
	}
	if len(p.Files) == 1 {
		return fmt.Errorf("%w: %s holds one file, and it is no application source or configuration that napkin reads", inventory.ErrNotAuditable, root)
	}
	return fmt.Errorf("%w: %s holds %d files, and none of them is application source or configuration that napkin reads", inventory.ErrNotAuditable, root, len(p.Files))
}

type loader struct {
	listing  *inventory.Listing
	opt      Options
	only     map[string]bool
	packages map[string]bool // folders that hold a manifest
	cache    *cache
}

// files turns all entries into files, in their order.
func (l *loader) files(ctx context.Context, stage progress.Stage) []*project.File {
	entries := l.listing.Entries
	for i := range entries {
		if config.KindOf(entries[i].Path, nil) == config.KindDependencies {
			l.packages[path.Dir(entries[i].Path)] = true
		}
	}
	out := make([]*project.File, len(entries))
	jobs := l.opt.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var g errgroup.Group
	for range jobs {
		g.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(entries) {
					return nil
				}
				out[i] = l.file(ctx, &entries[i])
				stage.Add(1)
			}
		})
	}
	_ = g.Wait() // the workers return no errors: each file carries its own reason
	return out
}

// file makes one file. It never fails: what goes wrong is said in Skipped.
func (l *loader) file(ctx context.Context, e *inventory.Entry) *project.File {
	f := &project.File{Path: e.Path, Lang: e.Lang, Role: e.Role, Size: e.Size, NoParser: lang.Missing(e.Lang)}
	source, document := l.wanted(f)
	if e.Skip != "" {
		if source || document || e.Lang == "sql" || e.Lang == "prisma" { // a picture is not missed
			f.Skipped = e.Skip
		}
		return f
	}
	f.SetReader(func() []byte {
		src, err := l.listing.Read(f.Path)
		if err != nil || f.Hash != "" && blobID(src) != f.Hash {
			return nil
		}
		return src
	})
	switch {
	case !source && !document:
		l.schema(f)
	case ctx.Err() != nil:
		f.Skipped = Interrupted
	case source:
		l.source(ctx, f, e)
	default:
		src, err := l.listing.Read(f.Path)
		if err != nil {
			f.Skipped = err.Error()
			return f
		}
		parseDocument(f, src)
	}
	return f
}

// schema makes sure that a file of a schema language is text: it is parsed later, by who knows what it
// belongs to, and would be an empty schema otherwise.
func (l *loader) schema(f *project.File) {
	if f.Lang != "sql" && f.Lang != "prisma" || !l.kept(f.Lang) {
		return
	}
	switch f.Role {
	case project.Test, project.Docs, project.Vendored, project.Generated:
		return
	}
	if src, err := l.listing.Read(f.Path); err != nil {
		f.Skipped = err.Error()
	} else {
		f.Skipped = inventory.Unreadable(src)
	}
}

// wanted says whether a file is lowered as source or parsed as a configuration document.
func (l *loader) wanted(f *project.File) (source, document bool) {
	switch f.Role {
	case project.Test:
		if !l.opt.IncludeTests {
			return false, false
		}
	case project.Generated, project.Vendored:
		// Lock files are generated and name the versions in use.
		return false, config.KindOf(f.Path, nil) == config.KindDependencies && f.Role == project.Generated && l.kept("dependencies")
	case project.Docs:
		return false, false
	}
	if lang.Parsed(f.Lang) || f.Lang == "html" {
		return l.kept(f.Lang), false
	}
	return false, l.kept(f.Lang) && documentPath(f.Path, f.Size, l.packages)
}

func (l *loader) kept(language string) bool {
	return len(l.only) == 0 || l.only[language]
}

// source lowers a source file, or takes its tree from the cache.
func (l *loader) source(ctx context.Context, f *project.File, e *inventory.Entry) {
	if rec, hash, language, ok := l.cache.byStat(e); ok && l.take(f, rec, language, hash) {
		return
	}
	readAt := time.Now()
	src, err := l.listing.Read(f.Path)
	if err != nil {
		f.Skipped = err.Error()
		return
	}
	f.Hash = blobID(src)
	language := languageOf(f.Path, f.Lang, src)
	rec, ok := l.cache.byHash(f.Hash, variant(language, e.Role))
	if !ok || !l.take(f, rec, language, f.Hash) {
		rec = lower(ctx, f.Path, language, f.Role, src)
		l.fill(f, rec, language)
		if ctx.Err() != nil && rec.tree == nil {
			f.Skipped = Interrupted
			return
		}
		if !rec.transient {
			l.cache.add(f.Hash, variant(language, f.Role), rec)
		}
	}
	l.cache.remember(e, f.Hash, language, readAt)
}

// take fills f from a cached record. It fails when the record's tree is damaged.
func (l *loader) take(f *project.File, rec *record, language, hash string) bool {
	if rec.length > 0 {
		t, err := l.cache.tree(rec)
		if err != nil {
			return false
		}
		rec = &record{content: rec.content, tree: t}
	}
	f.Hash = hash
	l.fill(f, rec, language)
	return true
}

func (l *loader) fill(f *project.File, rec *record, language string) {
	f.Lang, f.Lines, f.BOM, f.Note, f.Skipped, f.Tree = language, rec.Lines, rec.BOM, rec.Note, rec.Skip, rec.tree
	if rec.Generated {
		f.Role = project.Generated
	}
}

// variant is the language as the cache's key has it. Generators mark migrations too, and there the
// mark means nothing, so what is known of the same bytes differs.
func variant(language string, role project.Role) string {
	if role == project.Migration {
		return language + "/migration"
	}
	return language
}

// languageOf refines the language of a file whose extension leaves it open.
func languageOf(p, language string, src []byte) string {
	if language == "html" {
		return lang.Of(p, src[:min(len(src), 64<<10)])
	}
	return language
}

// record is what is known of one source file.
type record struct {
	content
	tree           *syntax.Tree
	transient      bool  // a faster machine or another run may get further: not for the cache
	offset, length int64 // of the tree in the pack
	sum            uint32
	used           atomic.Bool
}

type content struct {
	Lines     int
	BOM       bool
	Generated bool
	Note      string
	Skip      string
}

// lower inspects and lowers one source file. ctx bounds the parser.
func lower(ctx context.Context, p, language string, role project.Role, src []byte) *record {
	c := inventory.Inspect(src, role, language)
	rec := &record{content: content{Lines: c.Lines, BOM: c.BOM, Generated: c.Generated, Note: c.Note, Skip: c.Skip}}
	if c.Skip != "" || c.Generated || !lang.Parsed(language) {
		return rec
	}
	t, err := guarded(ctx, language, project.Clean(src), lang.Lower)
	switch {
	case err != nil:
		rec.Skip = err.Error()
		rec.transient = ctx.Err() != nil || errors.Is(err, errSlow)
	case len(src) > 0 && t.ErrorBytes > len(src)/4:
		rec.Note = joinNotes(rec.Note, fmt.Sprintf("the parser could not make sense of %d %% of it", 100*t.ErrorBytes/len(src)))
		fallthrough
	default:
		rec.tree = t
	}
	return rec
}

func joinNotes(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// guarded calls the lowering with a deadline and turns a panic into an error.
func guarded(ctx context.Context, language string, src []byte, parse func(context.Context, string, []byte) (*syntax.Tree, error)) (t *syntax.Tree, err error) {
	defer func() {
		if r := recover(); r != nil {
			t, err = nil, fmt.Errorf("the %s parser failed on it (%s)", language, firstLine(fmt.Sprint(r)))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, fileTimeout)
	defer cancel()
	t, err = parse(ctx, language, src)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, errSlow
	case err != nil:
		return nil, fmt.Errorf("can not be parsed: %s", firstLine(err.Error()))
	case t == nil:
		return nil, errors.New("can not be parsed: the parser returned nothing")
	}
	return t, nil
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// parseDocument parses a configuration document.
func parseDocument(f *project.File, src []byte) {
	f.Hash = blobID(src)
	c := inventory.Inspect(src, project.Config, f.Lang)
	f.Lines, f.BOM, f.Note, f.Skipped = c.Lines, c.BOM, c.Note, c.Skip
	if c.Skip != "" {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			f.Doc, f.Skipped = nil, fmt.Sprintf("the configuration parser failed on it (%s)", firstLine(fmt.Sprint(r)))
		}
	}()
	clean := project.Clean(src)
	kind := config.KindOf(f.Path, clean[:min(len(clean), 4<<10)])
	if kind == "" {
		return
	}
	doc, err := config.Parse(kind, f.Path, clean)
	if err != nil {
		f.Skipped = "can not be parsed: " + firstLine(err.Error())
		return
	}
	f.Doc = doc
	if f.Lang == "" {
		f.Lang = kind
	}
}

// wordy are folders of YAML and JSON that hold text for people, not settings.
var wordy = map[string]bool{"locales": true, "locale": true, "i18n": true, "l10n": true, "translations": true, "translation": true, "lang": true, "messages": true}

// documentPath reports whether a file is worth parsing as a configuration document. JSON carries data
// more often than settings, so only files beside a manifest or in a folder of settings are parsed.
func documentPath(p string, size int64, packages map[string]bool) bool {
	lower := strings.ToLower(p)
	kind := config.KindOf(p, nil)
	switch kind {
	case "":
		return strings.Contains(lower, "nginx") && !strings.HasSuffix(lower, ".md")
	case config.KindYAML, config.KindJSON, config.KindProperties:
		for _, d := range strings.Split(path.Dir(lower), "/") {
			if wordy[d] {
				return false
			}
		}
	}
	if kind != config.KindJSON {
		return true
	}
	if size > 256<<10 {
		return false
	}
	for _, d := range strings.Split(path.Dir(lower), "/") {
		switch d {
		case "config", "conf", "settings", "deploy", "deployment", "k8s", "kubernetes", "infra", "ops", "terraform", "ecs":
			return true
		}
	}
	return packages[path.Dir(p)]
}

// blobID returns the id that git gives the content, in hex.
func blobID(src []byte) string {
	h := sha1.New()
	h.Write(append(strconv.AppendInt([]byte("blob "), int64(len(src)), 10), 0))
	h.Write(src)
	return hex.EncodeToString(h.Sum(nil))
}

// sortedKeys returns the keys of m in order.
func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
