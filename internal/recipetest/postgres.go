package recipetest

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// connect opens a session that prepares nothing, so that a change of a column's type does not meet a cached plan.
func connect(ctx context.Context, address string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	return pgx.ConnectConfig(ctx, config)
}

// run executes statements, each by itself.
func run(ctx context.Context, address string, statements ...string) error {
	conn, err := connect(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for _, s := range statements {
		if _, err := conn.PgConn().Exec(ctx, s).ReadAll(); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// database returns the address of a database of the same server.
func database(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server
	}
	u.Path = "/" + name
	return u.String()
}

// lines returns the rows of a query of one text column.
func lines(ctx context.Context, conn *pgx.Conn, sql string) ([]string, error) {
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// Snapshot returns the schema public of a database as sorted lines, one fact each. Positions of columns are
// given only when order is set, because a column that is made anew stands at the end.
func Snapshot(ctx context.Context, address string, order bool) ([]string, error) {
	conn, err := connect(ctx, address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	generated, collation := "''", "a.attcollation"
	version := pgVersion(conn.PgConn())
	if version >= 12 {
		generated = "a.attgenerated::text"
	}
	if version >= 13 {
		collation = "a.attcollation::regcollation"
	}
	position := "''"
	if order {
		position = "' position ' || rank() OVER (PARTITION BY a.attrelid ORDER BY a.attnum)"
	}
	return lines(ctx, conn, fmt.Sprintf(snapshot, position, generated, collation))
}

func pgVersion(conn *pgconn.PgConn) int {
	var v int
	_, _ = fmt.Sscanf(conn.ParameterStatus("server_version"), "%d", &v)
	return v
}

const snapshot = `
WITH mine AS (SELECT c.oid AS id, c.* FROM pg_class AS c WHERE relnamespace = 'public'::regnamespace)
SELECT line FROM (
	SELECT concat('relation ', relname, ' kind ', relkind, ' persistence ', relpersistence, ' options ', reloptions, ' rls ', relrowsecurity,
		' bound ', pg_get_expr(relpartbound, id), ' comment ', obj_description(id, 'pg_class'),
		' acl ', (SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM unnest(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, relowner))) AS x)) AS line
	FROM mine WHERE relkind NOT IN ('i', 'I')
	UNION ALL
	SELECT concat('column ', m.relname, '.', a.attname, %[1]s, ' type ', format_type(a.atttypid, a.atttypmod), ' not null ', a.attnotnull, ' default ', pg_get_expr(d.adbin, d.adrelid),
		' identity ', a.attidentity, ' generated ', %[2]s, ' collation ', %[3]s, ' acl ', a.attacl, ' statistics ', nullif(a.attstattarget, -1), ' comment ', col_description(m.id, a.attnum))
	FROM mine AS m JOIN pg_attribute AS a ON a.attrelid = m.id AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef AS d ON d.adrelid = m.id AND d.adnum = a.attnum
	WHERE m.relkind IN ('r', 'p', 'v')
	UNION ALL
	SELECT concat('constraint ', conrelid::regclass, '.', conname, ' ', pg_get_constraintdef(oid), ' validated ', convalidated, ' local ', conislocal, ' comment ', obj_description(oid, 'pg_constraint'))
	FROM pg_constraint WHERE connamespace = 'public'::regnamespace
	UNION ALL
	SELECT concat('index ', pg_get_indexdef(indexrelid), ' valid ', indisvalid, ' ready ', indisready, ' primary ', indisprimary, ' immediate ', indimmediate, ' comment ', obj_description(indexrelid, 'pg_class'))
	FROM pg_index JOIN mine ON id = indexrelid
	UNION ALL
	SELECT concat('sequence ', seqrelid::regclass, ' ', format_type(seqtypid, NULL), ' ', seqincrement, ' ', seqmin, ' ', seqmax, ' ', seqstart, ' ', seqcycle, ' of ',
		(SELECT concat(refobjid::regclass, '.', (SELECT attname FROM pg_attribute WHERE attrelid = refobjid AND attnum = refobjsubid), ' ', deptype)
			FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = seqrelid AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i')))
	FROM pg_sequence JOIN mine ON id = seqrelid
	UNION ALL
	SELECT concat('trigger ', pg_get_triggerdef(t.oid), ' enabled ', tgenabled) FROM pg_trigger AS t JOIN mine ON id = tgrelid WHERE NOT tgisinternal
	UNION ALL
	SELECT concat('view ', id::regclass, ' ', pg_get_viewdef(id)) FROM mine WHERE relkind = 'v'
	UNION ALL
	SELECT concat('function ', oid::regprocedure) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
	UNION ALL
	SELECT concat('type ', typname, ' ', typtype, ' ', (SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
	FROM pg_type AS t WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
	UNION ALL
	SELECT concat('inherits ', inhrelid::regclass, ' from ', inhparent::regclass) FROM pg_inherits
) AS l ORDER BY line`

// Checksums returns for each table of the schema public how many rows it has and a checksum of them; columns
// count by name, in whatever order they stand. Skip names columns, as table.column, whose values differ from
// run to run; of those only whether they are NULL counts.
func Checksums(ctx context.Context, address string, skip ...string) ([]string, error) {
	skipped := make([]string, len(skip))
	for i, s := range skip {
		skipped[i] = "'" + s + "'"
	}
	conn, err := connect(ctx, address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	queries, err := lines(ctx, conn, `
		SELECT format('SELECT concat(%L, '' '', count(*), '' '', md5(string_agg(line, '''' ORDER BY line))) FROM (SELECT md5(ROW(%s)::text) AS line FROM %s) AS x', c.oid::regclass,
			string_agg(CASE WHEN c.relname || '.' || a.attname = ANY (ARRAY[`+strings.Join(skipped, ", ")+`]::text[]) THEN format('%I IS NULL', a.attname) ELSE quote_ident(a.attname) END, ', ' ORDER BY a.attname), c.oid::regclass)
		FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') GROUP BY c.oid ORDER BY c.oid::regclass::text`)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, q := range queries {
		l, err := lines(ctx, conn, q)
		if err != nil {
			return nil, err
		}
		out = append(out, l...)
	}
	return out, nil
}

// Difference lists lines that only one of two sorted lists has, marked "-" for the first and "+" for the second.
func Difference(a, b []string) []string {
	var out []string
	in := func(list []string) map[string]bool {
		m := map[string]bool{}
		for _, l := range list {
			m[l] = true
		}
		return m
	}
	inA, inB := in(a), in(b)
	for _, l := range a {
		if !inB[l] {
			out = append(out, "- "+l)
		}
	}
	for _, l := range b {
		if !inA[l] {
			out = append(out, "+ "+l)
		}
	}
	return out
}
