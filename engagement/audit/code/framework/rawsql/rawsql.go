// Package rawsql sees statements of SQL that a program passes to its database driver as a string, in
// every language of the audit: db.QueryContext(ctx, "SELECT ..."), cursor.execute("..."),
// client.query(`...`), jdbcTemplate.query("..."), DB::select("..."), connection.execute("...").
//
// It turns each into a query of the flow engine, so that a statement in a loop, or in a function that a
// loop calls, is a query per row like any other. The model is that of the table when a framework knows
// one, else one that has only the table's name. The conditions of a statement are left out: rules about
// indexes read them from the text itself, joins and subqueries included.
//
// A call counts when its name is one that drivers use for statements and one of its arguments is a
// text that reads like SQL: a literal, a template, a constant, or what text() and sql() were given.
// Statements that are put together elsewhere are not seen.
package rawsql

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Framework implements flow.Framework. It must be the last that is asked: object mappers know more of
// their own calls.
type Framework struct {
	ix     *flow.Index
	tables map[string]*flow.Model
	read   map[syntax.Ref]*sqlquery.Statement // what a text says, nil for none
}

// New returns the framework.
func New() *Framework {
	return &Framework{tables: map[string]*flow.Model{}, read: map[syntax.Ref]*sqlquery.Statement{}}
}

// Name returns "rawsql".
func (*Framework) Name() string { return "rawsql" }

// Index remembers the index; there are no models.
func (fw *Framework) Index(ix *flow.Index) { fw.ix = ix }

// Entries does nothing.
func (*Framework) Entries(*flow.Interp) {}

// manner says how often a call's statement runs and what it gives back.
type manner uint8

const (
	one   manner = iota + 1 // one statement
	many                    // one statement for a whole batch of values: never a statement per row
	tells                   // one statement; the value is a single row or number
)

// words are the drivers' methods by language. Names that other libraries use as well do no harm: an
// argument must be SQL.
var words = map[string]map[string]manner{
	"go": {
		"Query": one, "QueryContext": one, "QueryRow": tells, "QueryRowContext": tells, "Exec": one, "ExecContext": one, "Queryx": one, "QueryxContext": one, "QueryRowx": tells, "QueryRowxContext": tells,
		"Get": tells, "GetContext": tells, "Select": one, "SelectContext": one, "NamedExec": one, "NamedExecContext": one, "NamedQuery": one, "NamedQueryContext": one, "MustExec": one, "MustExecContext": one,
		"SelectOne": tells, "SelectInt": tells, "SelectNullInt": tells, "SelectStr": tells, "Raw": one, "ExecOne": one, "CopyFrom": many,
	},
	"python": {
		"execute": one, "executemany": many, "execute_values": many, "execute_batch": many, "raw": one, "fetch": one, "fetchrow": tells, "fetchval": tells, "fetch_all": one, "fetch_one": tells, "fetch_val": tells,
		"exec_driver_sql": one, "scalar": tells, "scalars": one, "read_sql": one, "read_sql_query": one, "executescript": one, "run_sql": one, "query": one,
	},
	"php": {
		"query": one, "exec": one, "select": one, "selectOne": tells, "insert": one, "update": one, "delete": one, "statement": one, "affectingStatement": one, "scalar": tells,
		"executeQuery": one, "executeStatement": one, "executeUpdate": one, "fetchAll": one, "fetchOne": tells, "fetchAssoc": tells, "fetchAssociative": tells, "fetchAllAssociative": one, "fetchColumn": one, "fetchFirstColumn": one,
		"get_results": one, "get_row": tells, "get_var": tells, "get_col": one, "mysqli_query": one, "pg_query": one, "pg_query_params": one, "prepare": one, "createNativeQuery": one,
	},
	"java": {
		"query": one, "queryForObject": tells, "queryForList": one, "queryForMap": tells, "queryForRowSet": one, "queryForStream": one, "update": one, "batchUpdate": many, "execute": one, "createNativeQuery": one,
		"prepareStatement": one, "executeQuery": one, "executeUpdate": one, "createQuery": one, "createUpdate": one, "sql": one, "fetch": one, "fetchOne": tells,
	},
	"typescript": {
		"query": one, "execute": one, "raw": one, "$queryRaw": one, "$executeRaw": one, "$queryRawUnsafe": one, "$executeRawUnsafe": one, "unsafe": one, "none": one, "one": tells, "any": one, "manyOrNone": one,
		"oneOrNone": tells, "sql": one, "all": one, "get": tells, "run": one, "queryOne": tells, "maybeOne": tells, "many": one, "exec": one, "prepare": one,
	},
	"ruby": {
		"execute": one, "exec_query": one, "exec_update": one, "exec_delete": one, "exec_insert": one, "select_all": one, "select_one": tells, "select_value": tells, "select_values": one, "select_rows": one, "exec_params": one, "exec": one,
		"query": one, "query_single": one, "query_hash": one, "async_exec": one,
	},
}

