package lang

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
)

// Function describes a function of the language for its documentation and for completion.
type Function struct {
	Name   string
	Usage  string // "queue_mm1(arrivals, service)"
	Text   string // a sentence
	Source string // of its formula, or empty where there is nothing to cite
	// Distribution holds for functions that make an uncertain input; their arguments are fixed.
	Distribution bool

	least, most int // arguments; most is -1 for any number
	dim         func(*Function, *Node) (quantity.Dim, *fault)
}

// functionList is in the order of the documentation.
var functionList = []*Function{
	{Name: "min", Usage: "min(a, b, ...)", Text: "The least of its arguments, draw by draw.", least: 1, most: -1, dim: allSame},
	{Name: "max", Usage: "max(a, b, ...)", Text: "The greatest of its arguments, draw by draw.", least: 1, most: -1, dim: allSame},
	{Name: "sum", Usage: "sum(a, b, ...)", Text: "The sum of its arguments.", least: 1, most: -1, dim: allSame},
	{Name: "abs", Usage: "abs(x)", Text: "The amount without its sign.", least: 1, most: 1, dim: allSame},
	{Name: "sqrt", Usage: "sqrt(x)", Text: "The square root; the powers in the unit of x must be even.", least: 1, most: 1, dim: squareRoot},
	{Name: "exp", Usage: "exp(x)", Text: "e to the power of a plain number.", least: 1, most: 1, dim: allPlain},
	{Name: "log", Usage: "log(x)", Text: "The natural logarithm of a plain number.", least: 1, most: 1, dim: allPlain},
	{Name: "log2", Usage: "log2(x)", Text: "The logarithm to base 2 of a plain number.", least: 1, most: 1, dim: allPlain},
	{Name: "log10", Usage: "log10(x)", Text: "The logarithm to base 10 of a plain number.", least: 1, most: 1, dim: allPlain},
	{Name: "ceil", Usage: "ceil(x)", Text: "The next whole number up, of a plain number or of what is counted.", least: 1, most: 1, dim: whole},
	{Name: "floor", Usage: "floor(x)", Text: "The next whole number down, of a plain number or of what is counted.", least: 1, most: 1, dim: whole},
	{Name: "round", Usage: "round(x)", Text: "The nearest whole number, of a plain number or of what is counted.", least: 1, most: 1, dim: whole},

	{Name: "uniform", Usage: "uniform(low, high)", Text: "Anything between low and high with the same probability.", Distribution: true, least: 2, most: 2, dim: allSame},
	{Name: "normal", Usage: "normal(mean, deviation)", Text: "The normal distribution with this mean and standard deviation.", Distribution: true, least: 2, most: 2, dim: allSame},
	{Name: "exponential", Usage: "exponential(mean)", Text: "The exponential distribution with this mean: the time between independent events.", Distribution: true, least: 1, most: 1, dim: allSame},
	{Name: "beta", Usage: "beta(a, b)", Text: "The beta distribution: a probability of which a-1 hits and b-1 misses were seen.", Distribution: true, least: 2, most: 2, dim: allPlain,
		Source: "Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.1."},
	{Name: "sample", Usage: "sample(a, b, ...)", Text: "One of these measured values, each with the same probability.", Distribution: true, least: 2, most: -1, dim: allSame},

	{Name: "queue_mm1", Usage: "queue_mm1(arrivals, service)", Text: "Mean time from arrival to end of service at one server: service / (1 - arrivals*service). Unbounded where arrivals come faster than they are served.", least: 2, most: 2, dim: queue,
		Source: "Kleinrock, Queueing Systems, vol. 1 (1975), equation 3.26."},
	{Name: "queue_mm1_p99", Usage: "queue_mm1_p99(arrivals, service)", Text: "The 99th percentile of that time, which is exponential: ln 100 times the mean.", least: 2, most: 2, dim: queue,
		Source: "Kleinrock, Queueing Systems, vol. 1 (1975), section 5.12: the time in an M/M/1 system is exponential with rate mu - lambda."},
	{Name: "queue_mmc", Usage: "queue_mmc(arrivals, service, servers)", Text: "Mean time from arrival to end of service where several servers take from one queue: service + C(servers, load) / (servers/service - arrivals), with Erlang's C the probability of waiting.", least: 3, most: 3, dim: queue,
		Source: "Kleinrock, Queueing Systems, vol. 1 (1975), equation 3.40; Erlang C through the recursion of Erlang B."},
	{Name: "usl", Usage: "usl(n, rate, contention, coherency)", Text: "Throughput of n workers of which one alone reaches rate: rate*n / (1 + contention*(n-1) + coherency*n*(n-1)).", least: 4, most: 4, dim: scalability,
		Source: "Gunther, Guerrilla Capacity Planning (2007), equation 4.31: the universal scalability law."},
	{Name: "p99_fanout", Usage: "p99_fanout(median, p99, n)", Text: "The 99th percentile of the slowest of n independent calls whose latency is lognormal with this median and 99th percentile: its quantile at 0.99^(1/n).", least: 3, most: 3, dim: fanout,
		Source: "Dean and Barroso, The Tail at Scale, CACM 56(2), 2013; the quantile of a maximum of independent variables."},
}

var functions = func() map[string]*Function {
	m := make(map[string]*Function, len(functionList))
	for _, f := range functionList {
		m[f.Name] = f
	}
	return m
}()

// Functions returns the functions of the language in the order of their documentation.
func Functions() []Function {
	list := make([]Function, len(functionList))
	for i, f := range functionList {
		list[i] = *f
	}
	return list
}

