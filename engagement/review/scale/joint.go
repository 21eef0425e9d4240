package scale

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Joint is what is known of how columns depend on each other: how many combinations of their values there
// are.
type Joint struct {
	Columns []string `json:"columns"`
	// Distinct is a number, or, below zero, minus the share of the rows, as in [Shape].
	Distinct float64     `json:"distinct"`
	Source   JointSource `json:"source"`
}

// JointSource says where a number of combinations comes from.
type JointSource string

// The sources, the best first.
const (
	// Extended is CREATE STATISTICS (ndistinct) on the server.
	Extended JointSource = "extended statistics"
	// Sampled is counted in a sample of rows; see [Options.Sample].
	Sampled JointSource = "sample"
	// IndexSize is a bound from above only: more keys would not fit the index.
	IndexSize JointSource = "size of the index"
)

func (j *Joint) check() error {
	if len(j.Columns) < 2 || !(j.Distinct >= -1 && j.Distinct <= 1e15) || j.Distinct == 0 {
		return fmt.Errorf("its number of combinations of %s is impossible", list(j.Columns))
	}
	return nil
}

// growing is the share of the rows above which a number of distinct values is taken to grow with them
// (analyze.c, compute_distinct_stats).
const growing = 0.1

// asDistinct writes a number of values among so many rows as [Shape.Distinct] has it.
func asDistinct(values, rows float64) float64 {
	if values > growing*rows {
		return -min(values/rows, 1)
	}
	return max(math.Round(values), 1)
}

// class is a number of values, or of combinations, that are equally common.
type class struct {
	share float64 // of the rows, of each
	count float64
}

// classes are the values of a column among n rows by how common they are, NULL as one of them.
func (s *Shape) classes(n float64) []class {
	d, rest := s.distinct(n), max(1-s.NullFraction, 0)
	var all []class
	if s.NullFraction > 0 {
		all = append(all, class{s.NullFraction, 1})
	}
	for _, f := range s.Frequencies {
		if f > 0 {
			all = append(all, class{f, 1})
			rest, d = rest-f, d-1
		}
	}
	if d >= 1 && rest > 0 {
		all = append(all, class{rest / d, d})
	}
	return all
}

// cross combines two independent columns. Classes whose shares differ by less than an eighth are merged, which
// keeps their number below a few hundred.
func cross(a, b []class) []class {
	type sum struct{ mass, count float64 }
	merged := map[int]sum{}
	for _, x := range a {
		for _, y := range b {
			at := int(math.Floor(8 * math.Log(x.share*y.share)))
			m := merged[at]
			merged[at] = sum{m.mass + x.share*y.share*x.count*y.count, m.count + x.count*y.count}
		}
	}
	all := make([]class, 0, len(merged))
	for _, m := range merged {
		all = append(all, class{m.mass / m.count, m.count})
	}
	slices.SortFunc(all, func(x, y class) int { return cmp.Compare(x.share, y.share) })
	return all
}

// spread is how columns that are made independently combine: the values of the one with most values, each of
// which takes its exact share of the draws, and the combinations of the others.
type spread struct{ leading, others []class }

// seen is the expected number of different combinations in n draws.
func (s spread) seen(n float64) float64 {
	sum := 0.0
	for _, l := range s.leading {
		of := n * l.share // draws of each of these values
		different := of
		if of > 1 {
			different = 0
			for _, o := range s.others {
				different += o.count * -math.Expm1(of*math.Log1p(-min(o.share, 1)))
			}
		}
		sum += l.count * min(different, of)
	}
	return min(sum, n)
}

// ordered is the correlation from which on a column's values are taken to follow the rows' order.
const ordered = 0.9

// combine takes a set of columns that are made independently. Those that follow the rows' order follow each
// other too; of them the one with most values counts.
func combine(shapes []*Shape, n float64) spread {
	var columns []*Shape
	var first *Shape
	for _, s := range shapes {
		if abs(s.Correlation) < ordered {
			columns = append(columns, s)
		} else if first == nil || s.distinct(n) > first.distinct(n) {
			first = s
		}
	}
	if first != nil {
		columns = append(columns, first)
	}
	slices.SortStableFunc(columns, func(a, b *Shape) int { return cmp.Compare(b.distinct(n), a.distinct(n)) })
	all := spread{others: []class{{1, 1}}}
	for i, s := range columns {
		if i == 0 {
			all.leading = s.classes(n)
		} else {
			all.others = cross(all.others, s.classes(n))
		}
	}
	return all
}

