package model

import (
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
	"github.com/napkin-infra/napkin/engine/calc/model/random"
)

// lowering resolves one formula.
type lowering struct {
	*checker
	v *variable
	// dims and grain are the context: those of the variable, extended within folds.
	dims  []DimID
	grain calendar.Grain
	laws  int // distributions seen so far, for their keys
}

// define resolves the formula of a variable.
func (c *checker) define(v *variable) {
	if v.decl == nil || v.decl.Formula == nil {
		return
	}
	l := &lowering{checker: c, v: v, dims: v.Dims, grain: v.Grain}
	v.Expr = l.node(v.decl.Formula)
}

// fail notes an error in the formula and returns an expression in its place.
func (l *lowering) fail(at lang.Span, format string, args ...any) *fault {
	return l.failIn(l.v.source, at, format, args...)
}

var binaryOps = map[string]BinaryOp{
	"+": Add, "-": Sub, "*": Mul, "/": Div, "^": Pow, "=": Equal, "!=": NotEqual, "<": Less, "<=": LessEqual, ">": Greater, ">=": GreaterEqual, "and": And, "or": Or,
}

// node resolves a node. After an error it returns a constant.
func (l *lowering) node(n *lang.Node) Expr {
	switch n.Kind {
	case lang.Number:
		return &Const{n.Value}
	case lang.Reference:
		return l.reference(n, nil)
	case lang.Negate:
		return &Unary{Negate, l.node(n.Args[0])}
	case lang.Not:
		return &Unary{Not, l.node(n.Args[0])}
	case lang.Binary:
		if e := l.itemTest(n); e != nil {
			return e
		}
		return &Binary{binaryOps[n.Op], l.node(n.Args[0]), l.node(n.Args[1])}
	case lang.Call:
		return l.call(n)
	case lang.Fold:
		return l.fold(n)
	case lang.DateTest:
		return l.dateTest(n)
	}
	l.fail(n.Span, "a text stands only beside a dimension").with(`as in if(Region = "North America", 1, 0)`)
	return &Const{}
}

// itemTest resolves `Product = Basic`, and returns nil where the left side is no dimension.
func (l *lowering) itemTest(n *lang.Node) Expr {
	left, right := n.Args[0], n.Args[1]
	if left.Kind != lang.Reference || len(left.Mods) > 0 || l.named(l.v, left.Name) != nil {
		return nil
	}
	d := l.m.Dim(left.Name)
	if d == nil {
		return nil
	}
	if n.Op != "=" && n.Op != "!=" {
		l.fail(n.At, "%s is a dimension, and items are only the same or not", d.Name).with("position(" + d.Name + ") numbers the items from 1")
		return &Const{}
	}
	name := right.Name
	if right.Kind == lang.Number {
		name = right.Text
	} else if right.Kind != lang.Reference && right.Kind != lang.Quoted || len(right.Mods) > 0 {
		l.fail(right.Span, "an item of %s is expected here", d.Name)
		return &Const{}
	}
	item, ok := l.item(l.v.source, d, lang.Ident{Name: name, Span: right.Span})
	if !ok || !l.varies(d, left.Span) {
		return &Const{}
	}
	var e Expr = &ItemIs{d.ID, item}
	if n.Op == "!=" {
		e = &Unary{Not, e}
	}
	return e
}

// inTime demands that the context has a period.
func (l *lowering) inTime(at lang.Span) bool {
	if l.grain == calendar.None {
		l.fail(at, "%s does not vary with time, so there is no period here", l.v.Name).with("give it a grain in brackets: " + l.v.Name + "[month]")
		return false
	}
	return true
}

