package scale

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Generator makes rows for the tables of a database. It is made for certain numbers of rows, holds no
// connection, and is not for use by several goroutines at once. The same catalog, statistics, numbers
// and seed make the same rows.
type Generator struct {
	catalog *Statistics
	seed    uint64
	tables  map[string]*filling
	order   []*filling // parents first where that is possible
	notes   []string
	// Cycles are foreign keys by which tables refer to each other in a circle, so that no order has all
	// parents first.
	cycles []string
}

// filling is how one table is filled.
type filling struct {
	table   *Table
	shape   *Table // of the statistics; may be nil
	rows    int64
	columns []*columnFilling // those that are written, in the order of the table
	byName  map[string]*columnFilling
	limits  map[string]*limits
	// parts are the partitions that hold the rows of a partitioned table, which has no rows of its own.
	parts []*filling
	via   string // the table that COPY names, where it is not the own one
}

// columnFilling writes one column.
type columnFilling struct {
	column *Column
	picker *picker
	write  writer
	nulls  float64
	seed   uint64
	// key, where not nil, picks for each row a key that the column shares with others; picker then picks by
	// the key instead of the row.
	key *picker
	// mixed, where not nil, picks the value so that a key of several columns is unique.
	mixed func(row int64) int64
	// parent, where not nil, is the column that a foreign key refers to; its row is picked.
	parent     *columnFilling
	parentOf   *filling
	parentRows int64 // when this was planned; the parent may turn out to hold fewer
	parts      []*filling
	omitted    bool // left to the default of the table
}

// NewGenerator plans rows for the tables of catalog, which are those of the database that will be filled,
// with the shapes of target, which may be nil. rows holds a number for each table's key; tables without
// one stay empty. Of a partitioned table name the table, not its partitions.
func NewGenerator(catalog, target *Statistics, rows map[string]int64, seed uint64) *Generator {
	g := &Generator{catalog: catalog, seed: seed, tables: map[string]*filling{}}
	for i := range catalog.Tables {
		g.add(&catalog.Tables[i], target)
	}
	for i := range catalog.Tables {
		if t := &catalog.Tables[i]; t.PartitionOf == "" {
			g.size(g.tables[t.Key()], rows[t.Key()])
		}
	}
	g.sort()
	for _, f := range g.order {
		g.plan(f)
	}
	return g
}

// Notes say what of the schema could not be kept.
func (g *Generator) Notes() []string { return g.notes }

func (g *Generator) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(g.notes, text) {
		g.notes = append(g.notes, text)
	}
}

func (g *Generator) add(t *Table, target *Statistics) {
	f := &filling{table: t, byName: map[string]*columnFilling{}, limits: map[string]*limits{}, via: t.Key()}
	if target != nil {
		f.shape = target.Table(t.Key())
		if f.shape == nil {
			f.shape = target.Table(t.Name)
		}
	}
	for i := range t.Columns {
		c := t.Columns[i]
		c.Shape = nil
		if f.shape != nil {
			if s := f.shape.Column(c.Name); s != nil {
				c.Shape = s.Shape
			}
		}
		for _, check := range c.Checks {
			readCheck(check, c.Name, f.limits)
		}
		cf := &columnFilling{column: &c, seed: named(g.seed, t.Key(), c.Name)}
		f.byName[c.Name] = cf
		if !c.Generated {
			f.columns = append(f.columns, cf)
		}
	}
	for _, k := range t.Constraints {
		if k.Type == "c" {
			readCheck(k.Definition, "", f.limits)
		}
	}
	g.tables[t.Key()] = f
}

// size gives a table its number of rows, and a partitioned one's to its partitions as the statistics
// share them, else evenly. Rows of partitions by hash go in through their parent, which knows where each
// belongs.
func (g *Generator) size(f *filling, rows int64) {
	f.rows = rows
	if !strings.HasPrefix(f.table.Kind, "partitioned") {
		return
	}
	var parts []*filling
	weight := 0.0
	for i := range g.catalog.Tables {
		if t := &g.catalog.Tables[i]; t.PartitionOf == f.table.Key() {
			if strings.HasPrefix(t.PartitionBound, "FOR VALUES WITH") || !readBound(t.PartitionBound, f.table.PartitionKey, g.tables[t.Key()].limits) && t.PartitionBound != "DEFAULT" {
				return // routed by the parent
			}
			parts = append(parts, g.tables[t.Key()])
			weight += g.weight(parts[len(parts)-1])
		}
	}
	for _, p := range parts {
		n := int64(float64(rows) / float64(len(parts)))
		switch {
		case weight > 0:
			n = int64(float64(rows) * g.weight(p) / weight)
		case p.table.PartitionBound == "DEFAULT":
			n = 0
		}
		g.size(p, n)
	}
	f.parts = parts
	for _, c := range f.byName {
		c.parts = parts
	}
}

