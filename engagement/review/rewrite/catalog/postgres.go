// Package catalog reads from a server the facts that package rewrite needs to build a recipe.
//
// It reads the catalogs only, in one read-only session: no row of a table, and nothing is locked but the
// catalogs for reading. What the session may not see is missing from the facts.
package catalog

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/foundation/database"
)

// Read returns the facts of the tables that are named, of tables that refer to them or to which they refer,
// and of their partitions; no names mean all tables of the database outside the system's schemas.
func Read(ctx context.Context, u database.URL, tables ...rewrite.Name) (rewrite.Facts, error) {
	switch u.Kind {
	case database.Postgres:
		return readPostgres(ctx, u, tables)
	case database.MySQL:
		return readMySQL(ctx, u, tables)
	}
	return rewrite.Facts{}, fmt.Errorf("read the facts of %s: recipes exist for PostgreSQL, MySQL and MariaDB", u)
}

func readPostgres(ctx context.Context, u database.URL, tables []rewrite.Name) (rewrite.Facts, error) {
	conn, err := database.OpenPostgres(ctx, u, database.Options{})
	if err != nil {
		return rewrite.Facts{}, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	f := rewrite.Facts{}
	if f.Server, err = rewrite.ParseServer(rewrite.PostgreSQL, conn.ParameterStatus("server_version")); err != nil {
		return rewrite.Facts{}, err
	}
	if tables == nil {
		tables = []rewrite.Name{}
	}
	names, err := json.Marshal(tables)
	if err != nil {
		return rewrite.Facts{}, fmt.Errorf("read the facts of %s: %w", u, err)
	}
	if err := query(ctx, conn, &f.Tables, postgresTables(f.Server), string(names)); err != nil {
		return rewrite.Facts{}, fmt.Errorf("read the tables of %s: %w", u, err)
	}
	if err := query(ctx, conn, &f.Enums, postgresEnums); err != nil {
		return rewrite.Facts{}, fmt.Errorf("read the types of %s: %w", u, err)
	}
	return f, nil
}

// query decodes the one JSON value that a query returns.
func query(ctx context.Context, conn *pgconn.PgConn, into any, sql string, args ...string) error {
	values := make([][]byte, len(args))
	for i, a := range args {
		values[i] = []byte(a)
	}
	result := conn.ExecParams(ctx, sql, values, nil, nil, nil).Read()
	if result.Err != nil {
		return result.Err
	}
	if len(result.Rows) == 0 || result.Rows[0][0] == nil {
		return nil
	}
	return json.Unmarshal(result.Rows[0][0], into)
}

// postgresTables returns the query of all tables, as JSON of []rewrite.Table. Its first part finds the tables:
// those asked for and their neighbours.
func postgresTables(s rewrite.Server) string {
	nullsEqual, generated := "false", "''"
	if s.AtLeast(15) {
		nullsEqual = "i.indnullsnotdistinct"
	}
	if s.AtLeast(12) {
		generated = "a.attgenerated::text"
	}
	notNull, notNullName, unenforced, period := "a.attnotnull", "''", "false", "false"
	if s.AtLeast(18) {
		// There attnotnull holds for a constraint that is NOT VALID as well.
		notNull = "(a.attnotnull AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum] AND NOT k.convalidated))"
		notNullName = "coalesce((SELECT k.conname FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum]), '')"
		unenforced, period = "NOT k.conenforced", "k.conperiod"
	}
	publications := ""
	if s.AtLeast(15) {
		publications = `
		UNION ALL
		SELECT r.prrelid, 'publication', p.pubname::text, ARRAY(SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::smallint[]))
		FROM pg_publication_rel AS r JOIN pg_publication AS p ON p.oid = r.prpubid WHERE r.prattrs IS NOT NULL`
	}
	return fmt.Sprintf(`
WITH asked AS (
	SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast' AND
		($1::jsonb = '[]' OR EXISTS (SELECT FROM jsonb_array_elements($1::jsonb) AS w
			WHERE w->>'Name' = c.relname AND w->>'Schema' IN ('', n.nspname)))
), wanted AS (
	SELECT oid FROM asked
	UNION SELECT confrelid FROM pg_constraint WHERE contype = 'f' AND conrelid IN (SELECT oid FROM asked)
	UNION SELECT conrelid FROM pg_constraint WHERE contype = 'f' AND confrelid IN (SELECT oid FROM asked)
	UNION SELECT inhrelid FROM pg_inherits WHERE inhparent IN (SELECT oid FROM asked)
), dependent AS (
	SELECT d.refobjid AS relation, 'view' AS kind, v.ev_class::regclass::text AS name,
		array_agg(DISTINCT a.attname::text) AS columns
	FROM pg_depend AS d JOIN pg_rewrite AS v ON v.oid = d.objid
		JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
	WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND v.ev_class <> d.refobjid
	GROUP BY 1, 3
	UNION ALL
	SELECT d.refobjid, 'policy', p.polname::text, array_agg(DISTINCT a.attname::text)
	FROM pg_depend AS d JOIN pg_policy AS p ON p.oid = d.objid
		JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
	WHERE d.classid = 'pg_policy'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
	GROUP BY 1, 3
	UNION ALL
	SELECT t.tgrelid, 'trigger', t.tgname::text, array_agg(DISTINCT a.attname::text)
	FROM pg_trigger AS t JOIN pg_depend AS d ON d.classid = 'pg_trigger'::regclass AND d.objid = t.oid
		JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
	WHERE NOT t.tgisinternal AND d.refobjid = t.tgrelid AND d.refobjsubid > 0
	GROUP BY 1, 3
	UNION ALL
	SELECT s.stxrelid, 'statistics', s.stxname::text, ARRAY(SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys::smallint[]))
	FROM pg_statistic_ext AS s%[1]s
), foreign_key AS (
	SELECT k.oid, k.conrelid, k.confrelid, json_build_object('Name', k.conname, 'Valid', k.convalidated, 'Period', %[7]s,
		'Table', json_build_object('Schema', fn.nspname, 'Name', f.relname), 'To', json_build_object('Schema', tn.nspname, 'Name', t.relname),
		'Columns', (SELECT json_agg(a.attname ORDER BY x.n) FROM unnest(k.conkey) WITH ORDINALITY AS x(attnum, n) JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = x.attnum),
		'ToColumns', (SELECT json_agg(a.attname ORDER BY x.n) FROM unnest(k.confkey) WITH ORDINALITY AS x(attnum, n) JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = x.attnum),
		'Comment', coalesce(obj_description(k.oid, 'pg_constraint'), ''),
		'After', trim(regexp_replace(regexp_replace(pg_get_constraintdef(k.oid), '^FOREIGN KEY .* REFERENCES [^(]*\([^)]*\)', ''), ' NOT VALID$', ''))) AS fact
	FROM pg_constraint AS k JOIN pg_class AS f ON f.oid = k.conrelid JOIN pg_namespace AS fn ON fn.oid = f.relnamespace
		JOIN pg_class AS t ON t.oid = k.confrelid JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
	WHERE k.contype = 'f' AND k.conparentid = 0
), acl AS (
	SELECT relation, attnum, json_agg(json_build_object('Role', role, 'Privileges', privileges, 'Option', option) ORDER BY role, option) AS grants
	FROM (
		SELECT relation, attnum, CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee) END AS role, x.is_grantable AS option,
			json_agg(x.privilege_type ORDER BY x.privilege_type) AS privileges
		FROM (
			SELECT oid AS relation, 0 AS attnum, relacl AS acl, relowner AS owner FROM pg_class WHERE relacl IS NOT NULL
			UNION ALL
			SELECT attrelid, attnum, attacl, 0 FROM pg_attribute WHERE attacl IS NOT NULL
		) AS c, aclexplode(c.acl) AS x WHERE x.grantee <> c.owner GROUP BY 1, 2, 3, 4
	) AS g GROUP BY 1, 2
)
SELECT json_agg(json_build_object(
	'Name', json_build_object('Schema', n.nspname, 'Name', c.relname),
	'Comment', coalesce(obj_description(c.oid, 'pg_class'), ''),
	'RowSecurity', c.relrowsecurity,
	'ForceRowSecurity', c.relrowsecurity AND c.relforcerowsecurity,
	'Owner', pg_get_userbyid(c.relowner),
	'Triggers', (SELECT json_agg(tgname ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal),
	'Functions', (SELECT json_agg(json_build_object('Name', p.oid::regprocedure::text, 'Source', CASE WHEN l.lanname IN ('sql', 'plpgsql') THEN p.prosrc ELSE '' END, 'Rows', p.rows) ORDER BY p.oid)
		FROM (
			SELECT f.oid, f.prosrc, f.prolang, c.reltype = f.prorettype OR c.reltype = ANY (f.proargtypes::oid[]) AS rows FROM pg_proc AS f
			WHERE c.reltype IN (SELECT f.prorettype UNION ALL SELECT unnest(f.proargtypes::oid[])) OR f.oid IN (SELECT tgfoid FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal)
		) AS p JOIN pg_language AS l ON l.oid = p.prolang),
	'Grants', (SELECT grants FROM acl WHERE relation = c.oid AND attnum = 0),
	'PartitionOf', (SELECT json_build_object('Schema', pn.nspname, 'Name', p.relname) FROM pg_inherits AS h JOIN pg_class AS p ON p.oid = h.inhparent
		JOIN pg_namespace AS pn ON pn.oid = p.relnamespace WHERE h.inhrelid = c.oid AND c.relispartition),
	'Inherits', EXISTS (SELECT FROM pg_inherits AS h WHERE (h.inhrelid = c.oid OR h.inhparent = c.oid) AND NOT c.relispartition AND c.relkind <> 'p'),
	'Columns', (SELECT json_agg(json_build_object('Name', a.attname, 'Type', format_type(a.atttypid, a.atttypmod), 'NotNull', %[4]s, 'NotNullName', %[5]s,
			'Default', CASE WHEN %[2]s = '' THEN coalesce(pg_get_expr(d.adbin, d.adrelid), '') ELSE '' END,
			'Generated', CASE WHEN %[2]s <> '' THEN pg_get_expr(d.adbin, d.adrelid) ELSE '' END,
			'Identity', CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' ELSE '' END,
			'Collation', CASE WHEN a.attcollation <> t.typcollation THEN (SELECT quote_ident(nc.nspname) || '.' || quote_ident(co.collname) FROM pg_collation AS co JOIN pg_namespace AS nc ON nc.oid = co.collnamespace WHERE co.oid = a.attcollation) ELSE '' END,
			'Comment', coalesce(col_description(c.oid, a.attnum), ''),
			'Grants', (SELECT grants FROM acl WHERE relation = c.oid AND acl.attnum = a.attnum),
			'StatisticsTarget', coalesce(nullif(a.attstattarget, -1), -1),
			'Options', coalesce(array_to_string(a.attoptions, ', '), ''),
			'Compression', CASE to_jsonb(a)->>'attcompression' WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' ELSE '' END,
			'Sequence', (SELECT json_build_object('Name', json_build_object('Schema', sn.nspname, 'Name', s.relname), 'Type', format_type(q.seqtypid, NULL))
				FROM pg_depend AS dep JOIN pg_class AS s ON s.oid = dep.objid JOIN pg_namespace AS sn ON sn.oid = s.relnamespace JOIN pg_sequence AS q ON q.seqrelid = s.oid
				WHERE dep.classid = 'pg_class'::regclass AND dep.refclassid = 'pg_class'::regclass AND dep.refobjid = c.oid AND dep.refobjsubid = a.attnum AND dep.deptype IN ('a', 'i') LIMIT 1)
		) ORDER BY a.attnum)
		FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
	'Indexes', (SELECT json_agg(json_build_object('Name', x.relname, 'Unique', i.indisunique, 'Primary', i.indisprimary, 'Valid', i.indisvalid,
			'Constraint', coalesce((SELECT k.conname FROM pg_constraint AS k WHERE k.conindid = x.oid AND k.contype IN ('p', 'u', 'x') LIMIT 1), ''),
			'Deferrable', NOT i.indimmediate, 'NullsEqual', %[3]s, 'Method', am.amname,
			'Where', coalesce(pg_get_expr(i.indpred, i.indrelid), ''), 'With', coalesce(array_to_string(x.reloptions, ', '), ''),
			'Comment', coalesce(obj_description(x.oid, 'pg_class'), ''),
			'ConstraintComment', coalesce((SELECT obj_description(k.oid, 'pg_constraint') FROM pg_constraint AS k WHERE k.conindid = x.oid AND k.contype IN ('p', 'u', 'x') LIMIT 1), ''),
			'ReplicaIdentity', i.indisreplident, 'Clustered', i.indisclustered,
			'Tablespace', coalesce((SELECT spcname FROM pg_tablespace AS s WHERE s.oid = x.reltablespace), ''),
			'Include', (SELECT json_agg(a.attname ORDER BY p.n) FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS p(attnum, n) JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = p.attnum WHERE p.n > i.indnkeyatts),
			'Parts', (SELECT json_agg(json_build_object('Column', coalesce(a.attname, ''), 'Expression', CASE WHEN p.attnum = 0 THEN pg_get_indexdef(x.oid, p.n::int, false) ELSE '' END,
				'After', trim(concat_ws(' ', CASE WHEN i.indcollation[p.n - 1] <> 0 AND i.indcollation[p.n - 1] <> a.attcollation THEN 'COLLATE ' || (SELECT quote_ident(nc.nspname) || '.' || quote_ident(co.collname) FROM pg_collation AS co JOIN pg_namespace AS nc ON nc.oid = co.collnamespace WHERE co.oid = i.indcollation[p.n - 1]) END,
					(SELECT quote_ident(oc.opcname) FROM pg_opclass AS oc WHERE oc.oid = i.indclass[p.n - 1] AND NOT oc.opcdefault),
					CASE i.indoption[p.n - 1] WHEN 1 THEN 'DESC NULLS LAST' WHEN 2 THEN 'NULLS FIRST' WHEN 3 THEN 'DESC' END))) ORDER BY p.n)
				FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS p(attnum, n) LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = p.attnum AND p.attnum <> 0 WHERE p.n <= i.indnkeyatts)
		) ORDER BY x.relname)
		FROM pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid JOIN pg_am AS am ON am.oid = x.relam WHERE i.indrelid = c.oid),
	'Checks', (SELECT json_agg(json_build_object('Name', k.conname, 'Expression', pg_get_expr(k.conbin, k.conrelid), 'Valid', k.convalidated, 'NoInherit', k.connoinherit, 'Unenforced', %[6]s,
			'Comment', coalesce(obj_description(k.oid, 'pg_constraint'), ''),
			'Columns', (SELECT json_agg(a.attname) FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum = ANY (k.conkey))) ORDER BY k.conname)
		FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'c'),
	'ForeignKeys', (SELECT json_agg(fact ORDER BY oid) FROM foreign_key WHERE conrelid = c.oid),
	'Referenced', (SELECT json_agg(fact ORDER BY oid) FROM foreign_key WHERE confrelid = c.oid),
	'Dependents', (SELECT json_agg(json_build_object('Kind', kind, 'Name', name, 'Columns', columns) ORDER BY kind, name) FROM dependent WHERE relation = c.oid),
	'Partitioning', (SELECT json_build_object('Strategy', CASE p.partstrat WHEN 'r' THEN 'range' WHEN 'l' THEN 'list' ELSE 'hash' END,
			'Columns', (SELECT json_agg(coalesce(a.attname, '') ORDER BY k.n) FROM unnest(p.partattrs::smallint[]) WITH ORDINALITY AS k(attnum, n) LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum AND k.attnum <> 0),
			'Partitions', (SELECT json_agg(json_build_object('Schema', hn.nspname, 'Name', h.relname) ORDER BY h.relname) FROM pg_inherits AS b JOIN pg_class AS h ON h.oid = b.inhrelid JOIN pg_namespace AS hn ON hn.oid = h.relnamespace WHERE b.inhparent = c.oid),
			'Default', (SELECT json_build_object('Schema', dn.nspname, 'Name', d.relname) FROM pg_class AS d JOIN pg_namespace AS dn ON dn.oid = d.relnamespace WHERE d.oid = p.partdefid))
		FROM pg_partitioned_table AS p WHERE p.partrelid = c.oid)
) ORDER BY n.nspname, c.relname)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid IN (SELECT oid FROM wanted)`,
		publications, generated, nullsEqual, notNull, notNullName, unenforced, period)
}

// postgresEnums is the query of all enumerated types, as JSON of []rewrite.Enum. Other lists functions,
// arrays and domains that use the type.
const postgresEnums = `
SELECT json_agg(json_build_object('Name', json_build_object('Schema', n.nspname, 'Name', t.typname),
	'Values', (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum AS e WHERE e.enumtypid = t.oid),
	'Uses', (SELECT json_agg(json_build_object('Table', json_build_object('Schema', cn.nspname, 'Name', c.relname), 'Column', a.attname) ORDER BY c.relname, a.attname)
		FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS cn ON cn.oid = c.relnamespace
		WHERE a.atttypid = t.oid AND NOT a.attisdropped AND c.relkind IN ('r', 'p')),
	'Other', (SELECT json_agg(x.what) FROM (
		SELECT 'the function ' || p.oid::regprocedure::text AS what FROM pg_proc AS p WHERE t.oid = p.prorettype OR t.oid = ANY (p.proargtypes::oid[])
		UNION ALL SELECT 'the domain ' || d.typname FROM pg_type AS d WHERE d.typbasetype = t.oid
		UNION ALL SELECT 'the array column ' || c.relname || '.' || a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid WHERE a.atttypid = t.typarray AND t.typarray <> 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')) AS x)
) ORDER BY n.nspname, t.typname)
FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace WHERE t.typtype = 'e'`
