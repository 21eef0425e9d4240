package migration

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
)

const longestDjango = 30 // characters that Django allows for the name of an index

var djangoFile = regexp.MustCompile(`^(\d{4})_`)

// django writes one migration for each app, on top of the app's newest, and the indexes into the Meta
// of the models.
func (w *Writer) django(s *store) {
	if w.models == nil {
		return
	}
	byDir := map[string][]*addition{}
	for _, a := range s.plain() {
		// The app that declares the model, which need not be the one whose migration made the table.
		if m := w.models.TableModel(a.table.Name, w.project.File(a.table.Place.Path)); m != nil && m.File != nil {
			dir := path.Join(djangoApp(m.File.Path), "migrations")
			byDir[dir] = append(byDir[dir], a)
		}
	}
	dirs := make([]string, 0, len(byDir))
	for d := range byDir {
		dirs = append(dirs, d)
	}
	sort.Strings(dirs)
	for _, dir := range dirs {
		w.djangoApp(s, dir, byDir[dir])
	}
}

// djangoApp is the folder of the app that a file with models belongs to.
func djangoApp(file string) string {
	dir := path.Dir(file)
	if i := strings.Index(dir+"/", "/models/"); i >= 0 {
		return dir[:i]
	}
	return dir
}

func (w *Writer) djangoApp(s *store, dir string, adds []*addition) {
	number, newest, label := "", "", ""
	for _, m := range s.db.Migrations {
		if path.Dir(m.Path) != dir {
			continue
		}
		if n := djangoFile.FindStringSubmatch(path.Base(m.Path)); n != nil && n[1] > number {
			number, newest = n[1], strings.TrimSuffix(path.Base(m.Path), ".py")
		}
		if i := strings.LastIndexByte(m.ID, '.'); i > 0 {
			label = m.ID[:i]
		}
	}
	if number == "" || label == "" {
		return
	}
	var operations []string
	var models []*flow.Model // in order
	entries := map[*flow.Model][]string{}
	by := map[*flow.Model][]*addition{}
	word := "migrations.AddIndex"
	postgres := s.db.Schema.Dialect == schema.Postgres && !w.otherEngines()
	if postgres {
		word = "AddIndexConcurrently"
	}
	for _, a := range adds {
		model := w.models.TableModel(a.table.Name, w.project.File(a.table.Place.Path))
		fields, ok := djangoFields(model, a)
		if !ok {
			continue
		}
		if by[model] == nil {
			models = append(models, model)
		}
		index := fmt.Sprintf("models.Index(fields=%s, name=%q)", fields, djangoIndexName(a.index.Name))
		entries[model] = append(entries[model], index)
		by[model] = append(by[model], a)
	}
	var written []*addition
	var meta []patch.Edit
	for _, model := range models {
		edit, ok := w.djangoMeta(model, entries[model])
		if !ok {
			continue
		}
		for _, index := range entries[model] {
			operations = append(operations, fmt.Sprintf("        %s(\n            model_name=%q,\n            index=%s,\n        ),\n", word, strings.ToLower(flow.LastSegment(model.Name)), index))
		}
		written = append(written, by[model]...)
		meta = append(meta, edit)
	}
	if len(written) == 0 {
		return
	}
	imports, atomic := "from django.db import migrations, models\n", ""
	if postgres {
		imports = "from django.contrib.postgres.operations import AddIndexConcurrently\n" + imports
		atomic = "    atomic = False\n\n"
	}
	text := fmt.Sprintf("%s\n\nclass Migration(migrations.Migration):\n%s    dependencies = [\n        (%q, %q),\n    ]\n\n    operations = [\n%s    ]\n", imports, atomic, label, newest, strings.Join(operations, ""))
	file := patch.Edit{Path: path.Join(dir, count(number, 1)+"_"+w.title(written)+".py"), New: text, Create: true}
	s.share(written, append([]patch.Edit{file}, meta...)...)
}

// otherEngines reports settings that name another engine beside PostgreSQL: what only PostgreSQL has would
// end every migration on it.
func (w *Writer) otherEngines() bool {
	for _, f := range w.project.Files {
		if f.Lang != "python" || f.Tree == nil || f.Role != project.App && f.Role != project.Config || !strings.Contains(path.Base(f.Path), "settings") && !strings.Contains(path.Dir(f.Path), "settings") {
			continue
		}
		for _, text := range f.Tree.Strings {
			if strings.Contains(text, "db.backends.sqlite3") || strings.Contains(text, "db.backends.mysql") {
				return true
			}
		}
	}
	return false
}

