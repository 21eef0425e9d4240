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
	"github.com/napkin-infra/napkin/foundation/schema"
)

var (
	revisionOf     = regexp.MustCompile(`(?m)^revision\s*(?::\s*\w+\s*)?=\s*["']([^"']+)["']`)
	downRevisionOf = regexp.MustCompile(`(?m)^down_revision\s*(?::[^=\n]+)?=\s*(.+)$`)
	pyString       = regexp.MustCompile(`["']([^"']+)["']`)
	djangoName     = regexp.MustCompile(`^(\d{4})_`)
)

// alembic writes one revision on top of the only head.
func (w *Writer) alembic(s *store) {
	adds := s.plain()
	parents := map[string]bool{}
	files := map[string]string{}
	for _, p := range paths(s.db) {
		src := w.text(p)
		m := revisionOf.FindStringSubmatch(src)
		if m == nil {
			continue
		}
		files[m[1]] = p
		if d := downRevisionOf.FindStringSubmatch(src); d != nil {
			for _, r := range pyString.FindAllStringSubmatch(d[1], -1) {
				parents[r[1]] = true
			}
		}
	}
	var heads []string
	for r := range files {
		if !parents[r] {
			heads = append(heads, r)
		}
	}
	if len(heads) != 1 || len(adds) == 0 {
		return // several heads: which one goes on is for a person to say
	}
	head := heads[0]
	name := w.title(adds)
	sum := sha256.Sum256([]byte(head + "\x00" + name))
	revision := hex.EncodeToString(sum[:6])
	postgres := s.db.Schema.Dialect == schema.Postgres
	indent, block := "    ", ""
	if postgres {
		indent, block = "        ", "    with op.get_context().autocommit_block():\n"
	}
	up, down := block, block
	for _, a := range adds {
		names := quoted(a.index.Columns)
		extra, gone := "", ""
		if a.index.Unique {
			extra = ", unique=True"
		}
		if postgres {
			extra += ", postgresql_concurrently=True"
			gone = ", postgresql_concurrently=True"
		}
		up += fmt.Sprintf("%sop.create_index(%q, %q, %s%s)\n", indent, a.index.Name, a.table.Name, names, extra)
		down += fmt.Sprintf("%sop.drop_index(%q, table_name=%q%s)\n", indent, a.index.Name, a.table.Name, gone)
	}
	text := fmt.Sprintf("\"\"\"%s\n\nRevision ID: %s\nRevises: %s\n\n\"\"\"\n\nfrom alembic import op\n\nrevision = %q\ndown_revision = %q\nbranch_labels = None\ndepends_on = None\n\n\ndef upgrade():\n%s\n\ndef downgrade():\n%s",
		strings.ReplaceAll(name, "_", " "), revision, head, revision, head, up, down)
	file := path.Join(path.Dir(files[head]), revision+"_"+name+".py")
	s.share(adds, patch.Edit{Path: file, New: text, Create: true})
}

const longestDjango = 30 // characters that Django allows for the name of an index