// dateTest resolves a comparison of the period with a date: of the period's first day with the days that the date covers.
func (l *lowering) dateTest(n *lang.Node) Expr {
	if !l.inTime(n.Span) {
		return &Const{}
	}
	from, to, err := l.m.Time.DaysOf(n.Date)
	if err != nil {
		l.fail(n.Span, "%s", err)
		return &Const{}
	}
	day := func(op BinaryOp, than int) Expr {
		return &Binary{op, &TimePart{PartDayNumber, l.grain}, &Const{float64(than)}}
	}
	switch n.Op {
	case "<":
		return day(Less, from)
	case "<=":
		return day(Less, to)
	case ">":
		return day(GreaterEqual, to)
	case ">=":
		return day(GreaterEqual, from)
	case "!=":
		return &Binary{Or, day(Less, from), day(GreaterEqual, to)}
	}
	return &Binary{And, day(GreaterEqual, from), day(Less, to)}
}

// varies demands that the context has an item of a dimension.
func (l *lowering) varies(d *Dim, at lang.Span) bool {
	if slices.Contains(l.dims, d.ID) {
		return true
	}
	l.fail(at, "%s does not vary over %s, so there is no item of it here", l.v.Name, d.Name).with(l.v.Name + " varies over " + l.over(l.dims))
	return false
}

// over lists dimensions in words.
func (c *checker) over(dims []DimID) string {
	if len(dims) == 0 {
		return "no dimension"
	}
	names := make([]string, len(dims))
	for i, d := range dims {
		names[i] = c.m.Dims[d].Name
	}
	return sentence(names)
}

func partOf(name string) (Part, bool) {
	for p, info := range Parts {
		if info.Name == name {
			return Part(p), true
		}
	}
	return 0, false
}

func funcOf(name string) (Func, bool) {
	for f, info := range Funcs {
		if info.Name == name {
			return Func(f), true
		}
	}
	return 0, false
}

// aggOf finds an aggregation that is called as a function.
func aggOf(name string) (Agg, bool) {
	for a := Sum; a <= Count; a++ {
		if aggNames[a] == name {
			return a, true
		}
	}
	return 0, false
}

// FunctionNames lists the functions of the language.
func FunctionNames() []string {
	list := []string{"if", "cumulative", "hash", "position", "normal", "lognormal", "triangular", "uniform", "poisson", "bernoulli"}
	for _, f := range Funcs {
		list = append(list, f.Name)
	}
	for _, p := range Parts {
		list = append(list, p.Name)
	}
	for a := Sum; a <= Count; a++ {
		if !slices.Contains(list, aggNames[a]) {
			list = append(list, aggNames[a])
		}
	}
	return list
}

func isFunction(name string) bool { return slices.Contains(FunctionNames(), name) }

// count refuses a wrong number of arguments.
func (l *lowering) count(n *lang.Node, least, most int, usage string) bool {
	if got := len(n.Args); got >= least && (most < 0 || got <= most) {
		return true
	}
	want := plural(least, "argument")
	if most < 0 {
		want = "at least " + want
	} else if most != least {
		want = itoa(least) + " or " + plural(most, "argument")
	}
	l.fail(n.Span, "%s takes %s, and there are %d", n.Name, want, len(n.Args)).with("it is called as " + usage)
	return false
}

