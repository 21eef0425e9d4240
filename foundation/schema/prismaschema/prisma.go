// Package prismaschema reads Prisma schema files: models with their tables, columns, indexes and
// relations, and the datasource.
//
// It guarantees linear time, exact lines and no panics on any input; what it does not understand in a
// block becomes a [Problem] and the rest of the file is read. It knows nothing of the client's queries.
package prismaschema

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// File is one schema file; a schema may be spread over several.
type File struct {
	Path string
	Text []byte
}

// Problem is a part of a file that was not understood.
type Problem struct {
	Place schema.Place
	Text  string
}

// Document is a whole schema.
type Document struct {
	Dialect schema.Dialect
	// Provider is the datasource's provider as written ("postgresql", "mongodb"), RelationMode is
	// "foreignKeys" or "prisma"; with the latter the database holds no foreign keys at all.
	Provider     string
	RelationMode string
	Models       []*Model
	Enums        []*Enum
}

// Model is one model, view or composite type.
type Model struct {
	Name    string
	Table   string // name in the database: @@map, or the model's name
	Schema  string // @@schema
	Kind    string // "model", "view" or "type"
	Fields  []*Field
	ID      []string // field names of the primary key
	Indexes []*Index // @@index, @@unique, @@fulltext and @unique, not the primary key
	Ignored bool
	Place   schema.Place
}

// Field is a column or a relation of a model.
type Field struct {
	Name     string
	Column   string // name in the database: @map, or the field's name; empty for a relation
	Type     string // without ? and []
	Optional bool
	List     bool
	Native   string // of @db.VarChar(255): "VarChar(255)"
	Default  string // expression of @default
	ID       bool
	Unique   bool
	Updated  bool // @updatedAt
	Ignored  bool
	Relation *Relation // nil for a column
	Place    schema.Place
}

// Relation is the end of a relation in one model. The end with Fields holds the foreign key; the other
// has none.
type Relation struct {
	Name       string
	Model      string // the other model
	Fields     []string
	References []string
	OnDelete   string // as in SQL, lower case; Prisma's default is left empty
	OnUpdate   string
	Map        string // name of the constraint
	Many       bool   // this end is a list
	// Inverse is the field at the other end, nil when there is none (an error in Prisma).
	Inverse *Field
}

// Index is @@index or @@unique, or @unique of a field.
type Index struct {
	Name   string // map: name in the database
	Fields []IndexField
	Unique bool
	Type   string // "BTree", "Gin", "Hash", ...; empty when not said
	Full   bool   // @@fulltext
	Place  schema.Place
}

// IndexField is one key of an index.
type IndexField struct {
	Name   string
	Desc   bool
	Ops    string
	Length int
}

// Enum is an enumeration.
type Enum struct {
	Name   string
	Table  string // name of the type in the database
	Values []string
	Place  schema.Place
}

// Model finds a model by its name in the schema, or returns nil.
func (d *Document) Model(name string) *Model {
	for _, m := range d.Models {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// Enum finds an enumeration, or returns nil.
func (d *Document) Enum(name string) *Enum {
	for _, e := range d.Enums {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// Field finds a field by name, or returns nil.
func (m *Model) Field(name string) *Field {
	for _, f := range m.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// ForeignKeys says whether the database holds the relations as constraints.
func (d *Document) ForeignKeys() bool {
	return d.RelationMode != "prisma" && d.Provider != "mongodb"
}

// Parse reads the files of one schema.
func Parse(files ...File) (*Document, []Problem) {
	doc := &Document{}
	var problems []Problem
	for _, f := range files {
		p := &parser{doc: doc, path: f.Path, lex: newLexer(string(f.Text))}
		p.advance()
		p.advance()
		p.file()
		problems = append(problems, p.problems...)
	}
	doc.link()
	return doc, problems
}

// link resolves what needs all files: which fields are relations, and their other ends.
func (d *Document) link() {
	models := make(map[string]*Model, len(d.Models))
	for _, m := range d.Models {
		if _, ok := models[m.Name]; !ok {
			models[m.Name] = m
		}
	}
	for _, m := range d.Models {
		for _, f := range m.Fields {
			other := models[f.Type]
			if other == nil || other.Kind == "type" {
				f.Relation = nil
				continue
			}
			if f.Relation == nil {
				f.Relation = &Relation{}
			}
			f.Relation.Model, f.Relation.Many = f.Type, f.List
			f.Column = ""
		}
	}
	type end struct{ from, to, name string }
	ends := map[end][]*Field{}
	for _, m := range d.Models {
		for _, f := range m.Fields {
			if f.Relation != nil {
				k := end{m.Name, f.Type, f.Relation.Name}
				ends[k] = append(ends[k], f)
			}
		}
	}
	for _, m := range d.Models {
		for _, f := range m.Fields {
			if f.Relation == nil {
				continue
			}
			for _, other := range ends[end{f.Type, m.Name, f.Relation.Name}] {
				if other != f {
					f.Relation.Inverse = other
					break
				}
			}
		}
	}
}

// setProvider notes the datasource.
func (d *Document) setProvider(provider string) {
	d.Provider = provider
	switch provider {
	case "postgresql", "postgres", "cockroachdb":
		d.Dialect = schema.Postgres
	case "mysql":
		d.Dialect = schema.MySQL
	case "sqlite":
		d.Dialect = schema.SQLite
	case "sqlserver":
		d.Dialect = schema.SQLServer
	}
}

// action turns Prisma's name of a referential action into SQL's.
func action(name string) string {
	switch name {
	case "Cascade":
		return "cascade"
	case "Restrict":
		return "restrict"
	case "SetNull":
		return "set null"
	case "SetDefault":
		return "set default"
	case "NoAction":
		return "no action"
	}
	return strings.ToLower(name)
}
