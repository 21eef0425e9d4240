package migration

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/prismaschema"
)

var prismaFolder = regexp.MustCompile(`^(\d{14})_`)

// prisma writes @@index into the model, and where the project keeps Prisma's migrations, one folder
// for each index: Prisma sends a file as one query, and CONCURRENTLY must stand alone.
func (w *Writer) prisma(s *store) {
	var files []prismaschema.File
	for _, f := range s.db.Files {
		if strings.HasSuffix(f, ".prisma") {
			files = append(files, prismaschema.File{Path: f, Text: []byte(w.text(f))})
		}
	}
	doc, _ := prismaschema.Parse(files...)
	dir, version := w.prismaMigrations(s)
	for i, a := range s.plain() {
		edit, name, ok := w.prismaLine(doc, a)
		if !ok {
			continue
		}
		edits := []patch.Edit{edit}
		if dir != "" {
			b := *a.index
			b.Name = name
			next := later(version, w.step*20+i-19, w.position(s))
			text := "-- CreateIndex\n" + statement(s.db.Schema, &addition{a.table, &b}, true) + "\n"
			edits = append(edits, patch.Edit{Path: path.Join(dir, next+"_add_"+snake(name), "migration.sql"), New: text, Create: true})
		}
		s.share([]*addition{a}, edits...)
	}
}

func (w *Writer) prismaMigrations(s *store) (dir, version string) {
	for _, p := range paths(s.db) {
		folder := path.Base(path.Dir(p))
		if m := prismaFolder.FindStringSubmatch(folder); m != nil && m[1] > version {
			dir, version = path.Dir(path.Dir(p)), m[1]
		}
	}
	return dir, version
}

// prismaLine is the line in the model's block and the name that Prisma gives the index.
func (w *Writer) prismaLine(doc *prismaschema.Document, a *addition) (patch.Edit, string, bool) {
	var model *prismaschema.Model
	for _, m := range doc.Models {
		if schema.Key(m.Table) == schema.Key(a.table.Name) || m.Schema != "" && schema.Key(m.Schema+"."+m.Table) == schema.Key(a.table.Name) {
			model = m
		}
	}
	if model == nil || model.Place.Path == "" {
		return patch.Edit{}, "", false
	}
	var fields, columns []string
	for _, c := range a.index.Columns {
		var field *prismaschema.Field
		for _, f := range model.Fields {
			if f.Column == c.Name && f.Relation == nil {
				field = f
			}
		}
		if field == nil {
			return patch.Edit{}, "", false
		}
		text := field.Name
		if c.Desc {
			text += "(sort: Desc)"
		}
		fields, columns = append(fields, text), append(columns, c.Name)
	}
	src := w.text(model.Place.Path)
	// The closing brace stands on the last line of the block.
	end := endOfLine(src, model.Place.EndLine)
	brace := strings.LastIndexByte(src[:end], '}')
	if brace < 0 {
		return patch.Edit{}, "", false
	}
	at := strings.LastIndexByte(src[:brace], '\n') + 1
	if strings.TrimSpace(src[at:brace]) != "" {
		return patch.Edit{}, "", false
	}
	// Block attributes stand together: behind the last index, or at the end of the block.
	lead := ""
	for _, ix := range model.Indexes {
		if ix.Place.EndLine > 0 && ix.Place.EndLine < model.Place.EndLine && strings.HasPrefix(strings.TrimSpace(line(src, ix.Place.Line)), "@@") {
			at = endOfLine(src, ix.Place.EndLine)
		}
	}
	if !strings.Contains(src[endOfLine(src, model.Place.Line):brace], "@@") {
		lead = "\n"
	}
	name := prismaName(a.table, columns)
	text := fmt.Sprintf("%s  @@index([%s])\n", lead, strings.Join(fields, ", "))
	return patch.Edit{Path: model.Place.Path, Start: at, End: at, New: text}, name, true
}

// line is the text of a line, counted from 1.
func line(src string, n int) string {
	start := endOfLine(src, n-1)
	if i := strings.IndexByte(src[start:], '\n'); i >= 0 {
		return src[start : start+i]
	}
	return src[start:]
}
