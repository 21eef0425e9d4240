package scale

import (
	"fmt"
	"slices"
)

// typeRow is a row of pg_type.
type typeRow struct {
	OID      string   `json:"oid"`
	Name     string   `json:"name"`
	Kind     string   `json:"kind"` // typtype: b, c, d, e, m, r
	Category string   `json:"category"`
	Base     string   `json:"base"`
	BaseMod  int      `json:"base_mod"`
	Element  string   `json:"element"`
	NotNull  bool     `json:"not_null"`
	Labels   []string `json:"labels"`
	Checks   []string `json:"checks"`
}

func (r *reader) columns(s *Statistics) error {
	types := map[string]typeRow{}
	query := `select json_build_object('oid', t.oid::text, 'name', t.typname, 'kind', t.typtype, 'category', t.typcategory, 'base', t.typbasetype::text,
 'base_mod', t.typtypmod, 'element', t.typelem::text, 'not_null', t.typnotnull,
 'labels', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
 'checks', (select json_agg(pg_get_constraintdef(k.oid)) from pg_constraint k where k.contypid = t.oid and k.contype = 'c'))
from pg_type t where t.typtype <> 'c' and t.typtype <> 'p'`
	if err := each(r, query, func(t typeRow) { types[t.OID] = t }); err != nil {
		return err
	}
	generated := "false"
	if r.version >= 120000 {
		generated = "a.attgenerated <> ''"
	}
	// A default of version 11 and later may be a constant that old rows do not hold; that is no matter here.
	query = `select json_build_object('table', a.attrelid::text, 'type_oid', a.atttypid::text, 'mod', a.atttypmod, 'name', a.attname,
 'type', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull, 'identity', a.attidentity <> '', 'generated', ` + generated + `,
 'default', pg_get_expr(d.adbin, d.adrelid),
 'collation', (select l.collname from pg_collation l join pg_type t on t.oid = a.atttypid where l.oid = a.attcollation and l.oid <> t.typcollation))
from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p') and ` + ours + ` order by a.attrelid, a.attnum`
	return each(r, query, func(v struct {
		Table   string `json:"table"`
		TypeOID string `json:"type_oid"`
		Mod     int    `json:"mod"`
		Column
	}) {
		i, ok := r.byOID[v.Table]
		if !ok {
			return
		}
		c := v.Column
		c.resolve(types, v.TypeOID, v.Mod)
		s.Tables[i].Columns = append(s.Tables[i].Columns, c)
	})
}

// resolve finds what is below domains and arrays, and reads the modifier of the type.
func (c *Column) resolve(types map[string]typeRow, oid string, mod int) {
	t := types[oid]
	for depth := 0; t.Kind == "d" && depth < 32; depth++ {
		c.Checks, c.NotNull = append(c.Checks, t.Checks...), c.NotNull || t.NotNull
		if mod < 0 {
			mod = t.BaseMod
		}
		t = types[t.Base]
	}
	c.Base, c.Category, c.Labels = t.Name, t.Category, t.Labels
	of := t.Name
	if t.Category == "A" {
		e := types[t.Element]
		for depth := 0; e.Kind == "d" && depth < 32; depth++ {
			e = types[e.Base]
		}
		c.Element, c.Labels, of = e.Name, e.Labels, e.Name
	}
	if mod < 0 {
		return
	}
	switch of { // the modifiers of the types' own input functions
	case "varchar", "bpchar":
		c.Length = mod - 4
	case "numeric":
		c.Length, c.Scale = (mod-4)>>16, (mod-4)&0x7ff
		if c.Scale > 1000 {
			c.Scale -= 2048 // a negative scale, of version 15
		}
	case "bit", "varbit":
		c.Length = mod
	case "timestamp", "timestamptz", "time", "timetz", "interval":
		c.Scale = min(mod&0xffff, 6)
	}
}

func (r *reader) shapes(s *Statistics) error {
	// The bounds of numbers and times are compared by value, not as text; infinities are no bounds.
	extreme := func(function string) string {
		of := func(cast string) string {
			return `(select ` + function + `(v::` + cast + `)::text from unnest(s.histogram_bounds::text::text[] || s.most_common_vals::text::text[]) v where v !~* '(nan|infinity)')`
		}
		return `case when t.typname in ('int2','int4','int8','numeric','float4','float8') then ` + of("numeric") + `
 when t.typname in ('date','timestamp') then ` + of("timestamp") + ` when t.typname = 'timestamptz' then ` + of("timestamptz") + ` end`
	}
	lengths := func(of string) string {
		return `case when t.typlen = -1 and t.typcategory <> 'N' then (select json_agg(case when t.typname = 'bytea' then (octet_length(v) - 2) / 2 else octet_length(v) end order by o)
 from unnest(s.` + of + `::text::text[]) with ordinality u(v, o)) end`
	}
	values := ""
	if r.values {
		values = `, 'common', to_json(s.most_common_vals::text::text[]), 'histogram', to_json(s.histogram_bounds::text::text[])`
	}
	query := `select json_build_object('schema', s.schemaname, 'table', s.tablename, 'column', s.attname, 'inherited', s.inherited,
 'null_fraction', s.null_frac, 'width', s.avg_width, 'distinct', s.n_distinct, 'correlation', coalesce(s.correlation, 0), 'frequencies', s.most_common_freqs,
 'common_lengths', ` + lengths("most_common_vals") + `, 'lengths', ` + lengths("histogram_bounds") + `,
 'low', ` + extreme("min") + `, 'high', ` + extreme("max") + values + `)
from pg_stats s join pg_namespace n on n.nspname = s.schemaname join pg_class c on c.relnamespace = n.oid and c.relname = s.tablename
join pg_attribute a on a.attrelid = c.oid and a.attname = s.attname join pg_type t0 on t0.oid = a.atttypid
join pg_type t on t.oid = case when t0.typtype = 'd' then t0.typbasetype else t0.oid end
where c.relkind in ('r', 'p') and ` + ours
	err := each(r, query, func(v struct {
		Schema    string `json:"schema"`
		Table     string `json:"table"`
		Column    string `json:"column"`
		Inherited bool   `json:"inherited"`
		Shape
	}) {
		t := s.Table(v.Schema + "." + v.Table)
		if t == nil || v.Inherited == t.leaf() {
			return // of a table with children, its own rows; of a partitioned one, those of all partitions
		}
		if c := t.Column(v.Column); c != nil {
			c.Shape = &v.Shape
		}
	})
	if err != nil {
		return err
	}
	var hidden []string
	for i := range s.Tables {
		t := &s.Tables[i]
		seen := slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Shape != nil })
		if t.leaf() && t.Analyzed && t.Rows > 0 && !seen {
			hidden = append(hidden, t.Key())
		}
	}
	if len(hidden) > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("the server shows no statistics of the columns of %s; the user needs SELECT on them, or they were never analyzed", list(hidden)))
	}
	return nil
}