func language(lang string) string {
	switch lang {
	case "tsx", "javascript":
		return "typescript"
	case "erb", "haml", "slim":
		return "ruby"
	case "blade":
		return "php"
	}
	return lang
}

// Call recognises a call that runs a statement, and passes through what the drivers wrap rows in.
func (fw *Framework) Call(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if c.HasRecv && c.Recv.Model != nil && c.Recv.Model.Framework == "rawsql" {
		return fw.result(in, c)
	}
	how := words[language(in.File().Lang)][c.Name]
	if how == 0 || c.Node.Kind() != syntax.Call {
		return flow.Value{}, false
	}
	if c.HasRecv && (c.Recv.Kind == flow.Many || c.Recv.Kind == flow.Record) { // rows of an object mapper
		return flow.Value{}, false
	}
	if !c.HasRecv && c.Name != "sql" && c.Name != "mysqli_query" && !strings.HasPrefix(c.Name, "pg_query") {
		return flow.Value{}, false
	}
	st, given := fw.statement(in, c)
	if st == nil {
		return flow.Value{}, false
	}
	if p := c.Node.Parent(); c.Name == "sql" && !c.HasRecv && p.Kind() == syntax.Call && c.Node.Role() == syntax.Arg {
		return flow.Value{}, false // a fragment, or the argument of the call that runs it
	}
	return fw.run(in, c, st, given, how), true
}

// result passes through the rows of a result: rows.Next(), result.rows, cursor.fetchall().
func (fw *Framework) result(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	switch c.Name {
	case "rows", "fetchall", "fetchmany", "fetchAll", "fetch_all", "all", "get", "toArray", "results", "getResultList", "list", "mappings", "scalars", "fetchAllAssociative", "getResultArray", "data", "recordset", "result_array", "each_hash", "entries":
		v := c.Recv
		if v.Kind == flow.Record {
			v.Kind = flow.Many
		}
		return v, c.Block.Kind != flow.FuncValue
	case "fetchone", "fetch", "first", "one", "getSingleResult", "fetch_assoc", "scalar_one", "scalar":
		if c.Recv.Kind == flow.Many && c.Block.Kind != flow.FuncValue {
			return in.Element(c.Recv, nil), true
		}
	}
	return flow.Value{}, false
}

// statement finds the text among the arguments and reads it. given is the text where a caller passed it
// to the function at hand.
func (fw *Framework) statement(in *flow.Interp, c *flow.Call) (st *sqlquery.Statement, given syntax.Ref) {
	for i, a := range c.ArgRefs {
		if i > 2 {
			break
		}
		given = syntax.Ref{}
		for a.Kind() == syntax.Call && (a.Str() == "text" || a.Str() == "sql" || a.Str() == "SQL" || a.Str() == "raw" || a.Str() == "sanitize_sql" || a.Str() == "squish" || a.Str() == "prepare") {
			if a.Arg(0).Ok() {
				a = a.Arg(0)
			} else {
				a = a.Receiver()
			}
		}
		if a.Kind() == syntax.Map { // client.query({ text: "SELECT ..." })
			a = a.Keyword("text")
		}
		if a.Kind() == syntax.Name {
			if v := c.Args[i]; v.Kind == flow.Literal && v.Node.Kind() == syntax.String {
				if in.Parameter(a) {
					given = v.Node
				}
				a = v.Node
			} else if k := fw.constant(in, a.Str()); k.Ok() {
				a = k
			}
		}
		if a.Kind() == syntax.Binary && a.Str() == "+" { // "SELECT ..." + conditions
			for a.Kind() == syntax.Binary {
				a = a.Child(syntax.Left)
			}
		}
		if a.Kind() != syntax.String {
			continue
		}
		if st := fw.analyze(a); st != nil {
			return st, given
		}
	}
	return nil, syntax.Ref{}
}

