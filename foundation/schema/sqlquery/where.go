package sqlquery

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// where is where a condition stands.
type where struct {
	sc   *scope
	or   bool
	not  bool
	join string // the kind of join when it stands in ON
}

func (a *analyzer) where(from, to int, sc *scope, depth int) {
	a.condition(from, to, &where{sc: sc}, depth)
}

// condition reads a condition: OR, then AND, then single predicates.
func (a *analyzer) condition(from, to int, w *where, depth int) {
	if depth > maxNesting || from >= to {
		return
	}
	branches := a.cut(from, to, "OR")
	if len(branches) > 1 {
		inner := *w
		inner.or = true
		st := w.sc.st
		var seen []map[string]bool
		for _, b := range branches {
			before := len(st.Filters)
			a.conjunction(b[0], b[1], &inner, depth)
			columns := map[string]bool{}
			for _, f := range st.Filters[before:] {
				if f.Column != "" {
					columns[strings.ToLower(f.Table+"."+f.Column)] = true
				}
			}
			if len(columns) > 0 {
				seen = append(seen, columns)
			}
		}
		st.OrAcrossColumns = st.OrAcrossColumns || disjoint(seen)
		return
	}
	a.conjunction(from, to, w, depth)
}

// disjoint says whether two branches filter by wholly different columns.
func disjoint(branches []map[string]bool) bool {
	const compared = 16 // a chain of thousands of branches says what its first ones say
	if len(branches) > compared {
		branches = branches[:compared]
	}
	for i := range branches {
		for j := i + 1; j < len(branches); j++ {
			shared := false
			for c := range branches[i] {
				shared = shared || branches[j][c]
			}
			if !shared {
				return true
			}
		}
	}
	return false
}

func (a *analyzer) conjunction(from, to int, w *where, depth int) {
	for _, part := range a.cut(from, to, "AND") {
		a.predicate(part[0], part[1], w, depth)
	}
}

// cut splits a range at a keyword outside parentheses and CASE; the AND of BETWEEN does not split.
func (a *analyzer) cut(from, to int, keyword string) [][2]int {
	var parts [][2]int
	start, cases, between := from, 0, false
	for i := from; i < to; i = a.skip(i) {
		switch {
		case a.is(i, to, "CASE"):
			cases++
		case a.is(i, to, "END"):
			cases = max(0, cases-1)
		case cases > 0:
		case a.is(i, to, "BETWEEN"):
			between = true
		case a.is(i, to, keyword), keyword == "AND" && a.toks[i].Op("&&") && a.boolean(i, to), keyword == "OR" && a.toks[i].Op("||") && a.boolean(i, to):
			if between && keyword == "AND" {
				between = false
				continue
			}
			if i > start {
				parts = append(parts, [2]int{start, i})
			}
			start = i + 1
		}
	}
	if start < to {
		parts = append(parts, [2]int{start, to})
	}
	return parts
}

// boolean tells MySQL's && and || from PostgreSQL's overlap and concatenation: a comparison stands on
// both sides.
func (a *analyzer) boolean(i, to int) bool {
	near := func(from, end int) bool {
		for k := max(from, 0); k < min(end, to); k++ {
			if a.toks[k].Op("=") || a.toks[k].Op("<") || a.toks[k].Op(">") || a.toks[k].Is("IS") {
				return true
			}
		}
		return false
	}
	return near(i-3, i) && near(i+1, i+5)
}

var comparisons = map[string]Op{"=": Eq, "==": Eq, "<=>": Eq, "<>": Ne, "!=": Ne, "<": Range, ">": Range, "<=": Range, ">=": Range,
	"~": Regex, "~*": Regex, "!~": Regex, "!~*": Regex, "~~": Like, "~~*": Like, "!~~": Like, "@>": Contains, "<@": Contains, "&&": Contains,
	"?|": Contains, "?&": Contains, "@@": Match}

