package review

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// postgresDDL writes the user's part of a catalog as DDL: schemas, extensions, types, sequences, functions,
// tables with what hangs on them, views. What an extension owns comes with CREATE EXTENSION. Objects of one
// kind stand in the order in which they were made; where one needs another that stands behind it, a rehearsal
// tries again. Left out is what changes neither locks nor work: privileges, owners, comments, publications,
// tablespaces, aggregates, operators, casts, text search configurations.
func postgresDDL(ctx context.Context, conn *pgconn.PgConn, version int) (string, error) {
	// Names outside of public are qualified, as the session that reads them again has another search_path.
	if _, err := query(ctx, conn, "set search_path = public"); err != nil {
		return "", err
	}
	var b strings.Builder
	for _, part := range catalogParts {
		if version < part.since {
			continue
		}
		sql := strings.NewReplacer("{ours}", catalogOurs, "{name}", "quote_ident(n.nspname) || '.' || quote_ident(c.relname)").Replace(part.sql)
		rows, err := query(ctx, conn, sql)
		if err != nil {
			return "", err
		}
		for _, row := range rows {
			if row[0] == "" {
				continue // a function that gives no definition, or one that vanished meanwhile
			}
			b.WriteString(strings.TrimRight(row[0], "; \n"))
			b.WriteString(";\n")
		}
	}
	return b.String(), nil
}

// catalogOurs keeps the user's schemas, by the name n.
const catalogOurs = `n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'`

// notOfExtension is the condition that an extension does not own an object of a catalog.
func notOfExtension(class, oid string) string {
	return " and not exists (select from pg_depend x where x.classid = '" + class + "'::regclass and x.objid = " + oid + " and x.deptype = 'e') "
}

