package quantity

import (
	"math"
	"strconv"
	"strings"
)

// Unit is what a number is written in: its worth in base units, and its dimension.
type Unit struct {
	Symbol string // as the language reads and prints it: "MB/s"
	Factor float64
	Dim    Dim
}

// One is the unit of plain numbers.
var One = Unit{Factor: 1}

// Mul returns the product of two units, and false when its dimension is out of range.
func (u Unit) Mul(v Unit) (Unit, bool) {
	dim, ok := u.Dim.Mul(v.Dim)
	return Unit{joinSymbols(u.Symbol, v.Symbol), u.Factor * v.Factor, dim}, ok && finite(u.Factor*v.Factor)
}

// Div returns the quotient of two units, and false when its dimension is out of range.
func (u Unit) Div(v Unit) (Unit, bool) {
	dim, ok := u.Dim.Div(v.Dim)
	below := v.Symbol
	if strings.ContainsAny(below, "/* ") {
		below = "(" + below + ")"
	}
	if below == "" {
		return Unit{u.Symbol, u.Factor / v.Factor, dim}, ok && finite(u.Factor/v.Factor)
	}
	return Unit{u.Symbol + "/" + below, u.Factor / v.Factor, dim}, ok && finite(u.Factor/v.Factor)
}

// Pow returns a whole power of u, and false when its dimension is out of range.
func (u Unit) Pow(n int) (Unit, bool) {
	dim, ok := u.Dim.Pow(n, 1)
	symbol := u.Symbol
	if strings.ContainsAny(symbol, "/* ^") {
		symbol = "(" + symbol + ")"
	}
	factor := math.Pow(u.Factor, float64(n))
	return Unit{symbol + "^" + strconv.Itoa(n), factor, dim}, ok && finite(factor)
}

func finite(v float64) bool { return v != 0 && !math.IsInf(v, 0) && !math.IsNaN(v) }

// joinSymbols writes a product: a multiplier and a noun stand side by side ("k req"), units with a
// star between them.
func joinSymbols(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	if u, err := Lookup(a); err == nil && u.Dim.Plain() && a != "%" {
		return a + " " + b
	}
	return a + "*" + b
}

// decimal prefixes and their long forms; a long prefix takes long names ("megabyte"), a short one
// symbols ("MB").
var decimal = []struct {
	symbol, long string
	factor       float64
}{{"k", "kilo", 1e3}, {"M", "mega", 1e6}, {"G", "giga", 1e9}, {"T", "tera", 1e12}, {"P", "peta", 1e15}, {"E", "exa", 1e18}}

var binary = []struct {
	symbol, long string
	factor       float64
}{{"Ki", "kibi", 1 << 10}, {"Mi", "mebi", 1 << 20}, {"Gi", "gibi", 1 << 30}, {"Ti", "tebi", 1 << 40}, {"Pi", "pebi", 1 << 50}, {"Ei", "exbi", 1 << 60}}

var small = []struct {
	symbol, long string
	factor       float64
}{{"m", "milli", 1e-3}, {"u", "micro", 1e-6}, {"µ", "", 1e-6}, {"μ", "", 1e-6}, {"n", "nano", 1e-9}, {"p", "pico", 1e-12}}

// Lengths of time in seconds.
const (
	minute = 60.0
	hour   = 3600.0
	day    = 86400.0
	year   = 365.25 * day
	month  = year / 12
)

// plainUnits are units without prefixes, by base: words that mean the same, the first of which is the
// symbol.
var plainUnits = []struct {
	words  string
	factor float64
	base   Base
}{
	{"s sec second seconds", 1, Time},
	{"min minute minutes", minute, Time},
	{"h hr hour hours", hour, Time},
	{"d day days", day, Time},
	{"week weeks", 7 * day, Time},
	{"month months mo", month, Time},
	{"quarter quarters", year / 4, Time},
	{"year years yr", year, Time},
	{"B byte bytes", 1, Data},
	{"b bit bits", 1.0 / 8, Data},
	{"$ USD usd dollar dollars", 1, Money},
	{"cent cents ¢", 0.01, Money},
	{"J joule joules", 1, Energy},
	{"Wh", hour, Energy},
	{"metre metres meter meters", 1, Length},
	{"km kilometre kilometres kilometer kilometers", 1e3, Length},
	{"cm centimetre centimetres centimeter centimeters", 1e-2, Length},
	{"mm millimetre millimetres millimeter millimeters", 1e-3, Length},
	{"mile miles", 1609.344, Length},
	{"req reqs request requests", 1, Request},
	{"call calls", 1, Call},
	{"query queries", 1, Query},
	{"op ops operation operations", 1, Operation},
	{"read reads", 1, Read},
	{"txn tx transaction transactions commit commits", 1, Transaction},
	{"row rows record records", 1, Row},
	{"page pages block blocks", 1, Page},
	{"msg message messages", 1, Message},
	{"event events", 1, Event},
	{"job jobs task tasks", 1, Job},
	{"user users customer customers", 1, User},
	{"session sessions", 1, Session},
	{"conn connection connections", 1, Connection},
	{"core cores cpu cpus CPU CPUs vCPU vCPUs vcpu vcpus", 1, Core},
	{"thread threads", 1, Thread},
	{"server servers instance instances node nodes machine machines host hosts replica replicas pod pods", 1, Server},
	{"file files", 1, File},
	{"item items object objects document documents doc docs", 1, Item},
	{"key keys", 1, Key},
	{"string strings", 1, String},
	{"token tokens", 1, Token},
	{"image images photo photos", 1, Image},
	{"video videos", 1, Video},
	{"view views", 1, View},
	{"partition partitions shard shards", 1, Partition},
	{"FLOP FLOPs flop flops", 1, Flop},
}

// multipliers are plain numbers that stand behind a number: "10k", "3 million".
var multipliers = map[string]float64{
	"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
	"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40,
	"thousand": 1e3, "million": 1e6, "mio": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12,
	"%": 0.01, "percent": 0.01, "ppm": 1e-6,
}

// perSecond are common words for a unit over a time.
var perSecond = map[string]struct {
	base   Base
	factor float64
}{
	"rps": {Request, 1}, "qps": {Query, 1}, "tps": {Transaction, 1}, "iops": {Operation, 1}, "IOPS": {Operation, 1},
	"rpm": {Request, 1 / minute}, "bps": {Data, 1.0 / 8}, "Bps": {Data, 1}, "FLOPS": {Flop, 1},
}