// constant finds a module-level constant in the file, or in another one of the same folder.
func (fw *Framework) constant(in *flow.Interp, name string) syntax.Ref {
	f := in.File()
	if v, ok := fw.ix.Constants[f][name]; ok {
		return v
	}
	return syntax.Ref{}
}

func (fw *Framework) analyze(n syntax.Ref) *sqlquery.Statement {
	if st, ok := fw.read[n]; ok {
		return st
	}
	fw.read[n] = nil
	text := n.Str()
	if len(text) < 10 || !sqlquery.LooksLikeSQL(text) {
		return nil
	}
	st := sqlquery.Analyze(text)
	switch st.Kind {
	case sqlquery.Select, sqlquery.Insert, sqlquery.Update, sqlquery.Delete:
	default:
		return nil
	}
	if len(st.Tables) == 0 { // SELECT pg_advisory_lock(1), SELECT 1
		return nil
	}
	fw.read[n] = &st
	return &st
}

// model is the model of a table as seen from a file, made on first sight.
func (fw *Framework) model(table string, from *project.File) *flow.Model {
	if i := strings.LastIndexByte(table, '.'); i >= 0 && fw.ix.ByTable[table] == nil {
		table = table[i+1:]
	}
	if m := fw.ix.TableModel(table, from); m != nil {
		return m
	}
	return fw.anonymous(table)
}

func (fw *Framework) anonymous(table string) *flow.Model {
	m := fw.tables[table]
	if m == nil {
		m = &flow.Model{Name: table, Table: table, Framework: "rawsql"}
		fw.tables[table] = m
	}
	return m
}

func (fw *Framework) run(in *flow.Interp, c *flow.Call, st *sqlquery.Statement, given syntax.Ref, how manner) flow.Value {
	table := st.Tables[0].Name
	r := in.NewQuery(fw.model(table, in.File()), c.Node)
	r.Terminal, r.Text = c.Name, given
	r.Dynamic = true // the text holds the conditions
	if st.HasLimit {
		r.Paged = true
		if n := digits(st.Limit); n > 0 {
			r.Limit, r.Paged = n, false
		}
	}
	number := len(st.Aggregates) > 0 && len(st.GroupBy) == 0 && len(st.Columns) == 0 && !st.SelectStar
	r.Single = how == tells || r.Limit == 1 || number
	site := in.Site(c.Node, "runs SQL")
	// Rows of SQL are maps and structs, whatever the table's model is: reading them loads nothing.
	v := flow.Value{Kind: flow.Many, Model: fw.anonymous(table), Root: r, Loaded: true}
	switch {
	case how == many:
		return flow.Value{Kind: flow.Scalar}
	case st.Kind == sqlquery.Select && number:
		in.Execute(r, site, flow.Aggregate)
		return flow.Value{Kind: flow.Scalar}
	case st.Kind == sqlquery.Select:
		in.Execute(r, site, flow.RunQuery)
		if r.Single {
			v.Kind = flow.Record
		}
		return v
	}
	in.Execute(r, site, flow.Write)
	if st.Returning {
		v.Kind = flow.Record
		return v
	}
	return flow.Value{Kind: flow.Scalar}
}

func digits(s string) int {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' || n > 1e6 {
			return 0
		}
		n = n*10 + int(r-'0')
	}
	return n
}
