package quantity

import (
	"strconv"
	"strings"
)

// Base is one base dimension.
type Base uint8

// Base dimensions. Those from Request on are counted things.
const (
	Time Base = iota
	Data
	Money
	Energy
	Length
	Request
	Call
	Query
	Operation
	Read
	Transaction
	Row
	Page
	Message
	Event
	Job
	User
	Session
	Connection
	Core
	Thread
	Server
	File
	Item
	Key
	String
	Token
	Image
	Video
	View
	Partition
	Flop
	bases // how many there are
)

// noun is how sentences and units name a base: the singular, the plural, and the symbol of its base
// unit.
type noun struct{ one, many, symbol string }

var nouns = [bases]noun{
	Time:        {"second", "seconds", "s"},
	Data:        {"byte", "bytes", "B"},
	Money:       {"dollar", "dollars", "$"},
	Energy:      {"joule", "joules", "J"},
	Length:      {"metre", "metres", "metre"},
	Request:     {"request", "requests", "req"},
	Call:        {"call", "calls", "call"},
	Query:       {"query", "queries", "query"},
	Operation:   {"operation", "operations", "op"},
	Read:        {"read", "reads", "read"},
	Transaction: {"transaction", "transactions", "txn"},
	Row:         {"row", "rows", "row"},
	Page:        {"page", "pages", "page"},
	Message:     {"message", "messages", "msg"},
	Event:       {"event", "events", "event"},
	Job:         {"job", "jobs", "job"},
	User:        {"user", "users", "user"},
	Session:     {"session", "sessions", "session"},
	Connection:  {"connection", "connections", "conn"},
	Core:        {"core", "cores", "core"},
	Thread:      {"thread", "threads", "thread"},
	Server:      {"server", "servers", "server"},
	File:        {"file", "files", "file"},
	Item:        {"item", "items", "item"},
	Key:         {"key", "keys", "key"},
	String:      {"string", "strings", "string"},
	Token:       {"token", "tokens", "token"},
	Image:       {"image", "images", "image"},
	Video:       {"video", "videos", "video"},
	View:        {"view", "views", "view"},
	Partition:   {"partition", "partitions", "partition"},
	Flop:        {"floating-point operation", "floating-point operations", "FLOP"},
}

// Counted says whether b is a thing that is counted, such as requests or rows.
func (b Base) Counted() bool { return b >= Request }

// maxExponent bounds the exponents of a dimension: no quantity of this trade has a ninth power.
const maxExponent = 8

// Dim is a dimension: the exponent of each base. The zero Dim is that of a plain number. Dims are
// compared with ==.
type Dim [bases]int8

// Of returns the dimension of one base.
func Of(b Base) Dim {
	var d Dim
	d[b] = 1
	return d
}

// Plain holds for the dimension of a plain number.
func (d Dim) Plain() bool { return d == Dim{} }

// Mul returns the dimension of a product, and false when an exponent leaves the range of -8 to 8.
func (d Dim) Mul(e Dim) (Dim, bool) { return d.combine(e, 1) }

// Div returns the dimension of a quotient, and false when an exponent leaves the range of -8 to 8.
func (d Dim) Div(e Dim) (Dim, bool) { return d.combine(e, -1) }

func (d Dim) combine(e Dim, sign int) (Dim, bool) {
	for i := range d {
		x := int(d[i]) + sign*int(e[i])
		if x > maxExponent || x < -maxExponent {
			return d, false
		}
		d[i] = int8(x)
	}
	return d, true
}

// Pow returns the dimension of a power with the exponent n/m, and false when it is not whole in every
// base or too large. m is not zero.
func (d Dim) Pow(n, m int) (Dim, bool) {
	for i := range d {
		x := int(d[i]) * n
		if x%m != 0 || x/m > maxExponent || x/m < -maxExponent {
			return d, false
		}
		d[i] = int8(x / m)
	}
	return d, true
}

// Counted returns the part of d that consists of counted things.
func (d Dim) Counted() Dim {
	for i := range d {
		if !Base(i).Counted() {
			d[i] = 0
		}
	}
	return d
}

// Single returns the base of a dimension that is one base to the power of one or minus one.
func (d Dim) Single() (b Base, exponent int, ok bool) {
	for i, x := range d {
		if x == 0 {
			continue
		}
		if ok || x > 1 || x < -1 {
			return 0, 0, false
		}
		b, exponent, ok = Base(i), int(x), true
	}
	return b, exponent, ok
}

// String names d as a sentence does: "bytes", "requests/second", "a plain number".
func (d Dim) String() string {
	if d.Plain() {
		return "a plain number"
	}
	return d.write(func(b Base, above bool) string {
		if above {
			return nouns[b].many
		}
		return nouns[b].one
	}, "1")
}

// Symbol writes d in base units as the language reads it: "B", "req/s", "1/s".
func (d Dim) Symbol() string {
	if d.Plain() {
		return ""
	}
	return d.write(func(b Base, _ bool) string { return nouns[b].symbol }, "")
}

func (d Dim) write(name func(b Base, above bool) string, nothing string) string {
	var above, below []string
	for i := range d {
		b, x := Base(i), int(d[i])
		switch {
		case x > 0:
			above = append(above, power(name(b, true), x))
		case x < 0:
			below = append(below, power(name(b, false), -x))
		}
	}
	// Money first, then counted things, then data, time and the rest: "dollars*bytes" reads odd.
	s := nothing
	if len(above) > 0 {
		s = strings.Join(above, "*")
	}
	if len(below) > 0 {
		s += "/" + strings.Join(below, "/")
	}
	return s
}

func power(s string, x int) string {
	if x == 1 {
		return s
	}
	return s + "^" + strconv.Itoa(x)
}