// django writes one migration for each app, and the index into the Meta of the model.
func (w *Writer) django(s *store) {
	if w.models == nil {
		return
	}
	byDir := map[string][]*addition{}
	for _, a := range s.plain() {
		if a.table.CreatedIn != "" {
			dir := path.Dir(a.table.CreatedIn)
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

func (w *Writer) djangoApp(s *store, dir string, adds []*addition) {
	number, newest, label := "", "", ""
	for _, m := range s.db.Migrations {
		if path.Dir(m.Path) != dir {
			continue
		}
		if n := djangoName.FindStringSubmatch(path.Base(m.Path)); n != nil && n[1] > number {
			number, newest = n[1], strings.TrimSuffix(path.Base(m.Path), ".py")
		}
		if i := strings.LastIndexByte(m.ID, '.'); i > 0 {
			label = m.ID[:i]
		}
	}
	if number == "" {
		return
	}
	if label == "" {
		label = path.Base(path.Dir(dir))
	}
	postgres := s.db.Schema.Dialect == schema.Postgres
	var operations []string
	var written []*addition
	meta := map[*addition]patch.Edit{}
	for _, a := range adds {
		model := w.models.TableModel(a.table.Name, w.project.File(a.table.Place.Path))
		if model == nil {
			continue
		}
		fields, ok := djangoFields(model, a)
		if !ok {
			continue
		}
		name := djangoIndexName(a)
		edit, ok := w.djangoMeta(model, fields, name)
		if !ok {
			continue
		}
		word := "migrations.AddIndex"
		if postgres {
			word = "AddIndexConcurrently"
		}
		operations = append(operations, fmt.Sprintf("        %s(\n            model_name=%q,\n            index=models.Index(fields=%s, name=%q),\n        ),\n", word, strings.ToLower(flow.LastSegment(model.Name)), fields, name))
		written = append(written, a)
		meta[a] = edit
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
	file := patch.Edit{Path: path.Join(dir, count(number, w.step)+"_"+w.title(written)+".py"), New: text, Create: true}
	for _, a := range written {
		s.share([]*addition{a}, file, meta[a])
	}
}

// djangoFields names the fields of the columns: an index of Django is on fields.
func djangoFields(m *flow.Model, a *addition) (string, bool) {
	var out []string
	for _, c := range a.index.Columns {
		field := ""
		for name, column := range m.Columns {
			if column == c.Name && (field == "" || name < field) {
				field = name
			}
		}
		for name, rel := range m.Relations {
			if rel.Kind == flow.BelongsTo && (rel.ForeignKey == c.Name || rel.ForeignKey == "" && name+"_id" == c.Name) {
				field = name
			}
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

func djangoIndexName(a *addition) string {
	if len(a.index.Name) <= longestDjango {
		return a.index.Name
	}
	sum := sha256.Sum256([]byte(a.index.Name))
	short := strings.TrimPrefix(a.index.Name, "index_")
	return strings.TrimRight(short[:min(len(short), longestDjango-11)], "_") + "_" + hex.EncodeToString(sum[:3]) + "_idx"
}

var (
	metaClass  = regexp.MustCompile(`(?m)^([ \t]+)class Meta\b[^\n]*:[ \t]*\n`)
	metaIndex  = regexp.MustCompile(`(?m)^[ \t]+indexes[ \t]*=[ \t]*[\[(]`)
	classIdent = regexp.MustCompile(`^[ \t]*`)
)

// djangoMeta is the edit of the model: into Meta.indexes, into Meta, or a new Meta.
func (w *Writer) djangoMeta(m *flow.Model, fields, name string) (patch.Edit, bool) {
	if m.File == nil || !m.Node.Ok() {
		return patch.Edit{}, false
	}
	src := string(m.File.Source())
	start, end := int(m.Node.Start()), int(m.Node.End())
	if end > len(src) || start >= end {
		return patch.Edit{}, false
	}
	body := src[start:end]
	entry := fmt.Sprintf("models.Index(fields=%s, name=%q)", fields, name)
	at := func(offset int, text string) (patch.Edit, bool) {
		return patch.Edit{Path: m.File.Path, Start: start + offset, End: start + offset, New: text}, true
	}
	if c := metaClass.FindStringSubmatchIndex(body); c != nil {
		indent := body[c[2]:c[3]]
		rest := body[c[1]:]
		// Meta ends where a line is indented no deeper than it.
		stop := len(rest)
		offset := 0
		for _, l := range strings.SplitAfter(rest, "\n") {
			if strings.TrimSpace(l) != "" && len(classIdent.FindString(l)) <= len(indent) {
				stop = offset
				break
			}
			offset += len(l)
		}
		if ix := metaIndex.FindStringIndex(rest[:stop]); ix != nil {
			return at(c[1]+ix[1], "\n"+indent+"        "+entry+",")
		}
		if strings.Contains(rest[:stop], "indexes") {
			return patch.Edit{}, false
		}
		return at(c[1], indent+"    indexes = [\n"+indent+"        "+entry+",\n"+indent+"    ]\n")
	}
	return patch.Edit{}, false
}