// predicate reads one condition without AND and OR at its level.
func (a *analyzer) predicate(from, to int, w *where, depth int) {
	for a.is(from, to, "NOT") {
		flipped := *w
		flipped.not = !w.not
		w = &flipped
		from++
	}
	if from >= to || depth > maxNesting {
		return
	}
	if a.toks[from].Op("(") && a.skip(from) >= to {
		f, t := a.inside(from, to)
		if a.isQuery(f, t) {
			a.sub(f, t, "filter", "", w.sc, depth)
			return
		}
		a.condition(f, t, w, depth+1)
		return
	}
	if a.is(from, to, "EXISTS") && from+1 < to {
		f, t := a.inside(from+1, to)
		a.sub(f, t, "filter", "", w.sc, depth)
		w.sc.st.Filters = append(w.sc.st.Filters, Filter{Op: Exists, Value: Subquery, Not: w.not, Or: w.or})
		return
	}
	if a.is(from, to, "MATCH") && from+1 < to && a.toks[from+1].Op("(") { // MySQL: MATCH (a, b) AGAINST (?)
		f, t := a.inside(from+1, to)
		a.list(f, t, func(f, t int) {
			op := a.operand(f, t, w.sc, depth)
			w.sc.st.Filters = append(w.sc.st.Filters, Filter{Table: op.table, Column: op.column, Op: Match, Value: Parameter, Not: w.not, Or: w.or})
		})
		return
	}
	for i := from; i < to; i = a.skip(i) {
		t := &a.toks[i]
		if t.Kind == sqltoken.Punct {
			if op, ok := comparisons[t.Text]; ok && i > from {
				a.compare(from, i, i+1, to, op, t.Text, w, depth)
				return
			}
			continue
		}
		if t.Kind != sqltoken.Word || i == from {
			continue
		}
		not := i > from && a.toks[i-1].Is("NOT")
		left := i
		if not {
			left--
		}
		inner := *w
		if not {
			inner.not = !w.not
		}
		switch {
		case a.isAny(i, to, "LIKE", "ILIKE", "RLIKE", "REGEXP", "GLOB"):
			op := Like
			if a.isAny(i, to, "RLIKE", "REGEXP") {
				op = Regex
			}
			a.compare(from, left, i+1, to, op, strings.ToLower(t.Text), &inner, depth)
			return
		case a.is(i, to, "SIMILAR", "TO"):
			a.compare(from, left, i+2, to, Regex, "similar", &inner, depth)
			return
		case a.is(i, to, "IN"):
			a.in(from, left, i+1, to, &inner, depth)
			return
		case a.is(i, to, "BETWEEN"):
			// The upper bound says nothing more than the lower one does.
			upper := i + 1
			for upper < to && !a.is(upper, to, "AND") {
				upper = a.skip(upper)
			}
			a.compare(from, left, i+1, upper, Range, "between", &inner, depth)
			return
		case a.is(i, to, "IS"):
			a.isPredicate(from, i, to, w, depth)
			return
		}
	}
	// A condition without an operator: a boolean column, a function, or a template's text.
	op := a.operand(from, to, w.sc, depth)
	if op.column != "" {
		w.sc.st.Filters = append(w.sc.st.Filters, Filter{Table: op.table, Column: op.column, Func: op.fn, Expr: op.expr, Op: Truth, Value: Literal, Not: w.not, Or: w.or})
	}
}

func (a *analyzer) isPredicate(from, is, to int, w *where, depth int) {
	i := is + 1
	not := a.is(i, to, "NOT")
	if not {
		i++
	}
	left := a.operand(from, is, w.sc, depth)
	f := Filter{Table: left.table, Column: left.column, Func: left.fn, Expr: left.expr, Value: Literal, Or: w.or}
	switch {
	case a.is(i, to, "NULL"), a.is(i, to, "UNKNOWN"):
		f.Op = IsNull
		if not != w.not {
			f.Op = NotNull
		}
	case a.isAny(i, to, "TRUE", "FALSE"):
		f.Op, f.Text, f.Not = Eq, strings.ToLower(a.toks[i].Text), not != w.not
	case a.is(i, to, "DISTINCT", "FROM"):
		op := Ne
		if not != w.not {
			op = Eq
		}
		a.compare(from, is, i+2, to, op, "is", w, depth)
		return
	default:
		return
	}
	if f.Column != "" {
		w.sc.st.Filters = append(w.sc.st.Filters, f)
	}
}