func (g *Generator) weight(f *filling) float64 {
	if f.shape == nil {
		return 0
	}
	return f.shape.Rows
}

// plan decides on keys first, because they bind the values of columns, then on every column.
func (g *Generator) plan(f *filling) {
	g.reference(f)
	unique := g.keys(f)
	g.join(f, unique)
	for _, followers := range []bool{false, true} {
		for _, c := range f.columns {
			if l := f.limits[c.column.Name]; (l != nil && l.after != "") == followers {
				g.fillColumn(f, c, unique[c.column.Name])
			}
		}
	}
}

// reference binds the columns of foreign keys to those of their parents.
func (g *Generator) reference(f *filling) {
	bound := map[string]string{}
	for _, k := range f.table.Constraints {
		if k.Type != "f" || len(k.Columns) != len(k.RefColumns) {
			continue
		}
		if other := slices.IndexFunc(k.Columns, func(c string) bool { return bound[c] != "" }); other >= 0 {
			g.note("%s: foreign keys %s and %s share the column %s; only the first is kept in the rows", f.table.Key(), bound[k.Columns[other]], k.Name, k.Columns[other])
			continue
		}
		parent := g.tables[k.References]
		if parent == nil {
			g.note("%s: the foreign key %s refers to %s, which is not among the tables", f.table.Key(), k.Name, k.References)
			continue
		}
		for i, name := range k.Columns {
			c, p := f.byName[name], parent.byName[k.RefColumns[i]]
			if c == nil || p == nil || c.column.Generated {
				continue
			}
			bound[name] = k.Name
			c.parent, c.parentOf, c.parentRows = p, parent, parent.rows
			// All columns of a key refer to the same row.
			c.seed = named(g.seed, f.table.Key(), k.Columns[0])
		}
	}
}

// keys makes unique keys hold: a key of one column by as many values as rows, one of several by counting
// through the combinations. It returns the columns that are unique by themselves.
func (g *Generator) keys(f *filling) map[string]bool {
	unique := map[string]bool{}
	type key struct {
		name    string
		columns []string
		partial bool
	}
	var all []key
	for _, k := range f.table.Constraints {
		if k.Type == "p" || k.Type == "u" {
			all = append(all, key{name: k.Name, columns: k.Columns})
		}
	}
	for _, i := range f.table.Indexes {
		if i.Unique && !slices.ContainsFunc(all, func(k key) bool { return k.name == i.Name }) {
			all = append(all, key{name: i.Name, columns: i.Columns, partial: i.Partial})
		}
	}
	slices.SortStableFunc(all, func(a, b key) int { return len(a.columns) - len(b.columns) })
	for _, k := range all {
		if len(k.columns) == 0 || slices.ContainsFunc(k.columns, func(c string) bool { return unique[c] || f.byName[c] == nil || f.byName[c].column.Generated }) {
			continue
		}
		if len(k.columns) == 1 {
			c := f.byName[k.columns[0]]
			if c.parent != nil && f.rows > c.parentRows && c.column.NotNull {
				if k.partial {
					g.note("%s: %s is unique for a part of the rows only, and rows are made for the rest of them too; it may refuse them", f.table.Key(), k.name)
					continue
				}
				g.note("%s has at most as many rows as its parent, %d, because %s is unique", f.table.Key(), c.parentRows, k.name)
				f.rows = c.parentRows
			}
			unique[k.columns[0]] = true
			continue
		}
		g.combine(f, k.name, k.columns, unique)
	}
	return unique
}

