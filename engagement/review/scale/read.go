package scale

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Options of reading statistics.
type Options struct {
	// Values reads the most common values and the bounds of histograms too. They are data of users.
	Values bool
	// Sample reads rows of tables that have indexes of several columns, at most 40 MB for each such index and
	// 20 s, to count how many keys these have. Only the counts leave the server. It takes ACCESS SHARE on these
	// tables.
	Sample bool
	// Interval is how long to watch the counters of the tables for rates of reading and writing; 0 takes
	// the means since the server's statistics were reset.
	Interval time.Duration
	// Now is written as the time of the statistics.
	Now time.Time
}

// Read takes the statistics of the database that conn is connected to. It reads catalogs and views of
// statistics only and takes no lock but ACCESS SHARE on them, unless a sample is wanted; a connection that is
// read-only will do.
// Columns of tables that the user may not read have no shape, which is said in the notes.
func Read(ctx context.Context, conn *pgconn.PgConn, o Options) (*Statistics, error) {
	s := &Statistics{SchemaVersion: SchemaVersion, Taken: o.Now.UTC().Truncate(time.Second), Values: o.Values, Interval: o.Interval}
	r := &reader{ctx: ctx, conn: conn, values: o.Values, sample: o.Sample}
	for _, step := range []struct {
		what string
		do   func(*Statistics) error
	}{
		{"the server", r.server}, {"tables", r.tables}, {"columns", r.columns}, {"statistics of columns", r.shapes},
		{"constraints", r.constraints}, {"indexes", r.indexes}, {"keys of several columns", r.joint}, {"rates", func(s *Statistics) error { return r.rates(s, o.Interval) }},
		{"sessions", r.sessions},
	} {
		if err := step.do(s); err != nil {
			return nil, fmt.Errorf("read %s of the database: %w", step.what, err)
		}
	}
	return s, nil
}

// reader reads catalogs. Every query returns one column of JSON, so that a new column of a catalog needs
// one place.
type reader struct {
	ctx     context.Context
	conn    *pgconn.PgConn
	values  bool
	sample  bool
	version int
	byOID   map[string]int // index in Statistics.Tables
}

// each calls row with every row of the query, decoded.
func each[T any](r *reader, query string, row func(T)) error {
	results, err := r.conn.Exec(r.ctx, query).ReadAll()
	if err != nil {
		return err
	}
	for _, result := range results {
		for _, cells := range result.Rows {
			var v T
			if err := json.Unmarshal(cells[0], &v); err != nil {
				return err
			}
			row(v)
		}
	}
	return nil
}

// settings that change how long the work of a migration takes, or what it waits for.
var settings = []string{
	"shared_buffers", "maintenance_work_mem", "work_mem", "max_parallel_maintenance_workers", "max_parallel_workers",
	"wal_level", "max_wal_size", "full_page_writes", "fsync", "wal_compression", "TimeZone", "search_path", "lock_timeout", "statement_timeout",
	"deadlock_timeout", "max_connections", "default_toast_compression", "data_checksums",
}

func (r *reader) server(s *Statistics) error {
	quoted := make([]string, len(settings))
	for i, name := range settings {
		quoted[i] = "'" + name + "'"
	}
	query := `select json_build_object('database', current_database(), 'version', split_part(current_setting('server_version'), ' ', 1),
 'version_num', current_setting('server_version_num')::int, 'encoding', pg_encoding_to_char(d.encoding), 'collation', d.datcollate,
 'bytes', pg_database_size(d.oid),
 'settings', (select json_object_agg(name, current_setting(name)) from pg_settings where name in (` + strings.Join(quoted, ", ") + `)))
from pg_database d where d.datname = current_database()`
	err := each(r, query, func(v struct {
		Database string `json:"database"`
		Server
	}) {
		s.Database, s.Server = v.Database, v.Server
	})
	r.version = s.Server.VersionNum
	if err == nil && r.version < 100000 {
		return fmt.Errorf("PostgreSQL %s is older than 10, which is the oldest that is understood", s.Server.Version)
	}
	return err
}

// ours leaves out what belongs to the server and to extensions.
const ours = `n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
 and not exists (select 1 from pg_depend x where x.classid = 'pg_class'::regclass and x.objid = c.oid and x.deptype = 'e')`