// compare reads left OP right.
func (a *analyzer) compare(lf, lt, rf, rt int, op Op, text string, w *where, depth int) {
	st := w.sc.st
	// A row of columns: (a, b) > (?, ?).
	if lf < lt && a.toks[lf].Op("(") && a.skip(lf) >= lt && !a.isQuery(lf+1, lt) {
		f, t := a.inside(lf, lt)
		n := 0
		a.list(f, t, func(int, int) { n++ })
		if n > 1 {
			a.list(f, t, func(f, t int) {
				if c := a.operand(f, t, w.sc, depth); c.column != "" {
					st.Filters = append(st.Filters, Filter{Table: c.table, Column: c.column, Func: c.fn, Expr: c.expr, Op: op, Value: Parameter, Not: w.not, Or: w.or})
				}
			})
			return
		}
	}
	// = ANY (...) is IN.
	if op == Eq && a.isAny(rf, rt, "ANY", "SOME", "ALL") && rf+1 < rt && a.toks[rf+1].Op("(") {
		f, t := a.inside(rf+1, rt)
		left := a.operand(lf, lt, w.sc, depth)
		filter := left.filter(In, w)
		if a.isQuery(f, t) {
			filter.Value = Subquery
			a.sub(f, t, "filter", "", w.sc, depth)
		} else {
			right := a.operand(f, t, w.sc, depth)
			filter.Value, filter.Text = right.kind, right.text
			if right.column != "" && left.column == "" { // ? = ANY(tags): an array column
				filter = right.filter(Contains, w)
				filter.Value = left.kind
			}
		}
		if filter.Column != "" {
			st.Filters = append(st.Filters, filter)
		}
		return
	}
	left, right := a.operand(lf, lt, w.sc, depth), a.operand(rf, rt, w.sc, depth)
	if rt-rf == 1 && a.toks[rf].Kind == sqltoken.Quoted && a.toks[rf].Text[0] == '"' {
		// name = "x": a string in MySQL and SQLite. A quoted column there is nearly always qualified.
		right = operand{kind: Literal, text: a.toks[rf].Value()}
	}
	if left.column == "" && right.column != "" {
		left, right = right, left
	}
	if left.column == "" {
		return
	}
	if op == Eq && right.kind == ColumnRef && right.column != "" && (left.table != right.table || w.join != "" && left.qualifier != right.qualifier) {
		kind := w.join
		if kind == "" {
			kind = "where"
		}
		fn := left.fn
		if fn == "" {
			fn = right.fn
		}
		st.JoinOn = append(st.JoinOn, Join{LeftTable: left.table, LeftColumn: left.column, RightTable: right.table, RightColumn: right.column, Kind: kind, Func: fn})
		return
	}
	f := left.filter(op, w)
	f.Value, f.Text = right.kind, right.text
	switch text {
	case "ilike", "~*", "!~*", "~~*":
		f.Insensitive = true
	}
	if strings.HasPrefix(text, "!") && text != "!=" {
		f.Not = !f.Not
	}
	if op == Like {
		f.LeadingWildcard = leadingWildcard(right.text, right.kind)
		if !f.LeadingWildcard { // LIKE '%' || ? || '%', CONCAT('%', ?)
			for i := rf; i < rt; i++ {
				if a.toks[i].Kind == sqltoken.String {
					f.LeadingWildcard = leadingWildcard(a.toks[i].Value(), Literal)
					break
				}
				if a.toks[i].Kind == sqltoken.Param {
					break
				}
			}
		}
	}
	st.Filters = append(st.Filters, f)
}

// leadingWildcard looks at a pattern. In a format string %% is the wildcard and %s a value.
func leadingWildcard(pattern string, kind Value) bool {
	if kind != Literal || pattern == "" || pattern[0] != '%' && pattern[0] != '_' && pattern[0] != '*' {
		return false
	}
	if len(pattern) == 1 {
		return true
	}
	switch pattern[1] {
	case '(':
		return false // %(name)s
	case 's', 'd', 'v', 'q':
		if len(pattern) == 2 || !sqltoken.IsWordStart(pattern[2]) {
			return false
		}
	}
	return true
}