// combine makes a key of several columns unique. The number of a row is written in a mixed radix whose
// digits are the values of the columns; each digit is shifted by the one before, so that early rows do
// not all hold the same values.
func (g *Generator) combine(f *filling, name string, columns []string, unique map[string]bool) {
	type digit struct {
		columns []*columnFilling
		values  int64
		fixed   bool // no more values can be made
	}
	for _, n := range columns {
		// What is unique in the statistics is so in the rows.
		c := f.byName[n]
		if c.parent != nil || c.mixed != nil || !roomy(c.column) {
			continue
		}
		if s := c.column.Shape; s != nil && s.distinct(float64(f.rows)) > 0.999*float64(f.rows) || s == nil && (c.counts() || n == "id") {
			unique[n] = true
			return
		}
	}
	// The column that stands in the order of the rows counts slowest.
	columns = slices.Clone(columns)
	order := func(n string) float64 {
		if s := f.byName[n].column.Shape; s != nil {
			return abs(s.Correlation)
		}
		return 0
	}
	slices.SortStableFunc(columns, func(a, b string) int { return cmp.Compare(order(a), order(b)) })
	ordered := order(columns[len(columns)-1]) > 0.5
	var digits []digit
	free := -1
	for _, n := range columns {
		c := f.byName[n]
		if c.mixed != nil {
			// Another key counts through it already; a column that can be unique by itself settles this one.
			for _, m := range columns {
				if o := f.byName[m]; o.mixed == nil && o.parent == nil && roomy(o.column) {
					unique[m] = true
					return
				}
			}
			g.note("%s: the unique keys overlap in %s; %s may refuse the rows", f.table.Key(), n, name)
			return
		}
		if c.parent != nil {
			if i := slices.IndexFunc(digits, func(d digit) bool { return d.columns[0].parent != nil && d.columns[0].seed == c.seed }); i >= 0 {
				digits[i].columns = append(digits[i].columns, c)
				continue
			}
		}
		d := digit{columns: []*columnFilling{c}, values: f.rows, fixed: true}
		switch {
		case c.parent != nil:
			d.values = c.parentRows
		case !roomy(c.column):
			d.values = int64(max(len(c.column.Labels), 2))
			if l := f.limits[n]; l != nil && len(l.allowed) > 0 {
				d.values = int64(len(l.allowed))
			}
		default:
			l := f.limits[n]
			if l == nil {
				l = &limits{}
			}
			writerOf(c.column, l, &d.values, true, c.seed) // how many values there are at most
			if d.fixed = d.values < f.rows; !d.fixed {
				free = len(digits)
			}
		}
		if s := c.column.Shape; s != nil && !d.fixed || s != nil && c.parent != nil {
			d.values = min(d.values, int64(s.distinct(float64(f.rows))))
		}
		digits = append(digits, d)
	}
	room := 1.0
	for _, d := range digits {
		room *= float64(max(d.values, 1))
	}
	for i := range digits {
		// Statistics of a parent's use may be too few where rows are fewer; the parent's number is the end.
		if d := &digits[i]; room < float64(f.rows) && d.columns[0].parent != nil {
			room = room / float64(max(d.values, 1)) * float64(max(d.columns[0].parentRows, 1))
			d.values = d.columns[0].parentRows
		}
	}
	if room < float64(f.rows) && free >= 0 && !digits[free].fixed {
		others := room / float64(max(digits[free].values, 1))
		digits[free].values = int64(float64(f.rows)/others) + 1
		room = others * float64(digits[free].values)
	}
	if room < float64(f.rows) {
		g.note("%s has %d rows instead of %d, because %s has no more combinations", f.table.Key(), int64(room), f.rows, name)
		f.rows = int64(room)
	}
	shuffle := newPermutation(f.rows, named(g.seed, f.table.Key(), name))
	rows := uint64(max(f.rows, 1))
	divide := int64(1)
	for i, d := range digits {
		values, below := max(d.values, 1), divide
		first := i == 0
		slowest := (f.rows + below - 1) / below // values of the last digit that are needed
		pick := func(row int64) int64 {
			if ordered && i == len(digits)-1 {
				return int64(float64(row/below) * float64(values) / float64(max(slowest, 1)))
			}
			if ordered {
				return row / below % values
			}
			r := uint64(row)
			for {
				if r = shuffle.next(r); r < rows {
					break
				}
			}
			q := int64(r) / below
			if !first {
				// Rows that share all digits below differ in q alone, so the shift keeps them apart.
				q += int64(mix(r%uint64(below)) >> 1 % uint64(values))
			}
			return q % values
		}
		for _, c := range d.columns {
			c.mixed = pick
			c.picker = &picker{n: f.rows, d: values}
		}
		if float64(divide)*float64(values) < 1e18 {
			divide *= values
		}
	}
}