func (l *lowering) call(n *lang.Node) Expr {
	if n.Name == "if" {
		if !l.count(n, 3, 3, "if(condition, then, else)") {
			return &Const{}
		}
		return &If{l.node(n.Args[0]), l.node(n.Args[1]), l.node(n.Args[2])}
	}
	if lang.Distribution(n.Name) {
		return l.distribution(n)
	}
	if p, ok := partOf(n.Name); ok {
		if !l.count(n, 0, 0, Parts[p].Usage) {
			return &Const{}
		}
		if !l.inTime(n.Span) {
			return &Const{}
		}
		return &TimePart{p, l.grain}
	}
	switch n.Name {
	case "hash":
		return l.hash(n)
	case "position":
		if !l.count(n, 1, 1, "position(Product)") {
			return &Const{}
		}
		arg := n.Args[0]
		d := l.m.Dim(arg.Name)
		if arg.Kind != lang.Reference || len(arg.Mods) > 0 || d == nil {
			l.fail(arg.Span, "position takes a dimension").with("it is called as position(Product)")
			return &Const{}
		}
		if !l.varies(d, arg.Span) {
			return &Const{}
		}
		return &ItemNumber{d.ID}
	}
	f, ok := funcOf(n.Name)
	if !ok {
		if _, agg := aggOf(n.Name); agg {
			l.fail(n.Span, "%s folds one expression", n.Name).with("as in " + n.Name + "(units over Store), or " + n.Name + "(units[t-6:t-1])")
		} else if l.vars[n.Name] != nil {
			l.fail(n.At, "%s is a variable, and no function", n.Name).with("modifiers stand in square brackets: " + n.Name + "[previous]")
		} else {
			l.fail(n.At, "there is no function %s", n.Name).with(didYouMean(n.Name, FunctionNames()))
		}
		return &Const{}
	}
	if !l.count(n, Funcs[f].Least, Funcs[f].Most, Funcs[f].Usage) {
		return &Const{}
	}
	return &Call{f, l.nodes(n.Args)}
}

func (l *lowering) nodes(list []*lang.Node) []Expr {
	out := make([]Expr, len(list))
	for i, n := range list {
		out[i] = l.node(n)
	}
	return out
}

// hash resolves hash(7 over Product, Store, time).
func (l *lowering) hash(n *lang.Node) Expr {
	if !l.count(n, 1, 1, "hash(7 over Product, time)") {
		return &Const{}
	}
	seed := n.Args[0]
	if seed.Kind != lang.Number || seed.Value < 0 || seed.Value != float64(uint32(seed.Value)) {
		l.fail(seed.Span, "hash takes a whole number that is written here").with("another number gives other values: hash(7 over Product, time)")
		return &Const{}
	}
	h := &Hash{Seed: uint64(seed.Value), Grain: l.grain}
	h.Dims, h.OverTime = l.independent(n.Over)
	return h
}

// independent resolves a list of dimensions and time of the context.
func (l *lowering) independent(list []lang.Ident) (dims []DimID, overTime bool) {
	for _, id := range list {
		g, isGrain := calendar.ParseGrain(id.Name)
		switch {
		case id.Name == "all":
			return slices.Clone(l.dims), l.grain != calendar.None
		case id.Name == "time" || isGrain:
			if l.grain == calendar.None || isGrain && g != l.grain {
				l.fail(id.Span, "%s does not vary by %s", l.v.Name, id.Name)
			}
			overTime = true
		default:
			d := l.dim(l.v.source, id)
			switch {
			case d == nil || !l.varies(d, id.Span):
			case slices.Contains(dims, d.ID):
				l.fail(id.Span, "dimension %s stands twice", d.Name)
			default:
				dims = append(dims, d.ID)
			}
		}
	}
	return dims, overTime
}

// laws are the distributions by their names, with their arguments in words; those of the second column are called with
// labels.
var laws = map[string]struct {
	law, from Law
	args      int
	usage     string
}{
	"normal":     {random.Normal, random.NormalFrom, 2, "normal(mean, deviation) or normal(p5 = low, p95 = high)"},
	"lognormal":  {random.Lognormal, random.LognormalFrom, 2, "lognormal(mean, deviation) or lognormal(p5 = low, p95 = high)"},
	"triangular": {random.Triangular, random.Triangular, 3, "triangular(least, likely, greatest)"},
	"uniform":    {random.UniformLaw, random.UniformLaw, 2, "uniform(least, greatest)"},
	"poisson":    {random.Poisson, random.Poisson, 1, "poisson(mean)"},
	"bernoulli":  {random.Bernoulli, random.Bernoulli, 1, "bernoulli(probability)"},
}