// in reads left [NOT] IN right.
func (a *analyzer) in(lf, lt, rf, rt int, w *where, depth int) {
	st := w.sc.st
	var f Filter
	value, text, count := Parameter, "", 0
	if rf < rt && a.toks[rf].Op("(") {
		from, to := a.inside(rf, rt)
		if a.isQuery(from, to) {
			value = Subquery
			a.sub(from, to, "filter", "", w.sc, depth)
			if w.not {
				st.NotInSubquery = true
			}
		} else {
			literal := false
			a.list(from, to, func(from, to int) {
				count++
				k := a.toks[from].Kind
				literal = literal || k == sqltoken.String || k == sqltoken.Number
			})
			text = a.text(from, min(to, from+32))
			if literal {
				value = Literal
			} else if count == 1 {
				count = 0 // one parameter or template stands for the whole list
			}
		}
	}
	add := func(from, to int) {
		left := a.operand(from, to, w.sc, depth)
		if left.column == "" {
			return
		}
		f = left.filter(In, w)
		f.Value, f.Text, f.List = value, text, count
		st.Filters = append(st.Filters, f)
	}
	if lf < lt && a.toks[lf].Op("(") && a.skip(lf) >= lt {
		from, to := a.inside(lf, lt)
		a.list(from, to, add)
		return
	}
	add(lf, lt)
}

// operand is one side of a comparison.
type operand struct {
	table, column string
	qualifier     string // as written
	fn, expr      string
	kind          Value
	text          string
}

func (o *operand) filter(op Op, w *where) Filter {
	return Filter{Table: o.table, Column: o.column, Func: o.fn, Expr: o.expr, Op: op, Not: w.not, Or: w.or}
}

// words that are values, not columns.
var valueWords = map[string]bool{"null": true, "true": true, "false": true, "current_timestamp": true, "current_date": true, "current_time": true,
	"localtimestamp": true, "localtime": true, "current_user": true, "session_user": true, "sysdate": true, "default": true, "interval": true, "date": true,
	"timestamp": true, "array": true, "row": true, "case": true, "distinct": true, "all": true, "select": true, "not": true, "binary": true}

// operand reads an expression for the column in it.
func (a *analyzer) operand(from, to int, sc *scope, depth int) operand {
	for from < to && a.toks[from].Op("(") && a.skip(from) >= to {
		f, t := a.inside(from, to)
		if a.isQuery(f, t) {
			a.sub(f, t, "filter", "", sc, depth)
			return operand{kind: Subquery}
		}
		from, to = f, t
	}
	if a.is(from, to, "BINARY") && from+1 < to {
		from++
	}
	if from >= to {
		return operand{kind: Expression}
	}
	first := &a.toks[from]
	if to-from == 1 {
		switch first.Kind {
		case sqltoken.Param:
			return operand{kind: Parameter, text: first.Text}
		case sqltoken.String, sqltoken.Number:
			return operand{kind: Literal, text: first.Value()}
		case sqltoken.Template:
			return operand{kind: Parameter, text: first.Text}
		}
		if a.isAny(from, to, "TRUE", "FALSE", "NULL") {
			return operand{kind: Literal, text: strings.ToLower(first.Text)}
		}
	}
	name, qualifier, end := a.columnName(from, to)
	if name != "" && end < to && a.toks[end].Op("(") {
		return a.call(from, end, to, strings.ToLower(name), sc, depth)
	}
	if name != "" {
		o := operand{table: sc.resolve(qualifier), column: name, qualifier: qualifier, kind: ColumnRef, text: a.text(from, end)}
		a.suffix(&o, from, end, to)
		return o
	}
	// An expression: the first column in it, with the operator behind it as the function.
	o := operand{kind: Expression, text: a.text(from, min(to, from+32))}
	literal := first.Kind == sqltoken.String || first.Kind == sqltoken.Number || first.Kind == sqltoken.Param
	if literal && from+1 < to && a.toks[from+1].Op("::") {
		o.kind, o.text = Literal, first.Value()
		if first.Kind == sqltoken.Param {
			o.kind = Parameter
		}
		return o
	}
	if (a.isAny(from, to, "INTERVAL", "DATE", "TIMESTAMP")) && from+1 < to && a.toks[from+1].Kind == sqltoken.String {
		o.kind, o.text = Literal, a.toks[from+1].Value()
		return o
	}
	if first.Op("-") && to-from == 2 && a.toks[from+1].Kind == sqltoken.Number {
		o.kind, o.text = Literal, a.text(from, to)
		return o
	}
	a.firstColumn(&o, from, to, sc, depth)
	if o.column != "" {
		o.kind, o.expr = ColumnRef, a.text(from, to)
		if o.fn == "" {
			o.fn = "expression"
		}
	} else if onlyValues(a, from, to) {
		o.kind = Parameter
	}
	return o
}

