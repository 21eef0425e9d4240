package node

import (
	"path"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema/prismaschema"
)

// Prisma reads queries of the Prisma client. Its models come from the schema files.
type Prisma struct {
	ix     *flow.Index
	models map[string][]*prismaModel // by the client's name of the model
	byFlow map[*flow.Model]*prismaModel
}

type prismaModel struct {
	flow   *flow.Model
	schema *prismaschema.Model
	doc    *prismaschema.Document
	root   string // folder of the schema
	size   int    // models of its document
}

// NewPrisma returns the framework.
func NewPrisma() *Prisma {
	return &Prisma{models: map[string][]*prismaModel{}, byFlow: map[*flow.Model]*prismaModel{}}
}

// Name returns "prisma".
func (*Prisma) Name() string { return "prisma" }

// Entries does nothing: [Platform] knows the entry points.
func (*Prisma) Entries(*flow.Interp) {}

// Index reads the schema files. Of models with one name in several schemas, that of the largest
// schema stands for the name in the index; queries choose by where they are written.
func (fw *Prisma) Index(ix *flow.Index) {
	fw.ix = ix
	sets := map[string][]*project.File{}
	for _, f := range ix.Project.Files {
		if f.Lang != "prisma" || f.Role == project.Test || f.Role == project.Vendored || f.Skipped != "" {
			continue
		}
		dir := path.Dir(f.Path)
		if i := strings.Index(dir+"/", "/schema/"); i > 0 {
			dir = dir[:i]
		}
		sets[dir] = append(sets[dir], f)
	}
	dirs := make([]string, 0, len(sets))
	for dir := range sets {
		dirs = append(dirs, dir)
	}
	sort.Strings(dirs)
	var all []*prismaModel
	for _, dir := range dirs {
		var files []prismaschema.File
		byPath := map[string]*project.File{}
		for _, f := range sets[dir] {
			files = append(files, prismaschema.File{Path: f.Path, Text: f.Source()})
			byPath[f.Path] = f
		}
		doc, _ := prismaschema.Parse(files...)
		if doc.Provider == "mongodb" {
			continue // no tables: what is said of indexes and binds does not hold
		}
		for _, m := range doc.Models {
			if m.Kind == "type" {
				continue
			}
			x := &prismaModel{flow: convert(m, doc, byPath[m.Place.Path]), schema: m, doc: doc, root: dir, size: len(doc.Models)}
			fw.byFlow[x.flow] = x
			name := lowerFirst(m.Name)
			fw.models[name] = append(fw.models[name], x)
			all = append(all, x)
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].size < all[j].size })
	for _, x := range all {
		ix.AddModel(x.flow)
		if x.flow.Table != "" {
			ix.ByTable[x.flow.Table] = x.flow
		}
	}
}

func convert(m *prismaschema.Model, doc *prismaschema.Document, f *project.File) *flow.Model {
	out := &flow.Model{Name: m.Name, Table: m.Table, Framework: "prisma", File: f, Columns: map[string]string{}, Relations: map[string]*flow.Relation{}}
	for _, field := range m.Fields {
		if field.Relation == nil {
			if field.Column != "" {
				out.Columns[field.Name] = field.Column
			}
			continue
		}
		r := &flow.Relation{Name: field.Name, Target: field.Relation.Model, Kind: flow.HasOne, File: f}
		switch {
		case field.Relation.Many:
			r.Kind = flow.HasMany
		case len(field.Relation.Fields) > 0:
			r.Kind = flow.BelongsTo
			if k := m.Field(field.Relation.Fields[0]); k != nil {
				r.ForeignKey = k.Column
			}
		}
		if inv := field.Relation.Inverse; r.Kind != flow.BelongsTo && inv != nil && inv.Relation != nil && len(inv.Relation.Fields) > 0 {
			if other := doc.Model(field.Relation.Model); other != nil {
				if k := other.Field(inv.Relation.Fields[0]); k != nil {
					r.ForeignKey = k.Column
				}
			}
		}
		out.Relations[field.Name] = r
	}
	return out
}

// model finds the model behind prisma.user, asked from a file: the schema of the folder that holds
// the file, else the largest.
func (fw *Prisma) model(name string, from *project.File) *prismaModel {
	var best *prismaModel
	bestScore := -1
	for _, m := range fw.models[name] {
		score := m.size
		owner := path.Dir(m.root)
		if owner == "." || strings.HasPrefix(from.Path, owner+"/") {
			score += 10000 + len(owner)
		}
		if score > bestScore {
			best, bestScore = m, score
		}
	}
	return best
}

// target is the model at the other end of a relation, in the same schema.
func (fw *Prisma) target(m *prismaModel, rel *flow.Relation) *prismaModel {
	for _, x := range fw.models[lowerFirst(rel.Target)] {
		if x.doc == m.doc {
			return x
		}
	}
	return nil
}

// column is the name of a field in the database.
func (m *prismaModel) column(field string) string {
	if c := m.flow.Columns[field]; c != "" {
		return c
	}
	return field
}

// clientNames are the usual last names of a variable that holds a client.
func clientName(n syntax.Ref) bool {
	name := strings.ToLower(strings.Trim(n.Str(), "_#$"))
	for _, w := range []string{"prisma", "db", "tx", "trx", "client", "replica", "reader", "writer", "transaction", "database", "orm", "prismaread", "readonly"} {
		if strings.HasSuffix(name, w) {
			return true
		}
	}
	return n.Kind() == syntax.Call || n.Kind() == syntax.Self
}
