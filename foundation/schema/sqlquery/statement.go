package sqlquery

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// sub analyzes a subquery.
func (a *analyzer) sub(from, to int, role, name string, sc *scope, depth int) {
	st := &Statement{Role: role, Name: name}
	a.statement(from, to, st, sc, depth+1)
	if st.Kind != None {
		sc.st.Subqueries = append(sc.st.Subqueries, st)
	}
}

// isQuery says whether a query begins at i, perhaps in parentheses.
func (a *analyzer) isQuery(i, end int) bool {
	for i < end && a.toks[i].Op("(") {
		i++
	}
	return a.isAny(i, end, "SELECT", "WITH", "VALUES", "TABLE") && (i+1 < end)
}

func (a *analyzer) statement(from, to int, st *Statement, outer *scope, depth int) {
	if depth > maxNesting {
		return
	}
	for from < to && a.toks[from].Op("(") && int(a.match[from]) >= to-1 { // (SELECT ...)
		from, to = a.inside(from, to)
	}
	sc := &scope{st: st, outer: outer}
	if a.is(from, to, "EXPLAIN") {
		from++
		for a.isAny(from, to, "ANALYZE", "VERBOSE") {
			from++
		}
		if from < to && a.toks[from].Op("(") {
			from = a.skip(from)
		}
	}
	if a.is(from, to, "WITH") {
		from = a.with(from+1, to, sc, depth)
	}
	switch {
	case a.is(from, to, "SELECT"), from < to && a.toks[from].Op("("):
		a.union(from, to, sc, depth)
	case a.isAny(from, to, "INSERT", "REPLACE"):
		a.insert(from+1, to, sc, depth)
	case a.is(from, to, "UPDATE"):
		a.update(from+1, to, sc, depth)
	case a.is(from, to, "DELETE"):
		a.delete(from+1, to, sc, depth)
	}
}

// with reads common table expressions and returns the position of the statement behind them.
func (a *analyzer) with(i, to int, sc *scope, depth int) int {
	if a.is(i, to, "RECURSIVE") {
		i++
	}
	for i < to {
		name := a.toks[i].Value()
		i++
		if i < to && a.toks[i].Op("(") { // column names
			i = a.skip(i)
		}
		if !a.is(i, to, "AS") {
			return i
		}
		i++
		for a.isAny(i, to, "NOT", "MATERIALIZED") {
			i++
		}
		if i >= to || !a.toks[i].Op("(") {
			return i
		}
		f, t := a.inside(i, to)
		a.sub(f, t, "cte", name, sc, depth)
		i = a.skip(i)
		if i < to && a.toks[i].Op(",") {
			i++
			continue
		}
		return i
	}
	return i
}

// union reads SELECT with its further branches. ORDER BY and LIMIT of the whole belong to the first.
func (a *analyzer) union(from, to int, sc *scope, depth int) {
	end := to
	for i := from; i < to; i = a.skip(i) {
		if a.isAny(i, to, "UNION", "INTERSECT", "EXCEPT", "MINUS") && i > from {
			end = i
			break
		}
	}
	if end < to {
		sc.st.Union = true
		next := end + 1
		for a.isAny(next, to, "ALL", "DISTINCT") {
			next++
		}
		// A chain of unions nests to the right; read it in a loop so that its length is not bounded.
		for next < to {
			stop := to
			for i := next; i < to; i = a.skip(i) {
				if a.isAny(i, to, "UNION", "INTERSECT", "EXCEPT", "MINUS") && i > next {
					stop = i
					break
				}
			}
			a.sub(next, stop, "union", "", sc, depth)
			next = stop + 1
			for a.isAny(next, to, "ALL", "DISTINCT") {
				next++
			}
		}
		if n := len(sc.st.Subqueries); n > 0 {
			last := sc.st.Subqueries[n-1]
			sc.st.HasLimit, sc.st.Limit, sc.st.HasOffset, sc.st.Offset = last.HasLimit, last.Limit, last.HasOffset, last.Offset
		}
	}
	for from < end && a.toks[from].Op("(") && int(a.match[from]) >= end-1 {
		from, end = a.inside(from, end)
	}
	if from < end && a.toks[from].Op("(") {
		// (SELECT ...) ORDER BY ... LIMIT ...
		f, t := a.inside(from, end)
		hasLimit, limit := sc.st.HasLimit, sc.st.Limit
		a.statement(f, t, sc.st, sc.outer, depth+1)
		if hasLimit {
			sc.st.HasLimit, sc.st.Limit = true, limit
		}
		a.tail(a.skip(from), end, sc, depth)
		return
	}
	if a.is(from, end, "SELECT") {
		sc.st.Kind = Select
		a.selectBody(from+1, end, sc, depth)
	}
}