// columnName reads a qualified name. It is empty when none begins here.
func (a *analyzer) columnName(from, to int) (name, qualifier string, end int) {
	i := from
	var parts []string
	for i < to && isName(&a.toks[i]) {
		t := &a.toks[i]
		if t.Kind == sqltoken.Word && len(parts) == 0 && valueWords[strings.ToLower(t.Text)] && !(i+1 < to && a.toks[i+1].Op("(")) {
			return "", "", from
		}
		parts = append(parts, t.Value())
		i++
		if i+1 < to && a.toks[i].Op(".") && (isName(&a.toks[i+1]) || a.toks[i+1].Op("*")) {
			i++
			continue
		}
		break
	}
	if len(parts) == 0 || a.toks[from].Kind == sqltoken.Template && len(parts) == 1 {
		return "", "", from
	}
	if len(parts) > 1 {
		qualifier = parts[len(parts)-2]
	}
	return parts[len(parts)-1], qualifier, i
}

// suffix reads what follows a column: casts, JSON paths, arithmetic.
func (a *analyzer) suffix(o *operand, from, i, to int) {
	if i >= to {
		return
	}
	switch t := &a.toks[i]; {
	case t.Op("::"):
		o.fn = "cast"
	case t.Is("COLLATE"):
		return
	case t.Is("AT"):
		o.fn = "at time zone"
	case t.Kind == sqltoken.Punct && !t.Op(",") && !t.Op(")"):
		o.fn = t.Text
	default:
		return
	}
	o.expr = a.text(from, to)
}

// call reads f(...): the first column among its arguments.
func (a *analyzer) call(from, open, to int, name string, sc *scope, depth int) operand {
	f, t := a.inside(open, to)
	o := operand{kind: Expression, text: a.text(from, min(to, from+32))}
	switch name {
	case "any", "all", "some", "array", "values":
		a.firstColumn(&o, f, t, sc, depth)
	case "now", "current_timestamp", "random", "rand", "uuid", "gen_random_uuid":
		return o
	default:
		a.firstColumn(&o, f, t, sc, depth)
	}
	if o.column != "" {
		o.kind, o.fn, o.expr = ColumnRef, name, a.text(from, to)
	} else if onlyValues(a, f, t) {
		o.kind = Parameter
	}
	return o
}

// onlyValues says whether an expression without a column holds a value given at run time.
func onlyValues(a *analyzer, from, to int) bool {
	for i := from; i < to; i++ {
		if a.toks[i].Kind == sqltoken.Param || a.toks[i].Kind == sqltoken.Template {
			return true
		}
	}
	return false
}

// firstColumn finds the first column in an expression.
func (a *analyzer) firstColumn(o *operand, from, to int, sc *scope, depth int) {
	if depth > maxNesting {
		return
	}
	for i := from; i < to; {
		t := &a.toks[i]
		switch {
		case t.Op("("):
			f, e := a.inside(i, to)
			if a.isQuery(f, e) {
				a.sub(f, e, "filter", "", sc, depth)
			} else {
				a.firstColumn(o, f, e, sc, depth+1)
			}
			i = a.skip(i)
		case isName(t) && !notColumn(a, i, from, to):
			name, qualifier, end := a.columnName(i, to)
			if name == "" {
				i++
				continue
			}
			if end < to && a.toks[end].Op("(") {
				i = end // a call: look into its parenthesis
				continue
			}
			o.table, o.column, o.qualifier = sc.resolve(qualifier), name, qualifier
			if i == from && end < to {
				a.suffix(o, from, end, to)
			}
			return
		default:
			i++
		}
		if o.column != "" {
			return
		}
	}
}

// notColumn knows words inside expressions that name no column.
func notColumn(a *analyzer, i, from, to int) bool {
	if i > from && (a.toks[i-1].Op("::") || a.toks[i-1].Is("AS") || a.toks[i-1].Is("INTERVAL") || a.toks[i-1].Is("COLLATE")) {
		return true
	}
	return a.isAny(i, to, "CASE", "WHEN", "THEN", "ELSE", "END", "AND", "OR", "NOT", "IS", "IN", "LIKE", "FROM", "AS", "FOR", "BOTH", "LEADING", "TRAILING",
		"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "EPOCH", "DOW", "WEEK", "AT", "TIME", "ZONE", "BETWEEN", "DISTINCT") && !(i > from && a.toks[i-1].Op("."))
}