// catalogParts are queries that give one column of statements each; an empty one is passed over. Since is
// the server_version_num from which a part can be asked.
var catalogParts = []struct {
	since int
	sql   string
}{
	{0, `select 'create schema if not exists ' || quote_ident(n.nspname) from pg_namespace n where {ours} and n.nspname <> 'public'` + notOfExtension("pg_namespace", "n.oid") + `order by n.oid`},
	{0, `select 'create extension if not exists ' || quote_ident(e.extname) || ' with schema ' || quote_ident(n.nspname)
	 from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname <> 'plpgsql' order by e.oid`},
	// Enumerations, composite types, ranges.
	{0, `select case t.typtype
	   when 'e' then 'create type ' || t.name || ' as enum (' || coalesce((select string_agg(quote_literal(l.enumlabel), ', ' order by l.enumsortorder) from pg_enum l where l.enumtypid = t.oid), '') || ')'
	   when 'c' then 'create type ' || t.name || ' as (' || coalesce((select string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum) from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped), '') || ')'
	   else 'create type ' || t.name || ' as range (subtype = ' || (select format_type(r.rngsubtype, null) from pg_range r where r.rngtypid = t.oid) || ')' end
	 from (select t.*, quote_ident(n.nspname) || '.' || quote_ident(t.typname) as name from pg_type t join pg_namespace n on n.oid = t.typnamespace where {ours}` + notOfExtension("pg_type", "t.oid") + `) t
	 where t.typtype in ('e', 'r') or t.typtype = 'c' and exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c') order by t.oid`},
	{0, `select 'create domain ' || quote_ident(n.nspname) || '.' || quote_ident(t.typname) || ' as ' || format_type(t.typbasetype, t.typtypmod)
	  || coalesce(' collate ' || (select quote_ident(k.nspname) || '.' || quote_ident(o.collname) from pg_collation o join pg_namespace k on k.oid = o.collnamespace where o.oid = t.typcollation and o.collname <> 'default' and t.typcollation <> (select b.typcollation from pg_type b where b.oid = t.typbasetype)), '')
	  || coalesce(' default ' || t.typdefault, '') || case when t.typnotnull then ' not null' else '' end
	  || coalesce((select ' ' || string_agg('constraint ' || quote_ident(c.conname) || ' ' || pg_get_constraintdef(c.oid), ' ' order by c.conname) from pg_constraint c where c.contypid = t.oid and c.contype = 'c'), '')
	 from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typtype = 'd' and {ours}` + notOfExtension("pg_type", "t.oid") + `order by t.oid`},
	// Sequences but those of identity columns, which come with the column.
	{0, `select 'create sequence ' || {name} || ' as ' || format_type(q.seqtypid, null) || ' start ' || q.seqstart || ' increment ' || q.seqincrement || ' minvalue ' || q.seqmin || ' maxvalue ' || q.seqmax || ' cache ' || q.seqcache || case when q.seqcycle then ' cycle' else '' end
	 from pg_sequence q join pg_class c on c.oid = q.seqrelid join pg_namespace n on n.oid = c.relnamespace where {ours}
	  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i')` + notOfExtension("pg_class", "c.oid") + `order by c.oid`},
	// Functions, but those that come with a range type, before tables: their volatility decides whether a default rewrites one. Bodies that name tables
	// are read when they are called.
	{0, `select 'set check_function_bodies = off'`},
	{110000, `select pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.prokind in ('f', 'p', 'w') and {ours}
	  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i')` + notOfExtension("pg_proc", "p.oid") + `order by p.oid`},
	// Tables with their columns and the parents before their partitions, then views.
	{0, `with recursive depth(oid, level) as (
	   select c.oid, 0 from pg_class c where not c.relispartition
	   union all select i.inhrelid, d.level + 1 from depth d join pg_inherits i on i.inhparent = d.oid join pg_class c on c.oid = i.inhrelid and c.relispartition)
	 select case when c.relispartition then 'create table ' || {name} || ' partition of ' || (select quote_ident(pn.nspname) || '.' || quote_ident(p.relname) from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace where i.inhrelid = c.oid limit 1)
	     || ' ' || pg_get_expr(c.relpartbound, c.oid) || case when c.relkind = 'p' then ' partition by ' || pg_get_partkeydef(c.oid) else '' end
	   else 'create ' || case c.relpersistence when 'u' then 'unlogged ' else '' end || 'table ' || {name} || ' (' || coalesce((select string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
	     || coalesce(' collate ' || (select quote_ident(k.nspname) || '.' || quote_ident(o.collname) from pg_collation o join pg_namespace k on k.oid = o.collnamespace where o.oid = a.attcollation and o.collname <> 'default' and a.attcollation <> (select b.typcollation from pg_type b where b.oid = a.atttypid)), '')
	     || case when a.attnotnull then ' not null' else '' end
	     || case a.attidentity when 'a' then ' generated always as identity' when 'd' then ' generated by default as identity' else '' end
	     || coalesce(case when to_jsonb(a) ->> 'attgenerated' <> '' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') ' || case to_jsonb(a) ->> 'attgenerated' when 's' then 'stored' else 'virtual' end
	        else ' default ' || pg_get_expr(d.adbin, d.adrelid) end, ''), ', ' order by a.attnum)
	     from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attislocal), '') || ')'
	     || coalesce(' inherits (' || (select string_agg(quote_ident(pn.nspname) || '.' || quote_ident(p.relname), ', ' order by i.inhseqno) from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace where i.inhrelid = c.oid) || ')', '')
	     || case when c.relkind = 'p' then ' partition by ' || pg_get_partkeydef(c.oid) else '' end
	   end || coalesce(' with (' || array_to_string(c.reloptions, ', ') || ')', '')
	 from pg_class c join pg_namespace n on n.oid = c.relnamespace join depth on depth.oid = c.oid
	 where c.relkind in ('r', 'p') and {ours}` + notOfExtension("pg_class", "c.oid") + `order by depth.level, c.oid`},
	// Constraints that are not inherited: keys before references.
	{0, `select 'alter table ' || {name} || ' add constraint ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid)
	 from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
	 where k.contype in ('p', 'u', 'x', 'c', 'f') and coalesce((to_jsonb(k) ->> 'conparentid')::oid, 0) = 0 and (k.conislocal or k.coninhcount = 0) and {ours}` + notOfExtension("pg_class", "c.oid") + `order by k.contype = 'f', k.oid`},
	// Indexes that are no constraint's and not a partition's part of another.
	{0, `select pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
	 where c.relkind in ('r', 'p') and {ours} and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
	  and not exists (select from pg_inherits h where h.inhrelid = i.indexrelid)` + notOfExtension("pg_class", "c.oid") + `order by i.indexrelid`},
	{0, `select 'create ' || case c.relkind when 'm' then 'materialized ' else '' end || 'view ' || {name} || ' as ' || rtrim(pg_get_viewdef(c.oid), '; ')
	 from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('v', 'm') and {ours}` + notOfExtension("pg_class", "c.oid") + `order by c.oid`},
	{0, `select pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
	 where c.relkind = 'm' and {ours}` + notOfExtension("pg_class", "c.oid") + `order by i.indexrelid`},
	{0, `select 'alter sequence ' || {name} || ' owned by ' || quote_ident(tn.nspname) || '.' || quote_ident(t.relname) || '.' || quote_ident(a.attname)
	 from pg_depend d join pg_class c on c.oid = d.objid and c.relkind = 'S' join pg_namespace n on n.oid = c.relnamespace join pg_class t on t.oid = d.refobjid join pg_namespace tn on tn.oid = t.relnamespace
	  join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype = 'a' and {ours} order by c.oid`},
	{100000, `select pg_get_statisticsobjdef(s.oid) from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace where {ours}` + notOfExtension("pg_statistic_ext", "s.oid") + `order by s.oid`},
	{0, `select pg_get_ruledef(w.oid) from pg_rewrite w join pg_class c on c.oid = w.ev_class join pg_namespace n on n.oid = c.relnamespace where w.rulename <> '_RETURN' and {ours}` + notOfExtension("pg_class", "c.oid") + `order by w.oid`},
	// Triggers; those of a partition come with the parent's.
	{0, `select pg_get_triggerdef(g.oid) from pg_trigger g join pg_class c on c.oid = g.tgrelid join pg_namespace n on n.oid = c.relnamespace
	 where not g.tgisinternal and coalesce((to_jsonb(g) ->> 'tgparentid')::oid, 0) = 0 and {ours}` + notOfExtension("pg_class", "c.oid") + `order by g.oid`},
	{0, `select 'alter table ' || {name} || case v.what when 1 then ' enable row level security' when 2 then ' force row level security' else ' replica identity full' end
	 from pg_class c join pg_namespace n on n.oid = c.relnamespace, (values (1), (2), (3)) v(what)
	 where c.relkind in ('r', 'p') and case v.what when 1 then c.relrowsecurity when 2 then c.relforcerowsecurity else c.relreplident = 'f' end and {ours}` + notOfExtension("pg_class", "c.oid") + `order by c.oid, v.what`},
	{100000, `select 'create policy ' || quote_ident(p.policyname) || ' on ' || quote_ident(p.schemaname) || '.' || quote_ident(p.tablename) || ' as ' || p.permissive || ' for ' || p.cmd || ' to '
	  || (select string_agg(case r when 'public' then 'public' else quote_ident(r) end, ', ') from unnest(p.roles) r) || coalesce(' using (' || p.qual || ')', '') || coalesce(' with check (' || p.with_check || ')', '')
	 from pg_policies p order by p.schemaname, p.tablename, p.policyname`},
}
