package load

import (
	"bytes"
	"context"
	"fmt"
	"path"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/inventory"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
)

// FromFiles makes a project of sources in memory, by path. Roles, languages and reasons to skip are
// those that the same files would get on disk.
func FromFiles(files map[string]string) *project.Project {
	p := &project.Project{Name: "memory"}
	paths := sortedKeys(files)
	classifier, packages := surroundings(paths)
	for _, name := range paths {
		p.Files = append(p.Files, fromBytes(name, []byte(files[name]), classifier, packages))
	}
	p.Index()
	return p
}

// WithEdits returns p with the edits applied. Only the edited files are lowered again; all others are
// shared with p. Schemas and Frameworks are left empty, because an edit may change them. The error is
// that of package patch, or says that a file can no longer be read.
func WithEdits(p *project.Project, edits []patch.Edit) (*project.Project, error) {
	changed, err := patch.ApplyAll(edits, func(name string) ([]byte, error) {
		f := p.File(name)
		if f == nil {
			return nil, patch.ErrNoFile
		}
		raw := f.Raw()
		if raw == nil {
			return nil, fmt.Errorf("%s can not be read any more, or changed since it was audited", name)
		}
		return raw, nil
	})
	if err != nil {
		return nil, err
	}
	paths := make([]string, 0, len(p.Files)+len(changed))
	for _, f := range p.Files {
		paths = append(paths, f.Path)
	}
	for name := range changed {
		if p.File(name) == nil {
			paths = append(paths, name)
		}
	}
	classifier, packages := surroundings(paths)
	out := &project.Project{Name: p.Name, Problems: p.Problems}
	for _, f := range p.Files {
		if _, ok := changed[f.Path]; !ok {
			out.Files = append(out.Files, f)
		}
	}
	for _, name := range sortedKeys(changed) {
		out.Files = append(out.Files, fromBytes(name, changed[name], classifier, packages))
	}
	out.Index()
	return out, nil
}

func surroundings(paths []string) (*inventory.Classifier, map[string]bool) {
	packages := map[string]bool{".": true}
	for _, name := range paths {
		if config.KindOf(name, nil) == config.KindDependencies {
			packages[path.Dir(name)] = true
		}
	}
	return inventory.NewClassifier(paths), packages
}

// fromBytes makes a file of bytes in memory, lowered or parsed like one from disk.
func fromBytes(name string, src []byte, classifier *inventory.Classifier, packages map[string]bool) *project.File {
	language := languageOf(name, lang.Of(name, nil), src)
	f := project.NewFile(name, language, classifier.Role(name, language), src)
	if clean := project.Clean(src); !bytes.Equal(clean, src) {
		odd := &project.File{Path: f.Path, Lang: f.Lang, Role: f.Role, Size: f.Size, Lines: f.Lines}
		odd.SetReader(func() []byte { return src })
		f = odd
	}
	f.Hash, f.NoParser = blobID(src), lang.Missing(language)
	l := &loader{packages: packages}
	source, document := l.wanted(f)
	switch {
	case source:
		l.fill(f, lower(context.Background(), name, language, f.Role, src), language)
	case document:
		parseDocument(f, src)
	}
	return f
}
