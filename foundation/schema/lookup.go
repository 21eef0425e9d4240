package schema

import (
	"sort"
	"strings"
)

// Table finds a table by name in any case, with or without quotes and the default schema. A name
// without a schema also finds the only table of that name in any schema, and a qualified name that is
// unknown finds the table without one. It returns nil when there is none, or more than one.
func (s *Schema) Table(name string) *Table {
	if s == nil {
		return nil
	}
	key := Key(name)
	if t := s.Tables[key]; t != nil {
		return t
	}
	if i := strings.LastIndexByte(key, '.'); i >= 0 {
		return s.Tables[key[i+1:]]
	}
	if s.bare != nil && s.bare[key] != 1 {
		return nil
	}
	var found *Table
	for k, t := range s.Tables {
		if i := strings.LastIndexByte(k, '.'); i >= 0 && k[i+1:] == key {
			if found != nil {
				return nil
			}
			found = t
		}
	}
	return found
}

// Named lists in order the keys of the tables that have this name in any schema; name is in lower case.
func (s *Schema) Named(name string) []string {
	var keys []string
	if s.Tables[name] != nil {
		keys = append(keys, name)
	}
	if s.bare != nil && s.bare[name] == 0 {
		return keys
	}
	for k := range s.Tables {
		if i := strings.LastIndexByte(k, '.'); i >= 0 && k[i+1:] == name {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	return keys
}

// Put adds or replaces the table of a key. It is not safe beside readers.
func (s *Schema) Put(key string, t *Table) {
	if s.bare == nil {
		s.bare = map[string]int{}
		for k := range s.Tables {
			s.count(k, 1)
		}
	}
	if s.Tables[key] == nil {
		s.count(key, 1)
	}
	if s.Tables == nil {
		s.Tables = map[string]*Table{}
	}
	s.Tables[key] = t
}

// Remove takes a table away. It is not safe beside readers.
func (s *Schema) Remove(key string) {
	if s.Tables[key] != nil && s.bare != nil {
		s.count(key, -1)
	}
	delete(s.Tables, key)
}

func (s *Schema) count(key string, by int) {
	if i := strings.LastIndexByte(key, '.'); i >= 0 {
		s.bare[key[i+1:]] += by
	}
}

// Names lists the keys of all tables in order.
func (s *Schema) Names() []string {
	names := make([]string, 0, len(s.Tables))
	for k := range s.Tables {
		names = append(names, k)
	}
	sort.Strings(names)
	return names
}

// Column finds a column by name in any case, or returns nil.
func (t *Table) Column(name string) *Column {
	name = Unquote(name)
	for _, c := range t.Columns {
		if strings.EqualFold(c.Name, name) {
			return c
		}
	}
	return nil
}

// Index finds an index by name in any case, or returns nil.
func (t *Table) Index(name string) *Index {
	name = Unquote(name)
	for _, ix := range t.Indexes {
		if strings.EqualFold(ix.Name, name) {
			return ix
		}
	}
	return nil
}

// all returns the table's indexes with the primary key's, even where the reader of a catalog or a
// framework filled in only PrimaryKey.
func (t *Table) all() []*Index {
	if len(t.PrimaryKey) == 0 || hasPrimary(t.Indexes) {
		return t.Indexes
	}
	primary := &Index{Columns: PlainColumns(t.PrimaryKey...), Unique: true, Primary: true, Constraint: true, Method: "btree", Place: t.Place}
	return append([]*Index{primary}, t.Indexes...)
}

func hasPrimary(indexes []*Index) bool {
	for _, ix := range indexes {
		if ix.Primary {
			return true
		}
	}
	return false
}

// ordered says whether an index can be searched by a prefix of its keys: a B-tree (and the products'
// other names for one). GIN, GiST, BRIN, full-text and spatial indexes cannot; a hash index can by all
// its keys at once.
func (ix *Index) ordered() bool {
	switch strings.ToLower(ix.Method) {
	case "", "btree", "clustered", "nonclustered", "rtree-btree":
		return true
	}
	return false
}

// impliedByEquality says whether equality on the columns implies the index's predicate, so that a
// partial index serves: only "column IS NOT NULL" on one of the columns (conjunctions of such too).
func (ix *Index) impliedByEquality(columns []string) bool {
	if ix.Where == "" {
		return true
	}
	where := strings.ToLower(strings.NewReplacer("(", " ", ")", " ", `"`, "", "`", "").Replace(ix.Where))
	for _, part := range strings.Split(where, " and ") {
		fields := strings.Fields(part)
		if len(fields) != 4 || fields[1] != "is" || fields[2] != "not" || fields[3] != "null" || !contains(columns, fields[0]) {
			return false
		}
	}
	return true
}

// Serves says whether the index finds rows by equality on all the columns: its leading keys are these
// columns in any order. An expression key, a non-B-tree method and an inverted or partial index do not
// serve, except for a predicate "column IS NOT NULL" on one of the columns, which equality implies.
func (ix *Index) Serves(columns []string) bool {
	n := len(columns)
	if n == 0 || len(ix.Columns) < n || !ix.impliedByEquality(columns) {
		return false
	}
	if !ix.ordered() && (!strings.EqualFold(ix.Method, "hash") || len(ix.Columns) != n) {
		return false
	}
	for i := 0; i < n; i++ {
		if ix.Columns[i].Name == "" || !contains(columns, ix.Columns[i].Name) {
			return false
		}
		for j := 0; j < i; j++ {
			if sameName(ix.Columns[j].Name, ix.Columns[i].Name) {
				return false
			}
		}
	}
	return true
}

// IndexesLeading lists the indexes whose leading keys are the columns in any order, as equality
// conditions on all of them need; the primary key and unique constraints count. Partial indexes are
// left out unless equality implies their predicate; see [Table.PartialIndexesLeading] for those.
func (t *Table) IndexesLeading(columns ...string) []*Index {
	var found []*Index
	for _, ix := range t.all() {
		if ix.Serves(columns) {
			found = append(found, ix)
		}
	}
	return found
}

// PartialIndexesLeading lists the partial indexes whose leading keys are the columns in any order. They
// serve only queries that state the predicate, which a caller must check against the query.
func (t *Table) PartialIndexesLeading(columns ...string) []*Index {
	var found []*Index
	for _, ix := range t.Indexes {
		if ix.Where == "" {
			continue
		}
		whole := *ix
		whole.Where = ""
		if whole.Serves(columns) {
			found = append(found, ix)
		}
	}
	return found
}

// HasIndexPrefix says whether some index that is not partial has exactly these columns, in this order,
// as its leading keys. The primary key and unique constraints count.
func (t *Table) HasIndexPrefix(columns []string) bool {
	for _, ix := range t.all() {
		if len(ix.Columns) < len(columns) || len(columns) == 0 || !ix.ordered() || !ix.impliedByEquality(columns) {
			continue
		}
		match := true
		for i, c := range columns {
			if ix.Columns[i].Name == "" || !sameName(ix.Columns[i].Name, c) {
				match = false
				break
			}
		}
		if match {
			return true
		}
	}
	return false
}

// IndexForList finds an index that serves a list without a sort: equality columns first, in any order,
// then the sort keys in theirs. A B-tree is read in both directions, so that all directions may be
// reversed together. Equality columns may also stand among the sort keys, where they are constant, and a
// primary key column that breaks ties after an indexed sort key may be missing from the index. It
// returns nil when there is none; partial indexes do not count.
func (t *Table) IndexForList(equal []string, order []IndexColumn) *Index {
	if len(equal) == 0 && len(order) == 0 {
		return nil
	}
	for _, ix := range t.all() {
		if !ix.ordered() || !ix.impliedByEquality(equal) {
			continue
		}
		if ix.servesList(equal, order, t.PrimaryKey) {
			return ix
		}
	}
	return nil
}

func (ix *Index) servesList(equal []string, order []IndexColumn, primary []string) bool {
	at := 0
	seen := 0
	for at < len(ix.Columns) && ix.Columns[at].Name != "" && contains(equal, ix.Columns[at].Name) {
		at++
		seen++
	}
	if seen < len(equal) {
		return false
	}
	reversed := -1
	matched := 0
	for _, key := range order {
		if key.Name != "" && contains(equal, key.Name) {
			continue
		}
		if at >= len(ix.Columns) {
			// A unique index orders completely: further sort keys change nothing. And a primary key that
			// breaks ties sorts only within equal keys: InnoDB appends it to every index anyway,
			// PostgreSQL sorts incrementally since 13.
			return ix.Unique || matched > 0 && key.Name != "" && contains(primary, key.Name)
		}
		have := ix.Columns[at]
		if key.Name == "" && !strings.EqualFold(squeeze(have.Expr), squeeze(key.Expr)) || key.Name != "" && !sameName(have.Name, key.Name) {
			return false
		}
		direction := 0
		if have.Desc != key.Desc {
			direction = 1
		}
		if reversed >= 0 && reversed != direction {
			return false
		}
		reversed = direction
		at++
		matched++
	}
	return true
}

func squeeze(expr string) string { return strings.Join(strings.Fields(expr), "") }

// UnindexedForeignKeys lists the foreign keys that no index serves, in their order. The primary key and
// unique constraints count as indexes; an index counts when its leading keys are the key's columns in
// any order, or when it is unique on a part of them. For a polymorphic pair an index that leads with
// the id alone counts. On products that index foreign keys by themselves only the keys that no
// constraint enforces are listed. Partitions are left to their parent, views have none.
func (t *Table) UnindexedForeignKeys(dialect Dialect) []*ForeignKey {
	if t.View || t.PartitionOf != "" {
		return nil
	}
	var missing []*ForeignKey
	for _, fk := range t.ForeignKeys {
		if fk.Enforced && dialect.IndexesForeignKeys() || len(fk.Columns) == 0 || t.servesForeignKey(fk) {
			continue
		}
		missing = append(missing, fk)
	}
	return missing
}

func (t *Table) servesForeignKey(fk *ForeignKey) bool {
	for _, ix := range t.all() {
		if ix.Serves(fk.Columns) {
			return true
		}
		if fk.Polymorphic && ix.Serves(fk.Columns[len(fk.Columns)-1:]) {
			return true
		}
		if ix.Unique && ix.Where == "" && len(ix.Columns) < len(fk.Columns) && subset(ix.Columns, fk.Columns) {
			return true
		}
	}
	return false
}

func subset(keys []IndexColumn, columns []string) bool {
	for _, k := range keys {
		if k.Name == "" || !contains(columns, k.Name) {
			return false
		}
	}
	return len(keys) > 0
}

// Duplicate is an index that another one makes superfluous.
type Duplicate struct {
	Index     *Index
	CoveredBy *Index
	// Exact: both have the same keys; otherwise Index is a prefix of CoveredBy.
	Exact bool
}

// DuplicateIndexes lists indexes that another index of the table makes superfluous: a B-tree whose keys
// are the leading keys of the other, with the same operator classes, predicate and included columns. A
// unique index is superfluous only beside another unique one with the same keys. Of two equal ones the
// later is listed, but never the primary key's.
func (t *Table) DuplicateIndexes() []Duplicate {
	var found []Duplicate
	indexes := t.all()
	for i, ix := range indexes {
		if ix.Primary || !ix.ordered() || len(ix.Columns) == 0 {
			continue
		}
		for j, other := range indexes {
			if i == j || !ix.coveredBy(other) {
				continue
			}
			exact := len(ix.Columns) == len(other.Columns)
			if exact && other.coveredBy(ix) && i < j && !other.Primary && ix.Constraint == other.Constraint {
				continue // both cover each other: the later one is the duplicate
			}
			if exact && other.coveredBy(ix) && ix.Constraint && !other.Constraint {
				continue // the plain one of the two is the one to drop
			}
			found = append(found, Duplicate{Index: ix, CoveredBy: other, Exact: exact})
			break
		}
	}
	return found
}

func (ix *Index) coveredBy(other *Index) bool {
	if !other.ordered() || len(ix.Columns) > len(other.Columns) || squeeze(ix.Where) != squeeze(other.Where) {
		return false
	}
	if ix.Unique && !(other.Unique && len(ix.Columns) == len(other.Columns)) {
		return false
	}
	for _, name := range ix.Include {
		if !contains(other.Include, name) && !subset(PlainColumns(name), keyNames(other.Columns)) {
			return false
		}
	}
	return sameKeys(ix.Columns, other.Columns[:len(ix.Columns)])
}

func keyNames(keys []IndexColumn) []string {
	names := make([]string, 0, len(keys))
	for _, k := range keys {
		if k.Name != "" {
			names = append(names, k.Name)
		}
	}
	return names
}

// sameKeys compares keys with their directions; all directions reversed together are the same order.
func sameKeys(a, b []IndexColumn) bool {
	if len(a) != len(b) {
		return false
	}
	forward, backward := true, true
	for i := range a {
		if !sameName(a[i].Name, b[i].Name) || squeeze(a[i].Expr) != squeeze(b[i].Expr) ||
			!strings.EqualFold(a[i].OpClass, b[i].OpClass) || a[i].Prefix != b[i].Prefix {
			return false
		}
		if a[i].Desc == b[i].Desc {
			backward = false
		} else {
			forward = false
		}
	}
	return forward || backward
}

func sameKeyNames(a, b []IndexColumn) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name == "" || !sameName(a[i].Name, b[i].Name) {
			return false
		}
	}
	return true
}
