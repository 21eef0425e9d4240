package model

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// edge is that a variable reads another at periods from now+low to now+high.
type edge struct {
	to        VarID
	low, high int
	at        lang.Span
}

// far stands for all periods in a direction.
const far = math.MaxInt32

// edges lists what an expression reads. low and high shift it, as within a fold over time.
func edges(e Expr, low, high int, list []edge) []edge {
	sum := func(a, b int) int { return max(-far, min(far, a+b)) }
	switch e := e.(type) {
	case *VarRef:
		x := edge{to: e.Var, low: low, high: high, at: e.At}
		switch e.Time.Kind {
		case Shifted:
			x.low, x.high = sum(low, e.Time.Shift), sum(high, e.Time.Shift)
		case Absolute:
			x.low, x.high = -far, far
		case Window:
			a, b := reach(e.Time.From, e.Time.To)
			x.low, x.high = sum(low, a), sum(high, b)
		}
		return append(list, x)
	case *Unary:
		return edges(e.X, low, high, list)
	case *Binary:
		return edges(e.R, low, high, edges(e.L, low, high, list))
	case *If:
		return edges(e.Else, low, high, edges(e.Then, low, high, edges(e.Cond, low, high, list)))
	case *Call:
		for _, a := range e.Args {
			list = edges(a, low, high, list)
		}
	case *Random:
		for _, a := range e.Args {
			list = edges(a, low, high, list)
		}
	case *Fold:
		if e.Time {
			a, b := reach(e.From, e.To)
			low, high = sum(low, a), sum(high, b)
		}
		return edges(e.X, low, high, list)
	}
	return list
}

// reach is how far a span goes from now: to the ends of time where an end does not move with now.
func reach(from, to Point) (low, high int) {
	low, high = -far, far
	if from.Kind == FromNow {
		low = from.N
	}
	if to.Kind == FromNow {
		high = to.N
	}
	return low, high
}

// steps orders the variables: strongly connected components by Tarjan's algorithm (Depth-First Search and Linear Graph
// Algorithms, SIAM J. Comput. 1, 1972), which gives a component after those that it reads.
func (c *checker) steps() {
	graph := make([][]edge, len(c.list))
	for i, v := range c.list {
		if v.Expr != nil {
			graph[i] = edges(v.Expr, 0, 0, nil)
		}
	}
	for _, component := range components(len(graph), func(v int, visit func(int)) {
		for _, e := range graph[v] {
			visit(int(e.to))
		}
	}) {
		slices.Sort(component)
		c.step(component, graph)
	}
}

// components lists the strongly connected components, each after those that it leads to. It keeps its own stack, so that
// long chains do not need a deep one.
func components(n int, next func(v int, visit func(int))) [][]int {
	index := make([]int, n) // 0 is new
	low := make([]int, n)
	on := make([]bool, n)
	var stack []int
	var list [][]int
	counter := 0
	type frame struct {
		v, i int
		to   []int
	}
	for root := range n {
		if index[root] != 0 {
			continue
		}
		var frames []frame
		open := func(v int) {
			counter++
			index[v], low[v], on[v] = counter, counter, true
			stack = append(stack, v)
			f := frame{v: v}
			next(v, func(w int) { f.to = append(f.to, w) })
			frames = append(frames, f)
		}
		open(root)
		for len(frames) > 0 {
			f := &frames[len(frames)-1]
			if f.i < len(f.to) {
				w := f.to[f.i]
				f.i++
				if index[w] == 0 {
					open(w)
				} else if on[w] {
					low[f.v] = min(low[f.v], index[w])
				}
				continue
			}
			v := f.v
			frames = frames[:len(frames)-1]
			if len(frames) > 0 {
				up := frames[len(frames)-1].v
				low[up] = min(low[up], low[v])
			}
			if low[v] != index[v] {
				continue
			}
			var component []int
			for {
				w := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				on[w] = false
				component = append(component, w)
				if w == v {
					break
				}
			}
			list = append(list, component)
		}
	}
	return list
}

// step makes a step of a component, or tells why it cannot be evaluated.
func (c *checker) step(component []int, graph [][]edge) {
	var inner []edge
	var from []int
	for _, v := range component {
		for _, e := range graph[v] {
			if slices.Contains(component, int(e.to)) {
				inner = append(inner, e)
				from = append(from, v)
			}
		}
	}
	step := Step{}
	for _, v := range component {
		step.Vars = append(step.Vars, VarID(v))
	}
	if len(inner) == 0 {
		c.m.Steps = append(c.m.Steps, step)
		return
	}
	grain := c.list[component[0]].Grain
	if grain == calendar.None {
		c.cycle(inner, from, "nothing in it looks to another period")
		return
	}
	for _, v := range component {
		if c.list[v].retimed {
			c.fail(c.list[v].asked, "the formula of a recurrence cannot be applied at another grain: %s", c.list[v].Name).
				with("set `time: final` or another aggregation below the variable")
			return
		}
		if c.list[v].Grain != grain {
			c.cycle(inner, from, "variables that need each other must be of one grain")
			return
		}
	}
	forward, backward := true, true
	for _, e := range inner {
		forward = forward && e.high <= 0
		backward = backward && e.low >= 0
	}
	switch {
	case forward:
		step.Direction = Forward
	case backward:
		step.Direction = Backward
	default:
		c.cycle(inner, from, "some of it looks back in time and some ahead, or at a fixed period")
		return
	}
	var order []VarID
	// Within a period the variables follow the references to the same period.
	for _, now := range components(len(component), func(v int, visit func(int)) {
		for i, e := range inner {
			if from[i] == component[v] && e.low <= 0 && e.high >= 0 {
				visit(slices.Index(component, int(e.to)))
			}
		}
	}) {
		var same []edge
		var starts []int
		for i, e := range inner {
			if e.low <= 0 && e.high >= 0 && slices.Contains(now, slices.Index(component, from[i])) && slices.Contains(now, slices.Index(component, int(e.to))) {
				same, starts = append(same, e), append(starts, from[i])
			}
		}
		if len(same) > 0 {
			c.cycle(same, starts, "nothing in it looks to another period")
			return
		}
		order = append(order, VarID(component[now[0]]))
	}
	step.Vars = order
	c.m.Steps = append(c.m.Steps, step)
}

// cycle tells of a cycle with its variables and their places.
func (c *checker) cycle(inner []edge, from []int, why string) {
	// One way around, by following edges from the first one until a variable comes again.
	path := []int{from[0]}
	first := inner[0]
	seen := map[int]bool{}
	for v := from[0]; !seen[v]; {
		seen[v] = true
		i := slices.Index(from, v)
		if i < 0 {
			break
		}
		// Prefer an edge that closes the way.
		for j := range inner {
			if from[j] == v && int(inner[j].to) == path[0] {
				i = j
			}
		}
		v = int(inner[i].to)
		path = append(path, v)
	}
	last := path[len(path)-1]
	path = path[slices.Index(path, last):]
	words := make([]string, len(path))
	for i, v := range path {
		words[i] = c.list[v].Name
	}
	var places []string
	for _, v := range path[:len(path)-1] {
		places = append(places, fmt.Sprintf("%s (line %d)", c.list[v].Name, c.list[v].source.LineOf(c.list[v].Place.Start)))
	}
	source := c.list[from[0]].source
	hint := "read another period, as in [previous], where the value of before is meant"
	if len(places) > 1 {
		hint = "it goes through " + sentence(places) + "; " + hint
	}
	c.failIn(source, first.at, "a cycle: %s; %s", strings.Join(words, " needs "), why).with(hint)
}
