package sqlgen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

// scope is the query in which an expression is evaluated: a row for each combination of items of its dimensions and, unless
// the period is known, for each period. Expressions name its columns.
type scope struct {
	g      *generator
	dims   []model.DimID
	grain  calendar.Grain
	period int    // known, or -1
	within string // a condition on the periods t.p; "" for all
	hashes bool   // parts of hashes are wanted of the tables
	wraps  []func(relation string) string
	states []string // columns that wraps add for the expressions
	joins  []string
	reads  []string // columns of the joins
	lets   []string
}

func (s *scope) dialect() Dialect { return s.g.Dialect }

// timed says whether the scope has a column p.
func (s *scope) timed() bool { return s.grain != calendar.None && s.period < 0 }

// base is the relation of the items and periods, and its columns.
func (s *scope) base() (relation string, names []string) {
	var columns, from []string
	add := func(x, as string) { columns, names = append(columns, x+" AS "+as), append(names, as) }
	for _, d := range s.dims {
		a := "a" + item(d)
		add(a+".i", item(d))
		if s.hashes && s.g.hashed[d] {
			add(a+".k", "k"+item(d))
		}
		from = append(from, s.g.dimTable(d)+" AS "+a)
	}
	where := ""
	if s.timed() {
		add("t.p", "p")
		add("t.k", "kp")
		for part := range model.Parts {
			add("t."+partColumn(model.Part(part)), partColumn(model.Part(part)))
		}
		from = append(from, s.g.timeTable(s.grain)+" AS t")
		if s.within != "" {
			where = " WHERE " + s.within
		}
	}
	if columns == nil {
		return "(SELECT 0 AS one)", []string{"one"}
	}
	r := "(SELECT " + strings.Join(columns, ", ") + " FROM " + strings.Join(from, " CROSS JOIN ") + where + ")"
	for _, wrap := range s.wraps {
		r = wrap(r)
	}
	return r, append(names, s.states...)
}