func (r *reader) tables(s *Statistics) error {
	r.byOID = map[string]int{}
	// The server's own estimate: the density when it last counted, times the pages there are now
	// (plancat.c, estimate_rel_size).
	query := `select json_build_object('oid', c.oid::text, 'schema', n.nspname, 'name', c.relname,
 'kind', case when c.relkind = 'p' then 'partitioned' else 'table' end, 'is_partition', c.relispartition,
 'partition_of', case when c.relispartition then (select pn.nspname || '.' || p.relname from pg_inherits i join pg_class p on p.oid = i.inhparent
   join pg_namespace pn on pn.oid = p.relnamespace where i.inhrelid = c.oid limit 1) end,
 'partition_bound', case when c.relispartition then pg_get_expr(c.relpartbound, c.oid) end,
 'partition_key', case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
 'rows', case when c.relkind = 'r' and c.relpages > 0 and c.reltuples > 0
   then round(c.reltuples::numeric / c.relpages * (pg_relation_size(c.oid) / current_setting('block_size')::int)) else 0 end,
 'analyzed', c.relkind = 'r' and (c.reltuples > 0 or pg_relation_size(c.oid) = 0),
 'heap', pg_relation_size(c.oid), 'toast', coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0), 'index_bytes', pg_indexes_size(c.oid))
from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and ` + ours + `
order by n.nspname, c.relname`
	var unknown []string
	err := each(r, query, func(v struct {
		OID         string `json:"oid"`
		IsPartition bool   `json:"is_partition"`
		Table
	}) {
		t := v.Table
		if v.IsPartition {
			t.Kind = strings.TrimPrefix(t.Kind+" partition", "table ")
		}
		if t.leaf() && !t.Analyzed {
			unknown = append(unknown, t.Key())
		}
		r.byOID[v.OID] = len(s.Tables)
		s.Tables = append(s.Tables, t)
	})
	if err != nil {
		return err
	}
	for i := range s.Tables {
		// What a partition holds, all tables above it hold.
		if t := &s.Tables[i]; t.leaf() {
			for parent := s.Table(t.PartitionOf); parent != nil && t.PartitionOf != ""; parent = s.Table(parent.PartitionOf) {
				parent.Rows += t.Rows
				parent.Heap, parent.Toast, parent.IndexBytes = parent.Heap+t.Heap, parent.Toast+t.Toast, parent.IndexBytes+t.IndexBytes
				parent.Analyzed = true
				if parent.PartitionOf == "" {
					break
				}
			}
		}
	}
	if len(unknown) > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("the server has never analyzed %s, so their numbers of rows and shapes are not known; run ANALYZE there", list(unknown)))
	}
	return nil
}

// list names at most five things.
func list(names []string) string {
	if len(names) > 5 {
		return strings.Join(names[:5], ", ") + fmt.Sprintf(" and %d more", len(names)-5)
	}
	return strings.Join(names, ", ")
}

func (r *reader) constraints(s *Statistics) error {
	names := func(relation, keys string) string {
		return `(select json_agg(a.attname order by u.o) from unnest(` + keys + `) with ordinality u(n, o) join pg_attribute a on a.attrelid = ` + relation + ` and a.attnum = u.n)`
	}
	// A key that refers to a partitioned table has a row for each partition beside its own.
	further := ""
	if r.version >= 110000 {
		further = " and not exists (select 1 from pg_constraint q where q.oid = k.conparentid and q.conrelid = k.conrelid)"
	}
	query := `select json_build_object('table', k.conrelid::text, 'name', k.conname, 'type', k.contype, 'columns', ` + names("k.conrelid", "k.conkey") + `,
 'references', (select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = k.confrelid),
 'ref_columns', ` + names("k.confrelid", "k.confkey") + `, 'definition', pg_get_constraintdef(k.oid), 'validated', k.convalidated)
from pg_constraint k where k.conrelid <> 0 and k.contype in ('p', 'u', 'f', 'c', 'x')` + further + ` order by k.conrelid, k.contype <> 'p', k.conname`
	return each(r, query, func(v struct {
		Table string `json:"table"`
		Constraint
	}) {
		if i, ok := r.byOID[v.Table]; ok {
			s.Tables[i].Constraints = append(s.Tables[i].Constraints, v.Constraint)
		}
	})
}