// clause keywords of a SELECT at its own level.
func (a *analyzer) clause(i, to int) string {
	t := &a.toks[i]
	if t.Kind != sqltoken.Word {
		return ""
	}
	switch strings.ToUpper(t.Text) {
	case "FROM":
		if i > 0 && a.toks[i-1].Is("DISTINCT") && i > 1 && a.isAny(i-2, to, "IS", "NOT") { // IS DISTINCT FROM
			return ""
		}
		return "FROM"
	case "WHERE", "HAVING", "LIMIT", "OFFSET", "FETCH", "WINDOW", "RETURNING":
		return strings.ToUpper(t.Text)
	case "SET":
		return "SET"
	case "VALUES":
		return "VALUES"
	case "GROUP", "ORDER":
		if a.is(i+1, to, "BY") || a.is(i+1, to, "SIBLINGS") {
			return strings.ToUpper(t.Text)
		}
	case "FOR":
		if a.isAny(i+1, to, "UPDATE", "SHARE", "NO", "KEY") {
			return "FOR"
		}
	case "LOCK":
		if a.is(i+1, to, "IN") {
			return "FOR"
		}
	case "ON":
		if a.isAny(i+1, to, "CONFLICT", "DUPLICATE") {
			return "CONFLICT"
		}
	}
	return ""
}

// next finds the next clause at or behind i.
func (a *analyzer) next(i, to int) int {
	for i < to {
		if a.clause(i, to) != "" {
			return i
		}
		i = a.skip(i)
	}
	return to
}

func (a *analyzer) selectBody(i, to int, sc *scope, depth int) {
	st := sc.st
	for a.isAny(i, to, "ALL", "DISTINCT", "TOP", "SQL_CALC_FOUND_ROWS", "STRAIGHT_JOIN", "SQL_NO_CACHE") {
		switch {
		case a.is(i, to, "DISTINCT"):
			st.Distinct = true
			if a.is(i+1, to, "ON") {
				i = min(i+2, to-1)
				i = a.skip(i) - 1
			}
		case a.is(i, to, "TOP"):
			st.HasLimit = true
			if i+1 < to {
				st.Limit = strings.Trim(a.text(i+1, a.skip(i+1)), "()")
				i = a.skip(i+1) - 1
			}
		}
		i++
	}
	end := a.next(i, to)
	// FROM first, so that the names in the selected columns resolve.
	if end < to && a.clause(end, to) == "FROM" {
		a.from(end+1, a.next(end+1, to), sc, depth)
	}
	a.list(i, end, func(f, t int) { a.selected(f, t, sc, depth) })
	a.tail(end, to, sc, depth)
}

// tail reads the clauses of a statement from i on.
func (a *analyzer) tail(i, to int, sc *scope, depth int) {
	st := sc.st
	i = a.next(i, to)
	for i < to {
		end := a.next(i+1, to)
		switch a.clause(i, to) {
		case "WHERE":
			a.where(i+1, end, sc, depth)
		case "HAVING":
			st.Having = true
			before := len(st.Filters)
			a.where(i+1, end, sc, depth)
			for k := before; k < len(st.Filters); k++ {
				st.Filters[k].Having = true
			}
		case "GROUP":
			st.GroupBy = append(st.GroupBy, a.orderKeys(i+2, end, sc, depth)...)
		case "ORDER":
			st.OrderBy = a.orderKeys(i+2, end, sc, depth)
			for _, k := range st.OrderBy {
				e := strings.ToLower(strings.ReplaceAll(k.Expr, " ", ""))
				if e == "random()" || e == "rand()" || e == "newid()" || strings.HasPrefix(e, "rand(") || strings.HasPrefix(e, "dbms_random") {
					st.OrderRandom = true
				}
			}
		case "LIMIT":
			if a.is(i+1, end, "ALL") || a.is(i+1, end, "NULL") {
				break
			}
			st.HasLimit = true
			n := 0
			a.list(i+1, end, func(f, t int) { // MySQL: LIMIT offset, count
				if n == 1 {
					st.HasOffset, st.Offset = true, st.Limit
				}
				st.Limit = a.text(f, t)
				n++
			})
		case "OFFSET":
			st.HasOffset = true
			st.Offset = a.text(i+1, min(i+2, end))
		case "FETCH":
			st.HasLimit = true
			for k := i + 1; k < end; k++ {
				if a.toks[k].Kind == sqltoken.Number || a.toks[k].Kind == sqltoken.Param {
					st.Limit = a.toks[k].Text
				}
			}
			if st.Limit == "" {
				st.Limit = "1" // FETCH FIRST ROW ONLY
			}
		case "FOR":
			st.ForUpdate = true
			for k := i; k < end; k++ {
				st.SkipLocked = st.SkipLocked || a.is(k, end, "SKIP", "LOCKED")
				st.NoWait = st.NoWait || a.is(k, end, "NOWAIT")
			}
		case "RETURNING":
			st.Returning = true
		}
		i = end
	}
}