// slack is by how much the combinations of independent columns may outnumber those that there are before the
// columns are made jointly.
const slack = 1.25

// draws is from how many independent draws of the columns the wanted number of combinations comes out, and
// how many combinations as many draws as rows would give. Between a draw for each row and few draws that
// rows share lie all degrees of dependence.
func draws(shapes []*Shape, wanted, rows float64) (n, independent float64) {
	all := combine(shapes, rows)
	least := 1.0
	for _, s := range shapes {
		least = max(least, s.distinct(rows)) // no column loses values
	}
	wanted = max(wanted, least)
	if independent = all.seen(rows); independent <= slack*wanted {
		return rows, independent
	}
	low, high := wanted, rows
	for range 60 {
		if n = math.Sqrt(low * high); all.seen(n) < wanted {
			low = n
		} else {
			high = n
		}
	}
	return n, independent
}

// join makes columns that depend on each other out of common keys: each row takes a key, as many rows each,
// and the columns are picked for the keys instead of the rows. That leaves every column its own distribution
// and order, and gives the number of combinations that is known. A column goes into one set only, the one
// that is furthest from independence.
func (g *Generator) join(f *filling, unique map[string]bool) {
	if f.shape == nil || f.rows < 2 {
		return
	}
	type candidate struct {
		columns []*columnFilling
		keys    int64
		factor  float64
	}
	var all []candidate
	rows := max(f.shape.Rows, float64(f.rows))
	for _, j := range f.shape.Joint {
		c := candidate{}
		var shapes []*Shape
		for _, name := range j.Columns {
			if o := f.byName[name]; o != nil && f.joinable(o, unique) {
				c.columns, shapes = append(c.columns, o), append(shapes, o.column.Shape)
			}
		}
		if len(c.columns) < len(j.Columns) || len(c.columns) < 2 {
			continue
		}
		wanted := (&Shape{Distinct: j.Distinct}).distinct(rows)
		n, independent := draws(shapes, wanted, rows)
		if n > growing*rows {
			n *= float64(f.rows) / rows
		}
		if c.keys = int64(n + 0.5); float64(c.keys) < 0.9*float64(f.rows) {
			c.factor = independent / wanted
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(b.factor, a.factor) })
	for _, c := range all {
		if slices.ContainsFunc(c.columns, func(o *columnFilling) bool { return o.key != nil }) {
			continue
		}
		key := newPicker(f.rows, c.keys, 0, named(g.seed, f.table.Key(), "key", c.columns[0].column.Name))
		for _, o := range c.columns {
			p := newPicker(f.rows, int64(o.column.Shape.distinct(float64(f.rows))), o.column.Shape.Correlation, 0)
			p.weigh(o.column.Shape.filledShares())
			// The order of the column that follows the rows most comes half from the keys' order and half from its
			// own among the keys. All of it from the keys would leave that column, and every other of as little
			// order, in full order among the keys, and columns that all follow the keys have few combinations.
			key.stay = max(key.stay, math.Sqrt(p.stay))
			o.key = key
		}
	}
}

// joinable holds for a column whose values nothing else binds to the row.
func (f *filling) joinable(c *columnFilling, unique map[string]bool) bool {
	name := c.column.Name
	if c.column.Generated || c.column.Shape == nil || c.mixed != nil || unique[name] || len(f.parts) > 0 {
		return false
	}
	if l := f.limits[name]; l != nil && l.after != "" {
		return false
	}
	// Columns of one foreign key hold values of one row of the parent.
	return !slices.ContainsFunc(f.table.Constraints, func(k Constraint) bool {
		return k.Type == "f" && len(k.Columns) > 1 && slices.Contains(k.Columns, name)
	})
}

// filledShares are the frequencies among the rows that are not NULL.
func (s *Shape) filledShares() []float64 {
	shares := make([]float64, len(s.Frequencies))
	for i, q := range s.Frequencies {
		shares[i] = q / max(1-s.NullFraction, 1e-9)
	}
	return shares
}

// newPicker is that of the column's rows, or of the keys that its rows share with other columns.
func (c *columnFilling) newPicker(rows, d int64, correlation float64, shares []float64) *picker {
	if c.key != nil {
		rows = c.key.d
	}
	p := newPicker(rows, d, correlation, c.seed)
	p.weigh(shares)
	if c.key != nil && c.key.stay > 0 {
		p.stay = min(p.stay/c.key.stay, 1)
	}
	return p
}
