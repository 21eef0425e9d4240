package schema

import "strings"

// Builder folds operations one after the other, so that the schema can be looked at between them, as a
// review of migrations does. It is not safe for concurrent use.
type Builder struct{ f *folder }

// NewBuilder starts from a schema, which it takes over and changes, or from an empty one of the dialect
// when s is nil.
func NewBuilder(s *Schema, dialect Dialect) *Builder {
	if s == nil {
		s = &Schema{Dialect: dialect}
	}
	if s.Tables == nil {
		s.Tables = map[string]*Table{}
	}
	f := &folder{s: s, owners: map[string]*Table{}}
	for _, name := range s.Names() {
		t := s.Tables[name]
		for _, ix := range t.Indexes {
			if ix.Name != "" && !(ix.Primary && s.Dialect == MySQL) {
				f.owners[strings.ToLower(ix.Name)] = t
			}
		}
	}
	return &Builder{f}
}

// Schema is the schema as it stands; the next Apply changes it.
func (b *Builder) Schema() *Schema { return b.f.s }

// IndexTable finds the table of an index by the index's name, or nil.
func (b *Builder) IndexTable(name string) *Table { return b.f.owners[strings.ToLower(lastName(name))] }

// Apply folds operations of one file. Partitions get what their parent has at once.
func (b *Builder) Apply(path string, ops ...Op) {
	for i := range ops {
		op := &ops[i]
		b.f.path = path
		b.f.apply(op)
		if op.Kind == AttachPartition || op.Kind == CreateTable && op.Def != nil && op.Def.PartitionOf != "" {
			if t := b.f.s.Table(op.Table); t != nil {
				b.f.inherit(t)
			}
		}
	}
}