var aggregates = map[string]bool{"count": true, "sum": true, "avg": true, "min": true, "max": true, "array_agg": true, "string_agg": true,
	"group_concat": true, "json_agg": true, "jsonb_agg": true, "bool_or": true, "bool_and": true, "percentile_cont": true, "stddev": true, "every": true}

// selected reads one selected column.
func (a *analyzer) selected(from, to int, sc *scope, depth int) {
	st := sc.st
	last := to - 1
	if a.toks[last].Op("*") && (last == from || a.toks[last-1].Op(".")) {
		st.SelectStar = true
		return
	}
	simple := true
	for i := from; i < to; i = a.skip(i) {
		t := &a.toks[i]
		if t.Op("(") {
			simple = false
			if a.isQuery(i+1, to) {
				f, e := a.inside(i, to)
				a.sub(f, e, "select", "", sc, depth)
			}
		}
		if t.Kind == sqltoken.Word && i+1 < to && a.toks[i+1].Op("(") && aggregates[strings.ToLower(t.Text)] {
			f, e := a.inside(i+1, to)
			if a.isWindow(a.skip(i+1), to) {
				continue
			}
			agg := Aggregate{Func: strings.ToLower(t.Text)}
			if a.is(f, e, "DISTINCT") {
				agg.Distinct = true
				f++
			}
			agg.Arg = a.text(f, e)
			st.Aggregates = append(st.Aggregates, agg)
		}
	}
	if simple {
		if op := a.operand(from, a.withoutAlias(from, to), sc, depth); op.column != "" && op.fn == "" {
			st.Columns = append(st.Columns, op.column)
		}
	}
}

func (a *analyzer) isWindow(i, to int) bool {
	if a.is(i, to, "FILTER") && i+1 < to {
		i = a.skip(i + 1)
	}
	return a.is(i, to, "OVER")
}

// withoutAlias is the end of an expression without "AS name" or a trailing name.
func (a *analyzer) withoutAlias(from, to int) int {
	for i := from; i < to; i = a.skip(i) {
		if a.is(i, to, "AS") {
			return i
		}
	}
	if to-from >= 2 && isName(&a.toks[to-1]) && (isName(&a.toks[to-2]) || a.toks[to-2].Op(")")) {
		return to - 1
	}
	return to
}

func isName(t *sqltoken.Token) bool {
	return t.Kind == sqltoken.Word || t.Kind == sqltoken.Quoted || t.Kind == sqltoken.Template
}

// from reads the tables of FROM with their joins.
func (a *analyzer) from(i, to int, sc *scope, depth int) {
	join := ""
	type condition struct {
		from, to int
		kind     string
		using    bool
	}
	var conditions []condition
	for i < to {
		t := &a.toks[i]
		switch {
		case t.Op(","):
			join = ""
			i++
		case a.isAny(i, to, "INNER", "LEFT", "RIGHT", "FULL", "CROSS"):
			join = strings.ToLower(t.Text)
			i++
		case a.isAny(i, to, "OUTER", "NATURAL", "LATERAL", "ONLY", "STRAIGHT_JOIN"):
			i++
		case a.is(i, to, "JOIN"):
			if join == "" {
				join = "inner"
			}
			i++
		case a.is(i, to, "ON"):
			end := i + 1
			for end < to && !a.startsTable(end, to) {
				end = a.skip(end)
			}
			conditions = append(conditions, condition{i + 1, min(end, to), join, false})
			join = ""
			i = end
		case a.is(i, to, "USING") && i+1 < to && a.toks[i+1].Op("("):
			f, e := a.inside(i+1, to)
			conditions = append(conditions, condition{f, e, join, true})
			join = ""
			i = a.skip(i + 1)
		case a.isAny(i, to, "USE", "FORCE", "IGNORE") && a.isAny(i+1, to, "INDEX", "KEY"):
			i += 2
			for i < to && !a.toks[i].Op("(") {
				i++
			}
			if i < to {
				i = a.skip(i)
			}
		case a.isAny(i, to, "TABLESAMPLE", "WITH", "FOR"):
			i++
		case t.Op("("):
			f, e := a.inside(i, to)
			if a.isQuery(f, e) {
				end := a.skip(i)
				alias, n := a.alias(end, to)
				sc.st.Tables = append(sc.st.Tables, TableRef{Alias: alias, Join: join})
				a.sub(f, e, "from", alias, sc, depth)
				i = n
			} else if depth < maxNesting {
				a.from(f, e, sc, depth+1) // FROM (a JOIN b ON ...)
				i = a.skip(i)
			} else {
				i = a.skip(i)
			}
		case isName(t) || t.Kind == sqltoken.String:
			i = a.table(i, to, join, sc)
		default:
			i++
		}
	}
	for _, c := range conditions {
		if c.using {
			a.using(c.from, c.to, c.kind, sc)
			continue
		}
		joinKind := c.kind
		if joinKind == "" {
			joinKind = "inner"
		}
		w := &where{sc: sc, join: joinKind}
		a.condition(c.from, c.to, w, depth)
	}
}