// roomy holds for types of many values.
func roomy(c *Column) bool {
	return len(c.Labels) == 0 && c.Base != "bool" && c.Base != "char"
}

// fillColumn decides how a column is written.
func (g *Generator) fillColumn(f *filling, c *columnFilling, unique bool) {
	l := f.limits[c.column.Name]
	if l == nil {
		l = &limits{}
	}
	if s := c.column.Shape; s != nil && !c.column.NotNull && !l.notNull {
		c.nulls = s.NullFraction
	}
	if c.parent != nil {
		c.bind(f, unique)
		return
	}
	d := f.rows
	correlation := 0.0
	if s := c.column.Shape; s != nil {
		filled := float64(f.rows) * max(1-s.NullFraction, 1e-9)
		if d = int64(s.distinct(float64(f.rows))); float64(d) >= 0.999*filled {
			d = f.rows // the NULLs are not among the ranks' values
		} else {
			d = max(1, int64(float64(d)/filled*float64(f.rows)))
			if s.Distinct > 0 {
				d = int64(s.distinct(float64(f.rows)))
			}
		}
		correlation = s.Correlation
	} else {
		switch {
		case unique || c.counts():
			correlation = 1
		default:
			d = min(f.rows, 10_000)
		}
	}
	if unique {
		d = f.rows
	}
	if c.mixed != nil {
		d = c.picker.d
	}
	if c.key != nil {
		d = min(d, c.key.d)
	}
	after := l.after
	if o := f.byName[after]; o == nil || o == c || o.parent != nil {
		after = ""
	}
	c.write = writerOf(c.column, l, &d, unique || c.mixed != nil, c.seed)
	if c.write == nil {
		c.omit(g, f)
		return
	}
	if after != "" && f.byName[after].picker != nil && after != c.column.Name {
		c.follow(f, f.byName[after], l, &d)
		return
	}
	if c.mixed == nil {
		var shares []float64
		if s := c.column.Shape; s != nil && !unique {
			shares = s.filledShares()
		}
		c.picker = c.newPicker(f.rows, d, correlation, shares)
	}
	if unique && d < f.rows {
		g.note("%s: %s holds %d distinct values at most, so there are no more rows", f.table.Key(), c.column.Name, d)
		f.rows = d
	}
}

// follow makes a column greater than another in every row: the other's index among as many values, with
// bounds that lie above the other's.
func (c *columnFilling) follow(f *filling, o *columnFilling, l *limits, d *int64) {
	c.picker, c.mixed, c.key = o.picker, o.mixed, o.key
	c.seed = o.seed
	column, lower := *c.column, *o.column
	count := o.picker.d
	*d = count
	shape := Shape{}
	if column.Shape != nil {
		shape = *column.Shape
	}
	// Both columns go up evenly over equal lengths, the follower's shifted up.
	if s := lower.Shape; s != nil && s.Low != "" {
		if at, ok := parseMoment(s.High); ok {
			if from, ok := parseMoment(s.Low); ok {
				shape.Low, shape.High = momentText(int64(from+90000e6)), momentText(int64(at+90000e6))
			}
		} else if at, ok := parseNumber(s.High); ok {
			if from, ok := parseNumber(s.Low); ok {
				shape.Low, shape.High = fmt.Sprint(from+1), fmt.Sprint(at+1)
			}
		}
	} else {
		shape.Low, shape.High = "1", fmt.Sprint(count)
		if strings.HasPrefix(column.Base, "timestamp") || column.Base == "date" {
			shape.Low, shape.High = "2021-01-03", "2025-01-03"
		} else if column.Base == "numeric" || strings.HasPrefix(column.Base, "float") {
			shape.Low, shape.High = fmt.Sprint(count), fmt.Sprint(2*count)
		} else {
			shape.Low, shape.High = fmt.Sprint(count+1), fmt.Sprint(2*count)
		}
	}
	column.Shape = &shape
	if w := scalarWriter(column.Base, &column, &limits{}, &count, false, c.seed); w != nil {
		c.write = w
	}
}