// query selects columns of the scope after its expressions were written.
func (s *scope) query(columns []string, tail string) string {
	base, names := s.base()
	// The columns are named one by one: to ClickHouse those of c.* beside a join are called c.i0, and not i0.
	var reads []string
	for _, n := range names {
		reads = append(reads, "c."+n+" AS "+n)
	}
	r := "SELECT " + strings.Join(append(reads, s.reads...), ", ") + " FROM " + base + " AS c"
	if len(s.joins) > 0 {
		r += "\n  " + strings.Join(s.joins, "\n  ")
	}
	for _, let := range s.lets {
		r = "SELECT *, " + let + " FROM (" + r + ") AS l"
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM (" + r + ") AS q" + tail
}

// keys are the columns of the items, and of the period where it is one.
func (s *scope) keys() []string {
	var keys []string
	for _, d := range s.dims {
		keys = append(keys, item(d))
	}
	if s.timed() {
		keys = append(keys, "p")
	}
	return keys
}

// let gives an expression a name where it would be written twice.
func (s *scope) let(x string) string {
	if atomic(x) {
		return x
	}
	s.g.unique++
	column := fmt.Sprintf("l%d", s.g.unique)
	s.lets = append(s.lets, x+" AS "+column)
	return column
}

// condition writes an expression as a condition.
func (s *scope) condition(e model.Expr) (cond string, ok bool) {
	d := s.dialect()
	switch e := e.(type) {
	case *model.ItemIs:
		return fmt.Sprintf("%s = %d", item(e.Dim), e.Item), true
	case *model.Binary:
		if e.Op < model.Equal || e.Op > model.GreaterEqual {
			return "", false
		}
		a, b := s.expr(e.L), s.expr(e.R)
		op := map[model.BinaryOp]string{model.Equal: "=", model.NotEqual: "<>", model.Less: "<", model.LessEqual: "<=", model.Greater: ">", model.GreaterEqual: ">="}[e.Op]
		if d == ClickHouse {
			return "(" + a + " " + op + " " + b + ")", true
		}
		// To DuckDB NaN is equal to itself and above everything.
		switch e.Op {
		case model.Less, model.LessEqual:
			b = s.let(b)
			return fmt.Sprintf("(%s %s %s AND NOT %s)", a, op, b, d.isNaN(b)), true
		case model.NotEqual:
			a = s.let(a)
			return fmt.Sprintf("(%s <> %s OR %s)", a, b, d.isNaN(a)), true
		}
		a = s.let(a)
		return fmt.Sprintf("(%s %s %s AND NOT %s)", a, op, b, d.isNaN(a)), true
	}
	return "", false
}

// truth makes a number of a condition.
func (s *scope) truth(cond string) string {
	return "CASE WHEN " + cond + " THEN " + s.dialect().number(1) + " ELSE " + s.dialect().number(0) + " END"
}

// expr writes an expression.
func (s *scope) expr(e model.Expr) string {
	d := s.dialect()
	nan := d.number(notANumber)
	if cond, ok := s.condition(e); ok {
		return s.truth(cond)
	}
	switch e := e.(type) {
	case *model.Const:
		return d.number(e.Value)
	case *model.VarRef:
		return s.reference(e)
	case *model.Unary:
		if e.Op == model.Negate {
			return "(-" + s.expr(e.X) + ")"
		}
		x := s.let(s.expr(e.X))
		return fmt.Sprintf("CASE WHEN %s THEN %s WHEN %s = 0 THEN %s ELSE %s END", d.isNaN(x), nan, x, d.number(1), d.number(0))
	case *model.Binary:
		return s.binary(e)
	case *model.If:
		if cond, ok := s.condition(e.Cond); ok {
			return "CASE WHEN " + cond + " THEN " + s.expr(e.Then) + " ELSE " + s.expr(e.Else) + " END"
		}
		c := s.let(s.expr(e.Cond))
		return fmt.Sprintf("CASE WHEN %s THEN %s WHEN %s <> 0 THEN %s ELSE %s END", d.isNaN(c), nan, c, s.expr(e.Then), s.expr(e.Else))
	case *model.Call:
		var args []string
		for _, a := range e.Args {
			args = append(args, s.expr(a))
		}
		return s.call(e, args)
	case *model.Fold:
		return s.fold(e)
	case *model.ItemNumber:
		return d.asFloat(item(e.Dim) + " + 1")
	case *model.TimePart:
		if e.Part == model.PartPeriods || s.period >= 0 {
			return d.number(e.Part.Of(s.g.m.Time, e.Grain, max(s.period, 0)))
		}
		return partColumn(e.Part)
	case *model.Hash:
		return s.hash(e)
	}
	s.g.refuse("", "an expression of type %T is not written as SQL", e)
	return ""
}

func (s *scope) binary(e *model.Binary) string {
	d := s.dialect()
	a, b := s.expr(e.L), s.expr(e.R)
	switch e.Op {
	case model.Add:
		return "(" + a + " + " + b + ")"
	case model.Sub:
		return "(" + a + " - " + b + ")"
	case model.Mul:
		return "(" + a + " * " + b + ")"
	case model.Div:
		return "(" + a + " / " + b + ")"
	case model.Pow:
		return "pow(" + a + ", " + b + ")"
	}
	a, b = s.let(a), s.let(b)
	word := "AND"
	if e.Op == model.Or {
		word = "OR"
	}
	return fmt.Sprintf("CASE WHEN %s OR %s THEN %s WHEN %s <> 0 %s %s <> 0 THEN %s ELSE %s END", d.isNaN(a), d.isNaN(b), d.number(notANumber), a, word, b, d.number(1), d.number(0))
}

// constant is the value of a number with or without a sign.
func constant(e model.Expr) (float64, bool) {
	switch e := e.(type) {
	case *model.Const:
		return e.Value, true
	case *model.Unary:
		x, ok := constant(e.X)
		return -x, ok && e.Op == model.Negate
	}
	return 0, false
}

// call writes a function. No function may fail where it has no value, as some of DuckDB do.
func (s *scope) call(e *model.Call, args []string) string {
	d := s.dialect()
	nan, zero := d.number(notANumber), d.number(0)
	switch e.Func {
	case model.FuncMin, model.FuncMax:
		if len(args) == 1 {
			return args[0]
		}
		word := "least"
		if e.Func == model.FuncMax {
			word = "greatest"
		}
		var tests []string
		for i := range args {
			args[i] = s.let(args[i])
			tests = append(tests, d.isNaN(args[i]))
		}
		return "CASE WHEN " + strings.Join(tests, " OR ") + " THEN " + nan + " ELSE " + word + "(" + strings.Join(args, ", ") + ") END"
	case model.FuncAbs:
		return "abs(" + args[0] + ")"
	case model.FuncRound:
		if len(args) == 1 {
			return s.round(args[0])
		}
		k, ok := constant(e.Args[1])
		if !ok || k < -15 || k > 15 || k != float64(int(k)) {
			s.g.refuse("write a number from -15 to 15", "the digits of round are computed")
		}
		scale := d.number(pow10(int(max(k, -k))))
		if k < 0 {
			return "(" + s.round("("+args[0]+" / "+scale+")") + " * " + scale + ")"
		}
		return "(" + s.round("("+args[0]+" * "+scale+")") + " / " + scale + ")"
	case model.FuncFloor:
		return "floor(" + args[0] + ")"
	case model.FuncCeil:
		return "ceil(" + args[0] + ")"
	case model.FuncExp:
		return "exp(" + args[0] + ")"
	case model.FuncSqrt:
		x := s.let(args[0])
		return fmt.Sprintf("CASE WHEN %s < 0 THEN %s ELSE sqrt(abs(%s)) END", x, nan, x)
	case model.FuncLog:
		if len(args) == 1 {
			return s.log(args[0])
		}
		return "(" + s.log(args[0]) + " / " + s.log(args[1]) + ")"
	case model.FuncPow:
		return "pow(" + args[0] + ", " + args[1] + ")"
	case model.FuncMod:
		x, y := s.let(args[0]), s.let(args[1])
		return fmt.Sprintf("CASE WHEN %s = 0 THEN %s ELSE (%s - %s * floor(%s / %s)) END", y, nan, x, y, x, y)
	}
	x := s.let(args[0])
	return fmt.Sprintf("CASE WHEN %s THEN %s WHEN %s > 0 THEN %s WHEN %s < 0 THEN %s ELSE %s END", d.isNaN(x), nan, x, d.number(1), x, d.number(-1), zero)
}

// round rounds halves away from zero.
func (s *scope) round(x string) string {
	if s.dialect() == DuckDB {
		return "round(" + x + ")"
	}
	x = s.let(x)
	return fmt.Sprintf("(trunc(%s) + sign(%s) * if(abs(%s - trunc(%s)) >= 0.5, 1., 0.))", x, x, x, x)
}

func (s *scope) log(x string) string {
	d := s.dialect()
	x = s.let(x)
	return fmt.Sprintf("CASE WHEN %s > 0 THEN %s WHEN %s = 0 THEN %s ELSE %s END", x, d.pick("ln(", "log(")+x+")", x, d.number(-infinity), d.number(notANumber))
}

// free finds the dimensions of the context that an expression depends on, and whether it depends on the period.
func free(g *generator, e model.Expr) (dims []model.DimID, timed bool) {
	add := func(d model.DimID) {
		if !slices.Contains(dims, d) {
			dims = append(dims, d)
		}
	}
	var visit func(e model.Expr)
	visit = func(e model.Expr) {
		switch e := e.(type) {
		case *model.VarRef:
			v := g.m.Vars[e.Var]
			for i, r := range e.Dims {
				switch r.Kind {
				case model.Same:
					add(v.Dims[i])
				case model.Group:
					add(g.m.Maps[r.Map].To)
				case model.Lookup:
					add(g.m.Maps[r.Map].From)
				}
			}
			timed = timed || e.Time.Kind == model.Shifted || e.Time.Kind == model.Window && (e.Time.From.Kind == model.FromNow || e.Time.To.Kind == model.FromNow)
		case *model.Unary:
			visit(e.X)
		case *model.Binary:
			visit(e.L)
			visit(e.R)
		case *model.If:
			visit(e.Cond)
			visit(e.Then)
			visit(e.Else)
		case *model.Call:
			for _, a := range e.Args {
				visit(a)
			}
		case *model.Fold:
			inner, moves := free(g, e.X)
			for _, d := range inner {
				if !slices.Contains(e.Over, d) {
					add(d)
				}
			}
			if e.Time {
				moves = e.From.Kind == model.FromNow || e.To.Kind == model.FromNow
			}
			timed = timed || moves
		case *model.ItemIs:
			add(e.Dim)
		case *model.ItemNumber:
			add(e.Dim)
		case *model.TimePart:
			timed = timed || e.Part != model.PartPeriods
		case *model.Hash:
			for _, d := range e.Dims {
				add(d)
			}
			timed = timed || e.OverTime
		}
	}
	visit(e)
	return dims, timed
}