// startsTable says whether a join condition ends here.
func (a *analyzer) startsTable(i, to int) bool {
	t := &a.toks[i]
	if t.Op(",") || a.is(i, to, "JOIN") || a.isAny(i, to, "INNER", "CROSS", "NATURAL", "STRAIGHT_JOIN") {
		return true
	}
	return a.isAny(i, to, "LEFT", "RIGHT", "FULL") && (a.isAny(i+1, to, "JOIN", "OUTER"))
}

func (a *analyzer) using(from, to int, kind string, sc *scope) {
	n := len(sc.st.Tables)
	if n < 2 {
		return
	}
	a.list(from, to, func(f, t int) {
		c := a.toks[f].Value()
		sc.st.JoinOn = append(sc.st.JoinOn, Join{LeftTable: sc.st.Tables[n-2].Name, LeftColumn: c, RightTable: sc.st.Tables[n-1].Name, RightColumn: c, Kind: kind})
	})
}

// table reads a table's name and alias.
func (a *analyzer) table(i, to int, join string, sc *scope) int {
	ref := TableRef{Join: join}
	start := i
	var parts []string
	for i < to && (isName(&a.toks[i]) || a.toks[i].Kind == sqltoken.String && i == start) {
		if a.toks[i].Kind == sqltoken.Template {
			ref.Dynamic = true
		}
		parts = append(parts, a.toks[i].Value())
		i++
		for i < to && !a.toks[i].Spaced && isName(&a.toks[i]) { // prefix#{x}
			ref.Dynamic = ref.Dynamic || a.toks[i].Kind == sqltoken.Template
			parts[len(parts)-1] += a.toks[i].Value()
			i++
		}
		if i+1 < to && a.toks[i].Op(".") {
			i++
			continue
		}
		break
	}
	for len(parts) > 1 && (strings.EqualFold(parts[0], "public") || strings.EqualFold(parts[0], "dbo")) {
		parts = parts[1:]
	}
	ref.Name = strings.Join(parts, ".")
	if i < to && a.toks[i].Op("(") { // a set-returning function
		i = a.skip(i)
		ref.Name = ""
	}
	ref.Alias, i = a.alias(i, to)
	sc.st.Tables = append(sc.st.Tables, ref)
	return i
}

// alias reads [AS] name [(columns)].
func (a *analyzer) alias(i, to int) (string, int) {
	if a.is(i, to, "AS") {
		i++
	}
	if i >= to || !isName(&a.toks[i]) || a.isAny(i, to, "ON", "USING", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "OUTER", "WHERE", "SET", "USE",
		"FORCE", "IGNORE", "TABLESAMPLE", "FOR", "WITH", "LATERAL", "VALUES", "SELECT", "DEFAULT", "PARTITION", "STRAIGHT_JOIN", "RETURNING", "OUTPUT") {
		return "", i
	}
	name := a.toks[i].Value()
	i++
	if i < to && a.toks[i].Op("(") {
		i = a.skip(i)
	}
	return name, i
}