// bind makes a column of a foreign key hold what its parent's column holds in the row that is picked.
func (c *columnFilling) bind(f *filling, unique bool) {
	d := max(c.parentRows, 1)
	correlation := 0.0
	var shares []float64
	if s := c.column.Shape; s != nil && !unique {
		d = min(d, int64(s.distinct(float64(f.rows))))
		correlation, shares = s.Correlation, s.filledShares()
	}
	if c.mixed == nil {
		// A unique column refers to each parent at most once.
		c.picker = c.newPicker(max(f.rows, 1), d, correlation, shares)
	}
	count, parents := c.picker.d, max(c.parentRows, 1)
	parent, of := c.parent, c.parentOf
	c.write = func(dst []byte, index int64, _ int) []byte {
		// The parents that are referred to are spread over all.
		row := index
		if count < parents {
			row = int64(float64(index) * float64(parents) / float64(count))
		}
		return parent.append(dst, row%max(of.rows, 1))
	}
}

// counts holds for a column that a sequence fills.
func (c *columnFilling) counts() bool {
	return c.column.Identity || strings.HasPrefix(c.column.Default, "nextval(")
}

// omit leaves the column to the table's default, or NULL.
func (c *columnFilling) omit(g *Generator, f *filling) {
	c.omitted = true
	if c.column.NotNull && c.column.Default == "" && !c.column.Identity {
		g.note("%s: no values of the type %s are known, and %s takes no NULL, so the table stays empty", f.table.Key(), c.column.Type, c.column.Name)
		f.rows = 0
		return
	}
	g.note("%s: no values of the type %s are known; %s is left to its default", f.table.Key(), c.column.Type, c.column.Name)
}

// fewNulls is how many keys with NULL hold its share to about a fifth.
const fewNulls = 30

// append writes the column's value in a row as COPY reads it.
func (c *columnFilling) append(dst []byte, row int64) []byte {
	at := row // what the value depends on
	if c.key != nil {
		at, _ = c.key.pick(row)
	}
	empty := at
	if c.key != nil && float64(c.key.d)*c.nulls < fewNulls {
		empty = row // so few keys would miss the share
	}
	if c.nulls > 0 && share(mix(c.seed^0xfeed^mix(uint64(empty)))) < c.nulls {
		return append(dst, `\N`...)
	}
	for _, part := range c.parts {
		if row < part.rows {
			return part.byName[c.column.Name].append(dst, row)
		}
		row -= part.rows
	}
	if c.parent != nil && (c.parentOf.rows == 0 || c.parentOf.byName[c.column.Name] == c && row == 0 && !c.column.NotNull) {
		return append(dst, `\N`...)
	}
	if c.write == nil {
		return append(dst, `\N`...)
	}
	if c.mixed != nil {
		return c.write(dst, c.mixed(row), -1)
	}
	index, common := c.picker.pick(at)
	return c.write(dst, index, common)
}

// sort puts parents before children. Tables in a circle come in the order of the catalog, and the keys
// that close it are noted.
func (g *Generator) sort() {
	done, open := map[*filling]bool{}, map[*filling]bool{}
	var visit func(f *filling)
	visit = func(f *filling) {
		if done[f] {
			return
		}
		open[f] = true
		for _, k := range f.table.Constraints {
			p := g.tables[k.References]
			if k.Type != "f" || p == nil || p == f {
				continue
			}
			if open[p] {
				g.cycles = append(g.cycles, f.table.Key()+"."+k.Name)
				continue
			}
			visit(p)
		}
		for _, p := range f.parts {
			visit(p)
		}
		open[f], done[f] = false, true
		g.order = append(g.order, f)
	}
	for i := range g.catalog.Tables {
		visit(g.tables[g.catalog.Tables[i].Key()])
	}
	if len(g.cycles) > 0 {
		g.note("foreign keys that close a circle: %s; rows are loaded with the checks of foreign keys off where the user may, because they refer to rows by construction", list(g.cycles))
	}
}