func (l *lowering) distribution(n *lang.Node) Expr {
	info := laws[n.Name]
	if l.v.Kind != Input {
		l.fail(n.Span, "a distribution stands only in an input").with("give it a name of its own: input noise = " + n.Name + "(...)")
		return &Const{}
	}
	if !l.count(n, info.args, info.args, info.usage) {
		return &Const{}
	}
	law, args := info.law, n.Args
	if n.Labels != nil {
		low, high := slices.Index(n.Labels, "p5"), slices.Index(n.Labels, "p95")
		if info.from == info.law || low < 0 || high < 0 {
			l.fail(n.Span, "these labels are not those of %s", n.Name).with("it is called as " + info.usage)
			return &Const{}
		}
		law, args = info.from, []*lang.Node{args[low], args[high]}
	}
	l.laws++
	name := l.v.Name
	if l.v.alias != "" {
		name = l.v.alias
	}
	r := &Random{Law: law, Args: l.nodes(args), Key: NameKey(name + "\x00" + itoa(l.laws)), Grain: l.grain}
	r.Independent, r.OverTime = l.independent(n.Independent)
	constant := make([]float64, len(r.Args))
	for i, a := range r.Args {
		k, ok := a.(*Const)
		if u, negative := a.(*Unary); negative && u.Op == Negate {
			if k, ok = u.X.(*Const); ok {
				k = &Const{-k.Value}
			}
		}
		if !ok {
			return r
		}
		constant[i] = k.Value
	}
	if bad := law.Check(constant); bad != "" {
		l.fail(n.Span, "%s", bad).with("it is called as " + info.usage)
	}
	return r
}

// fold resolves an aggregation of one expression.
func (l *lowering) fold(n *lang.Node) Expr {
	if n.Name == "cumulative" {
		if l.grain == calendar.None {
			l.fail(n.Span, "%s does not vary with time, so there is nothing to cumulate", l.v.Name)
			return &Const{}
		}
		return &Fold{Agg: Sum, Time: true, From: Point{Kind: FromStart}, To: Point{Kind: FromNow}, Grain: l.grain, X: l.node(n.Args[0])}
	}
	agg, _ := aggOf(n.Name)
	arg := n.Args[0]
	f := &folding{agg: agg, at: n.Span}
	for _, id := range n.Over {
		switch id.Name {
		case "all":
			f.all = true
		case "time":
			f.time = true
		default:
			d := l.dim(l.v.source, id)
			if d == nil {
				return &Const{}
			}
			if slices.Contains(f.over, d.ID) {
				l.fail(id.Span, "dimension %s stands twice", d.Name)
			}
			f.over = append(f.over, d.ID)
		}
	}
	if arg.Kind == lang.Reference && l.named(l.v, arg.Name) != nil {
		return l.reference(arg, f)
	}
	s := l.shapeOf(l.v, arg)
	if f.all {
		f.over = nil
		for d := range s.dims {
			f.over = append(f.over, d)
		}
		slices.Sort(f.over)
	}
	if len(f.over) == 0 && !f.time && !f.all {
		l.fail(n.Span, "%s folds nothing here", n.Name).with("say over what: " + n.Name + "(... over Store), or over time")
		return &Const{}
	}
	for _, d := range f.over {
		if !s.dims[d] {
			l.fail(arg.Span, "this does not vary over %s", l.m.Dims[d].Name)
			return &Const{}
		}
	}
	e := &Fold{Agg: agg, Over: f.over, Grain: l.grain}
	inner := *l
	for _, d := range f.over {
		if !slices.Contains(inner.dims, d) {
			inner.dims = append(slices.Clone(inner.dims), d)
		}
	}
	if f.time {
		e.Time, e.From, e.To = true, Point{Kind: FromStart}, Point{Kind: FromEnd}
		e.Grain = s.grain
		if e.Grain == calendar.None && s.needs && l.m.Time != nil {
			e.Grain = l.m.Time.Grain()
		}
		if e.Grain == calendar.None {
			l.fail(arg.Span, "this does not vary with time")
			return &Const{}
		}
		inner.grain = e.Grain
	}
	e.X = inner.node(arg)
	l.laws = inner.laws
	return e
}