// FunctionOf returns the function of that name.
func FunctionOf(name string) (Function, bool) {
	f := functions[name]
	if f == nil {
		return Function{}, false
	}
	return *f, true
}

// Keywords returns the words of the language that are neither functions nor units.
func Keywords() []string {
	return []string{"let", "option", "constraint", "claim", "to", "in", "per", "at"}
}

func nearestFunction(name string) string {
	best, distance := "", 3
	for _, f := range functionList {
		if d := levenshtein.Distance(f.Name, name, nil); d < distance {
			best, distance = f.Name, d
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "to multiply by what is in the parentheses, write *"
}

// count refuses a call with too few or too many arguments.
func (f *Function) count(n *Node) *fault {
	got := len(n.Args)
	if got >= f.least && (f.most < 0 || got <= f.most) {
		return nil
	}
	want := fmt.Sprintf("%d", f.least)
	if f.most < 0 {
		want = "at least " + want
	}
	plural := "s"
	if f.least == 1 {
		plural = ""
	}
	return faultf(n.Span, "%s takes %s argument%s, and there are %d", f.Name, want, plural, got).with("it is called as " + f.Usage)
}

func allSame(_ *Function, n *Node) (quantity.Dim, *fault) {
	first := n.Args[0].Dim
	for _, arg := range n.Args[1:] {
		if arg.Dim != first {
			return first, faultf(arg.Span, "%s takes amounts of one kind, and this is %s beside %s", n.Name, arg.Dim, first).with(between(first, arg.Dim))
		}
	}
	return first, nil
}

func allPlain(_ *Function, n *Node) (quantity.Dim, *fault) {
	for _, arg := range n.Args {
		if !arg.Dim.Plain() {
			return quantity.Dim{}, faultf(arg.Span, "%s takes a plain number, not %s", n.Name, arg.Dim).with("divide by an amount of the same kind first, such as " + oneOf(arg.Dim))
		}
	}
	return quantity.Dim{}, nil
}

func squareRoot(_ *Function, n *Node) (quantity.Dim, *fault) {
	dim, ok := n.Args[0].Dim.Pow(1, 2)
	if !ok {
		return dim, faultf(n.Args[0].Span, "there is no square root of %s", n.Args[0].Dim).with("divide by an amount of the same kind first, such as " + oneOf(n.Args[0].Dim))
	}
	return dim, nil
}

func whole(_ *Function, n *Node) (quantity.Dim, *fault) {
	dim := n.Args[0].Dim
	if dim != dim.Counted() {
		return dim, faultf(n.Args[0].Span, "%s of %s depends on the unit", n.Name, dim).
			with("say in which: " + n.Name + "(x / " + oneOf(dim) + ") * " + oneOf(dim))
	}
	return dim, nil
}

func oneOf(dim quantity.Dim) string {
	symbol := dim.Symbol()
	if strings.HasPrefix(symbol, "$") {
		return "$1" + symbol[1:]
	}
	if strings.HasPrefix(symbol, "/") {
		return "1" + symbol
	}
	return "1 " + symbol
}

// countOf checks that an argument is a plain number or a number of one counted thing.
func countOf(f *Function, n *Node, i int, what string) *fault {
	arg := n.Args[i]
	if arg.Dim.Plain() {
		return nil
	}
	if b, x, ok := arg.Dim.Single(); ok && x == 1 && b.Counted() {
		return nil
	}
	return faultf(arg.Span, "%s takes %s here, not %s", n.Name, what, arg.Dim).with("it is called as " + f.Usage)
}

var timeDim, dataDim = quantity.Of(quantity.Time), quantity.Of(quantity.Data)

// queue checks arrivals per time, a time of service (perhaps per what arrives), and a number of servers.
func queue(f *Function, n *Node) (quantity.Dim, *fault) {
	arrivals, service := n.Args[0], n.Args[1]
	what, _ := arrivals.Dim.Mul(timeDim)
	if b, x, single := what.Single(); !what.Plain() && !(single && x == 1 && b.Counted()) {
		return timeDim, faultf(arrivals.Span, "%s takes arrivals per time first, such as 200 req/s, not %s", n.Name, arrivals.Dim).with("it is called as " + f.Usage)
	}
	each, _ := timeDim.Div(what)
	if service.Dim != timeDim && service.Dim != each {
		return timeDim, faultf(service.Span, "%s takes the time of one service here, not %s", n.Name, service.Dim).with("it is called as " + f.Usage)
	}
	if len(n.Args) == 3 {
		return timeDim, countOf(f, n, 2, "the number of servers")
	}
	return timeDim, nil
}

func scalability(f *Function, n *Node) (quantity.Dim, *fault) {
	if err := countOf(f, n, 0, "the number of workers"); err != nil {
		return quantity.Dim{}, err
	}
	for _, arg := range n.Args[2:] {
		if !arg.Dim.Plain() {
			return quantity.Dim{}, faultf(arg.Span, "the coefficients of usl are plain numbers, not %s", arg.Dim)
		}
	}
	return n.Args[1].Dim, nil
}

func fanout(f *Function, n *Node) (quantity.Dim, *fault) {
	if n.Args[0].Dim != n.Args[1].Dim {
		return n.Args[0].Dim, faultf(n.Args[1].Span, "the median and the 99th percentile are of one kind, and these are %s and %s", n.Args[0].Dim, n.Args[1].Dim)
	}
	return n.Args[0].Dim, countOf(f, n, 2, "the number of calls")
}
