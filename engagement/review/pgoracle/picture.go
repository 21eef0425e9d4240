package pgoracle

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/foundation/unit"
)

// Relation is a relation of the database at one moment.
type Relation struct {
	OID    uint32
	Schema string
	Name   string
	Kind   byte   // pg_class.relkind: r table, p partitioned table, i index, I partitioned index, m, v, f, S
	File   uint32 // pg_class.relfilenode; 0 without a file
	// Rows is the server's estimate at the last ANALYZE; 0 where there was none.
	Rows  float64
	Table uint32     // of an index, the table
	Size  unit.Bytes // of the main fork; -1 where it was not asked for
}

// isTable says whether rows are read from r by its name.
func (r *Relation) isTable() bool {
	return r.Kind == 'r' || r.Kind == 'p' || r.Kind == 'm' || r.Kind == 'f'
}

func (r *Relation) isIndex() bool { return r.Kind == 'i' || r.Kind == 'I' }

// picture is the relations of the user and their foreign keys.
type picture struct {
	relations map[uint32]*Relation
	parents   map[uint32][]uint32 // by table, those that its foreign keys refer to
}

// look takes the picture in the observed session, which sees what its transaction has changed. Asking for
// the size of a relation locks it, so that is for moments without a transaction.
func (o *Oracle) look(ctx context.Context, sizes bool) (*picture, error) {
	size := "-1::bigint"
	if sizes {
		size = "case when c.relkind in ('r', 'i', 'm', 'S') then coalesce(pg_relation_size(c.oid), 0) else 0 end"
	}
	rows, err := o.subject.Query(ctx, `select c.oid, n.nspname, c.relname, c.relkind::text, c.relfilenode,
		greatest(c.reltuples, 0)::float8, coalesce(i.indrelid, 0::oid), `+size+`
		from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_index i on i.indexrelid = c.oid
		where n.nspname <> 'information_schema' and n.nspname !~ '^pg_' and c.relkind in ('r', 'p', 'i', 'I', 'm', 'v', 'f', 'S')`)
	if err != nil {
		return nil, err
	}
	p := &picture{relations: map[uint32]*Relation{}, parents: map[uint32][]uint32{}}
	var oid, file, table uint32
	var schema, name, kind string
	var tuples float64
	var bytes int64
	_, err = pgx.ForEachRow(rows, []any{&oid, &schema, &name, &kind, &file, &tuples, &table, &bytes}, func() error {
		p.relations[oid] = &Relation{OID: oid, Schema: schema, Name: name, Kind: kind[0], File: file, Rows: tuples, Table: table, Size: unit.Bytes(bytes)}
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows, err = o.subject.Query(ctx, "select distinct conrelid, confrelid from pg_constraint where contype = 'f'")
	if err != nil {
		return nil, err
	}
	var child, parent uint32
	_, err = pgx.ForEachRow(rows, []any{&child, &parent}, func() error {
		p.parents[child] = append(p.parents[child], parent)
		return nil
	})
	return p, err
}

// sizes asks for the sizes of relations whose files have changed. The statement has them locked already.
func (o *Oracle) sizes(ctx context.Context, r *run) error {
	var changed []uint32
	for oid, rel := range r.after.relations {
		if was := r.before.relations[oid]; rel.File != 0 && (was == nil || was.File != rel.File) {
			changed = append(changed, oid)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	rows, err := o.subject.Query(ctx, "select oid, coalesce(pg_relation_size(oid), 0) from unnest($1::oid[]) as oid", changed)
	if err != nil {
		return fmt.Errorf("read the sizes of relations: %w", err)
	}
	var oid uint32
	var bytes int64
	_, err = pgx.ForEachRow(rows, []any{&oid, &bytes}, func() error {
		r.after.relations[oid].Size = unit.Bytes(bytes)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the sizes of relations: %w", err)
	}
	return nil
}

// counts are the counters of one table.
type counts struct{ read, written int64 }

// count reads the counters of the tables that were there before. Those of the transaction are kept by the
// session until it reports them, those reported by the server; across transactions the sum counts.
func (o *Oracle) count(ctx context.Context, r *run, into *map[uint32]counts, reported bool) error {
	tables := []uint32{}
	for oid, rel := range r.before.relations {
		if rel.isTable() {
			tables = append(tables, oid)
		}
	}
	sum := map[uint32]counts{}
	sources := []string{"xact_"}
	if reported {
		sources = append(sources, "")
	}
	for _, source := range sources {
		// A statistics function of the transaction sees what the session has not reported yet.
		rows, err := o.subject.Query(ctx, fmt.Sprintf(`select t, pg_stat_get_%[1]stuples_returned(t),
			pg_stat_get_%[1]stuples_inserted(t) + pg_stat_get_%[1]stuples_updated(t) + pg_stat_get_%[1]stuples_deleted(t)
			from unnest($1::oid[]) as t`, source), tables)
		if err != nil {
			return fmt.Errorf("read the counters of tables: %w", err)
		}
		var oid uint32
		var read, written int64
		_, err = pgx.ForEachRow(rows, []any{&oid, &read, &written}, func() error {
			sum[oid] = counts{sum[oid].read + read, sum[oid].written + written}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read the counters of tables: %w", err)
		}
	}
	*into = sum
	return nil
}

// reportInterval is how long a session of versions before 15 keeps its counters before it sends them, and
// the least time after which what it sent can be read (PGSTAT_STAT_INTERVAL).
const reportInterval = 500 * time.Millisecond

// flush makes sure that the counters of transactions that have ended can be read.
func (o *Oracle) flush(ctx context.Context, r *run) error {
	if !o.old {
		var ignored any
		if err := o.subject.QueryRow(ctx, "select pg_stat_force_next_flush()::text").Scan(&ignored); err != nil {
			return fmt.Errorf("report the counters of tables: %w", err)
		}
		return nil
	}
	if r.took < reportInterval/2 {
		return nil // the session still has them
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(2 * reportInterval):
	}
	_, err := o.subject.Exec(ctx, "select pg_stat_clear_snapshot()")
	return err
}