func (r *reader) indexes(s *Statistics) error {
	// Columns inside expressions and predicates are found by what the index depends on.
	query := `select json_build_object('table', i.indrelid::text, 'name', c.relname, 'method', m.amname, 'unique', i.indisunique,
 'partial', i.indpred is not null, 'expression', i.indexprs is not null, 'valid', i.indisvalid, 'bytes', pg_relation_size(c.oid),
 'columns', (select json_agg(a.attname order by x.o) from (
     select k.n, min(k.o) o from (
       select n, o from unnest(i.indkey::int2[]) with ordinality p(n, o) where n > 0` + r.keyColumns() + `
       union all select d.refobjsubid, 1000 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
         and d.refclassid = 'pg_class'::regclass and d.refobjid = i.indrelid and d.refobjsubid > 0 and i.indexprs is not null) k(n, o)
     group by k.n) x join pg_attribute a on a.attrelid = i.indrelid and a.attnum = x.n),
 'definition', pg_get_indexdef(c.oid))
from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam order by c.relname`
	return each(r, query, func(v struct {
		Table string `json:"table"`
		Index
	}) {
		if t, ok := r.byOID[v.Table]; ok {
			s.Tables[t].Indexes = append(s.Tables[t].Indexes, v.Index)
		}
	})
}

// keyColumns leaves out the columns of INCLUDE, which came with version 11.
func (r *reader) keyColumns() string {
	if r.version >= 110000 {
		return " and o <= i.indnkeyatts"
	}
	return ""
}

type counters struct {
	Table                       string `json:"table"`
	Inserts, Updates, Deletes   float64
	Reads, Dead, SecondsOfReset float64
}

const counterQuery = `select json_build_object('table', t.relid::text, 'Inserts', n_tup_ins, 'Updates', n_tup_upd, 'Deletes', n_tup_del,
 'Reads', coalesce(seq_scan, 0) + coalesce(idx_scan, 0), 'Dead', n_dead_tup,
 'SecondsOfReset', (select extract(epoch from now() - coalesce(stats_reset, pg_postmaster_start_time())) from pg_stat_database where datname = current_database()))
from pg_stat_user_tables t`

func (r *reader) rates(s *Statistics, interval time.Duration) error {
	first := map[string]counters{}
	if interval > 0 {
		if err := each(r, counterQuery, func(c counters) { first[c.Table] = c }); err != nil {
			return err
		}
		select {
		case <-r.ctx.Done():
			return r.ctx.Err()
		case <-time.After(interval):
		}
	}
	return each(r, counterQuery, func(c counters) {
		i, ok := r.byOID[c.Table]
		seconds := c.SecondsOfReset
		if interval > 0 {
			seconds = interval.Seconds()
		}
		if !ok || seconds <= 0 {
			return
		}
		t, f := &s.Tables[i], first[c.Table]
		// Counters that were reset meanwhile run backwards.
		per := func(now, then float64) float64 { return max(now-then, 0) / seconds }
		t.Inserts, t.Updates, t.Deletes = per(c.Inserts, f.Inserts), per(c.Updates, f.Updates), per(c.Deletes, f.Deletes)
		t.Reads, t.Dead = per(c.Reads, f.Reads), c.Dead
	})
}

func (r *reader) sessions(s *Statistics) error {
	query := `select json_build_object('age', extract(epoch from clock_timestamp() - xact_start), 'state', coalesce(state, backend_type),
 'wraparound', query like 'autovacuum:%to prevent wraparound%')
from pg_stat_activity where datname = current_database() and xact_start < clock_timestamp() - interval '1 second' and pid <> pg_backend_pid()
order by xact_start limit 20`
	err := each(r, query, func(v struct {
		Age        float64 `json:"age"`
		State      string  `json:"state"`
		Wraparound *bool   `json:"wraparound"`
	}) {
		s.Sessions = append(s.Sessions, Session{Age: time.Duration(v.Age * float64(time.Second)), State: v.State, Wraparound: v.Wraparound != nil && *v.Wraparound})
	})
	slices.SortStableFunc(s.Sessions, func(a, b Session) int { return int(min(max(b.Age-a.Age, -1), 1)) })
	return err
}