// orderKeys reads sort or group keys.
func (a *analyzer) orderKeys(from, to int, sc *scope, depth int) []OrderKey {
	var keys []OrderKey
	a.list(from, to, func(f, t int) {
		k := OrderKey{}
		for t > f {
			switch {
			case t-f >= 2 && a.is(t-2, t, "NULLS", "FIRST"):
				k.Nulls = "first"
				t -= 2
				continue
			case t-f >= 2 && a.is(t-2, t, "NULLS", "LAST"):
				k.Nulls = "last"
				t -= 2
				continue
			case a.is(t-1, t, "ASC"):
				t--
				continue
			case a.is(t-1, t, "DESC"):
				k.Desc = true
				t--
				continue
			}
			break
		}
		if f >= t {
			return
		}
		op := a.operand(f, t, sc, depth)
		if op.kind == Literal && op.column == "" {
			if n, err := strconv.Atoi(op.text); err == nil {
				k.Position = n
			}
		}
		if op.column != "" && op.fn == "" {
			k.Table, k.Column = op.table, op.column
		} else {
			k.Table, k.Expr = op.table, a.text(f, t)
		}
		keys = append(keys, k)
	})
	return keys
}

func (a *analyzer) insert(i, to int, sc *scope, depth int) {
	st := sc.st
	st.Kind = Insert
	for i < to && !a.is(i, to, "INTO") {
		if a.isAny(i, to, "VALUES", "SELECT") {
			break
		}
		i++
	}
	if a.is(i, to, "INTO") {
		i++
	}
	if i < to {
		i = a.tableOnly(i, to, sc)
	}
	if i < to && a.toks[i].Op("(") && !a.isQuery(i+1, to) {
		f, e := a.inside(i, to)
		a.list(f, e, func(f, t int) { st.Columns = append(st.Columns, a.toks[f].Value()) })
		i = a.skip(i)
	}
	for i < to {
		switch {
		case a.is(i, to, "VALUES"):
			for i++; i < to && (a.toks[i].Op("(") || a.toks[i].Op(",")); i = a.skip(i) {
				if a.toks[i].Op("(") {
					st.Rows++
				}
			}
			continue
		case a.is(i, to, "SELECT"), a.is(i, to, "WITH"), a.toks[i].Op("(") && a.isQuery(i+1, to):
			end := i
			for end < to && a.clause(end, to) != "CONFLICT" && a.clause(end, to) != "RETURNING" {
				end = a.skip(end)
			}
			a.sub(i, min(end, to), "source", "", sc, depth)
			i = end
			continue
		case a.clause(i, to) == "CONFLICT":
			st.OnConflict = true
		case a.is(i, to, "RETURNING"):
			st.Returning = true
		}
		i = a.skip(i)
	}
}

// tableOnly reads a table in front of a list of columns, which is no function call.
func (a *analyzer) tableOnly(i, to int, sc *scope) int {
	end := i
	for end < to && (isName(&a.toks[end]) && (end == i || a.toks[end-1].Op(".") || !a.toks[end].Spaced) || a.toks[end].Op(".")) {
		end++
	}
	if end == i {
		return i
	}
	a.table(i, end, "", sc)
	if a.is(end, to, "AS") && end+1 < to {
		sc.st.Tables[len(sc.st.Tables)-1].Alias = a.toks[end+1].Value()
		end += 2
	}
	return end
}

func (a *analyzer) update(i, to int, sc *scope, depth int) {
	st := sc.st
	st.Kind = Update
	for a.isAny(i, to, "ONLY", "LOW_PRIORITY", "IGNORE", "OR", "ROLLBACK", "ABORT", "REPLACE", "FAIL") {
		i++
	}
	set := i
	for set < to && !a.is(set, to, "SET") {
		set = a.skip(set)
	}
	a.from(i, min(set, to), sc, depth)
	if set >= to {
		return
	}
	end := a.next(set+1, to)
	if end < to && a.clause(end, to) == "FROM" {
		a.from(end+1, a.next(end+1, to), sc, depth)
	}
	a.list(set+1, end, func(f, t int) {
		for k := f; k < t; k = a.skip(k) {
			if a.toks[k].Op("=") && k > f {
				st.Columns = append(st.Columns, a.toks[k-1].Value())
				if k+1 < t && a.toks[k+1].Op("(") && a.isQuery(k+2, t) {
					from, e := a.inside(k+1, t)
					a.sub(from, e, "select", "", sc, depth)
				}
				break
			}
		}
	})
	a.tail(end, to, sc, depth)
}

func (a *analyzer) delete(i, to int, sc *scope, depth int) {
	st := sc.st
	st.Kind = Delete
	for i < to && !a.is(i, to, "FROM") {
		if a.clause(i, to) != "" {
			return
		}
		i++
	}
	i++
	end := a.next(i, to)
	// DELETE FROM a USING b
	using := i
	for using < end && !a.is(using, end, "USING") {
		using = a.skip(using)
	}
	a.from(i, min(using, end), sc, depth)
	if using < end {
		a.from(using+1, end, sc, depth)
	}
	a.tail(end, to, sc, depth)
}
