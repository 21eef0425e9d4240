package scale

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// joint finds what is known of how the columns of a table depend on each other: extended statistics, then,
// for keys of indexes, a sample where that is wanted, else the size of the index.
func (r *reader) joint(s *Statistics) error {
	if err := r.extended(s); err != nil {
		return err
	}
	return r.keysOfIndexes(s)
}

// put adds what is known of a set of columns unless a better source did.
func (t *Table) put(j Joint) {
	set := slices.Sorted(slices.Values(j.Columns))
	if !slices.ContainsFunc(t.Joint, func(o Joint) bool { return slices.Equal(slices.Sorted(slices.Values(o.Columns)), set) }) {
		t.Joint = append(t.Joint, j)
	}
}

// extended reads numbers of distinct combinations of CREATE STATISTICS. The view came with version 12; before,
// everybody may read the catalog.
func (r *reader) extended(s *Statistics) error {
	from, inherited := `pg_statistic_ext x join pg_class c on c.oid = x.stxrelid join pg_namespace n on n.oid = c.relnamespace
where x.stxndistinct is not null`, "c.relkind = 'p'"
	column := "x.stxndistinct"
	if r.version >= 120000 {
		from, column = `pg_stats_ext x join pg_namespace n on n.nspname = x.schemaname join pg_class c on c.relnamespace = n.oid and c.relname = x.tablename
where x.n_distinct is not null`, "x.n_distinct"
	}
	if r.version >= 150000 {
		inherited = "x.inherited"
	}
	query := `select json_build_object('table', c.oid::text, 'inherited', ` + inherited + `, 'distinct', ` + column + `::text,
 'attributes', (select json_object_agg(a.attnum::text, a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped))
from ` + from + ` and ` + ours + ` order by c.oid, ` + column + `::text`
	return each(r, query, func(v struct {
		Table      string            `json:"table"`
		Inherited  bool              `json:"inherited"`
		Distinct   string            `json:"distinct"`
		Attributes map[string]string `json:"attributes"`
	}) {
		i, ok := r.byOID[v.Table]
		if !ok || v.Inherited == s.Tables[i].leaf() {
			return
		}
		for _, j := range readDistinct(v.Distinct, v.Attributes) {
			j.Distinct = asDistinct(j.Distinct, s.Tables[i].Rows)
			s.Tables[i].put(j)
		}
	})
}

// readDistinct reads the text form of pg_ndistinct, {"1, 2": 5000}. Expressions have numbers below zero and
// are left out.
func readDistinct(text string, attributes map[string]string) []Joint {
	var counts map[string]float64
	if json.Unmarshal([]byte(text), &counts) != nil {
		return nil
	}
	var all []Joint
	for numbers, n := range counts {
		j := Joint{Distinct: n, Source: Extended}
		for number := range strings.SplitSeq(numbers, ", ") {
			if name := attributes[number]; name != "" {
				j.Columns = append(j.Columns, name)
			}
		}
		if n > 0 && len(j.Columns) > 1 && len(j.Columns) == strings.Count(numbers, ",")+1 {
			all = append(all, j)
		}
	}
	slices.SortFunc(all, func(a, b Joint) int { return slices.Compare(a.Columns, b.Columns) })
	return all
}

// mostSamples is how many keys of indexes are counted in samples, those of the largest tables first.
const mostSamples = 50