// djangoFields names the fields of the columns: an index of Django is on fields.
func djangoFields(m *flow.Model, a *addition) (string, bool) {
	var out []string
	for _, c := range a.index.Columns {
		field, related := "", "" // of two names for one column the first in order, so that two runs agree
		for name, column := range m.Columns {
			if column == c.Name && (field == "" || name < field) {
				field = name
			}
		}
		for name, rel := range m.Relations {
			if rel.Kind == flow.BelongsTo && (rel.ForeignKey == c.Name || rel.ForeignKey == "" && name+"_id" == c.Name) && (related == "" || name < related) {
				related = name
			}
		}
		if related != "" {
			field = related // an index is on the relation, not on its column
		}
		if field == "" {
			return "", false
		}
		if c.Desc {
			field = "-" + field
		}
		out = append(out, fmt.Sprintf("%q", field))
	}
	return "[" + strings.Join(out, ", ") + "]", len(out) > 0
}

func djangoIndexName(name string) string {
	if len(name) <= longestDjango {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	short := strings.TrimPrefix(name, "index_")
	return strings.TrimRight(short[:min(len(short), longestDjango-11)], "_") + "_" + hex.EncodeToString(sum[:3]) + "_idx"
}

var (
	metaClass  = regexp.MustCompile(`(?m)^([ \t]+)class Meta\b([^\n]*):[ \t]*\n`)
	metaIndex  = regexp.MustCompile(`(?m)^[ \t]+indexes[ \t]*=[ \t]*[\[(]`)
	classIdent = regexp.MustCompile(`^[ \t]*`)
)

// djangoMeta is the edit of the model: into Meta.indexes, or into Meta. A Meta that inherits another
// one's indexes keeps them.
func (w *Writer) djangoMeta(m *flow.Model, entries []string) (patch.Edit, bool) {
	if m.File == nil || !m.Node.Ok() {
		return patch.Edit{}, false
	}
	src := string(m.File.Source())
	start, end := int(m.Node.Start()), int(m.Node.End())
	if end > len(src) || start >= end {
		return patch.Edit{}, false
	}
	body := src[start:end]
	at := func(offset int, text string) (patch.Edit, bool) {
		return patch.Edit{Path: m.File.Path, Start: start + offset, End: start + offset, New: text}, true
	}
	c := metaClass.FindStringSubmatchIndex(body)
	if c == nil {
		return patch.Edit{}, false
	}
	indent := body[c[2]:c[3]]
	lines := ""
	for _, e := range entries {
		lines += indent + "        " + e + ",\n"
	}
	rest := metaBody(body[c[1]:], indent)
	if ix := metaIndex.FindStringIndex(rest); ix != nil {
		return at(c[1]+ix[1], "\n"+strings.TrimSuffix(lines, "\n"))
	}
	if strings.Contains(rest, "indexes") {
		return patch.Edit{}, false
	}
	if base := strings.Trim(body[c[4]:c[5]], "() "); base != "" && base != "object" {
		has, known := w.metaHasIndexes(base)
		if !known {
			return patch.Edit{}, false
		}
		if has {
			lines = indent + "        *" + base + ".indexes,\n" + lines
		}
	}
	return at(c[1], indent+"    indexes = [\n"+lines+indent+"    ]\n")
}

// metaBody is the text of a class up to the first line that is indented no deeper than it.
func metaBody(rest, indent string) string {
	offset := 0
	for _, l := range strings.SplitAfter(rest, "\n") {
		if strings.TrimSpace(l) != "" && len(classIdent.FindString(l)) <= len(indent) {
			return rest[:offset]
		}
		offset += len(l)
	}
	return rest
}

// metaHasIndexes looks for the Meta that "Base.Meta" names and says whether it states indexes; known is
// false when it is not found, or inherits itself.
func (w *Writer) metaHasIndexes(base string) (has, known bool) {
	owner, ok := strings.CutSuffix(base, ".Meta")
	if !ok || strings.ContainsAny(owner, ".,( ") {
		return false, false
	}
	class := regexp.MustCompile(`(?m)^class ` + regexp.QuoteMeta(owner) + `\b[^\n]*:[ \t]*\n`)
	for _, f := range w.project.Files {
		if f.Lang != "python" {
			continue
		}
		src := string(f.Source())
		c := class.FindStringIndex(src)
		if c == nil {
			continue
		}
		body := metaBody(src[c[1]:], "")
		m := metaClass.FindStringSubmatchIndex(body)
		if m == nil || strings.Trim(body[m[4]:m[5]], "() ") != "" {
			return false, false
		}
		return strings.Contains(metaBody(body[m[1]:], body[m[2]:m[3]]), "indexes"), true
	}
	return false, false
}