// keysOfIndexes looks at the indexes of several plain columns that hold every row and may hold equal keys.
func (r *reader) keysOfIndexes(s *Statistics) error {
	byRows := make([]*Table, len(s.Tables))
	for i := range s.Tables {
		byRows[i] = &s.Tables[i]
	}
	slices.SortStableFunc(byRows, func(a, b *Table) int { return int(min(max(b.Rows-a.Rows, -1), 1)) })
	samples, left := 0, []string{}
	for _, t := range byRows {
		for i := range t.Indexes {
			x := &t.Indexes[i]
			if !t.leaf() || t.Rows < 1000 || x.Method != "btree" || x.Unique || x.Partial || x.Expression || !x.Valid || len(x.Columns) < 2 || !t.shaped(x.Columns) {
				continue
			}
			if r.sample && samples < mostSamples {
				samples++
				n, err := r.count(t, x.Columns)
				if err == nil {
					t.put(Joint{x.Columns, asDistinct(n, t.Rows), Sampled})
					continue
				}
				var refused *pgconn.PgError
				if !errors.As(err, &refused) || r.conn.IsClosed() {
					return err
				}
				if err := run(r.ctx, r.conn, "rollback"); err != nil {
					return err
				}
				left = append(left, x.Name)
			}
			if n := r.fits(t, x); n < t.Rows {
				t.put(Joint{x.Columns, asDistinct(n, t.Rows), IndexSize})
			}
		}
	}
	if len(left) > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("the server refused a sample of the rows for the keys of %s, or took longer than %s for it", list(left), sampleTimeout))
	}
	return nil
}

// shaped holds where the shapes of all these columns are known.
func (t *Table) shaped(columns []string) bool {
	return !slices.ContainsFunc(columns, func(name string) bool { c := t.Column(name); return c == nil || c.Shape == nil })
}

const (
	samplePages   = 5000  // that are read of a table, 40 MB
	sampleRows    = 30000 // of them that are counted, as many as ANALYZE looks at by default
	sampleTimeout = "20s"
	page          = 8192.0
)

// count estimates the number of combinations of the columns from a sample of rows. Only counts leave the server.
func (r *reader) count(t *Table, columns []string) (float64, error) {
	pages := max(float64(t.Heap)/page, 1)
	percent := min(100, 100*samplePages/pages)
	keep := min(1, sampleRows/(t.Rows*percent/100))
	var names []string
	for _, c := range columns {
		names = append(names, quoteName(c))
	}
	key := strings.Join(names, ", ")
	query := fmt.Sprintf(`begin; set local lock_timeout = '1s'; set local statement_timeout = '%s';
select json_build_object('rows', coalesce(sum(n), 0), 'distinct', count(*), 'once', count(*) filter (where n = 1))
from (select count(*) n from %s tablesample system (%g) where random() < %g group by %s) k; commit`, sampleTimeout, quote(t), percent, keep, key)
	estimate := 0.0
	err := each(r, query, func(v struct{ Rows, Distinct, Once float64 }) {
		estimate = distinctOf(v.Rows, v.Distinct, v.Once, t.Rows)
	})
	return max(estimate, 1), err
}

// distinctOf is the estimate of ANALYZE of the number of distinct values from a sample: d of them in n of N
// rows, f1 of them once (Haas and Stokes, Estimating the number of classes in a finite population, 1998, Duj1).
func distinctOf(n, d, f1, rows float64) float64 {
	if n <= 0 {
		return rows
	}
	rows = max(rows, n)
	return min(max(n*d/max(n-f1+f1*n/rows, 1e-9), d), rows)
}

// fits is how many different keys the index has room for. Since version 13 leaves hold each key once and 6 bytes
// for each of its further rows (PostgreSQL manual, 67.4.3 Deduplication). How full the leaves are is not known, so
// they are taken to be full, which makes this a bound from above; it stays one where nothing was deduplicated.
func (r *reader) fits(t *Table, x *Index) float64 {
	if r.version < 130000 {
		return math.Inf(1)
	}
	const rowID, pointer, header, pageHeaders = 6, 4, 8, 40 // itemptr.h, itemid.h, itup.h, bufpage.h with nbtree.h
	width := 0.0
	for _, name := range x.Columns {
		s := t.Column(name).Shape
		width += float64(s.Width) * (1 - s.NullFraction)
	}
	key := math.Ceil((header+width)/8)*8 + pointer
	room := float64(x.Bytes) * (page - pageHeaders) / page / t.Rows
	return max((room-rowID)/(key-rowID), 0) * t.Rows
}
