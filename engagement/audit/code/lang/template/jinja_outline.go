package template

import "github.com/napkin-infra/napkin/engagement/audit/code/syntax"

// outline records the nodes of a template while it is scanned from front to back. The builder of
// package syntax wants the end of a node when it is opened; a scanner knows it only at the closing
// tag. So nodes are recorded first and written to the builder at the end.
//
// Above the nodes it keeps frames: the tags that wait for their closing tag.
type outline struct {
	events []event
	open   []int // events of the open nodes
	frames []frame
	named  map[string]int // open frames by name
	errors []int          // bytes of each error
}

type event struct {
	op         operation
	kind       syntax.Kind
	role       syntax.Role
	flags      syntax.Flags
	start, end uint32
	str        string
	fragment   int
}

type operation uint8

const (
	opOpen operation = iota
	opClose
	opFragment // code of another language, lowered when all of it has been parsed
)

type frame struct {
	name  string
	depth int  // open nodes below the frame's first
	arms  int  // open nodes when an arm of the frame (a body, an else) is about to begin
	loop  bool // a for, whose else is for the empty case
	cond  bool // an if
}

func (o *outline) begin(kind syntax.Kind, role syntax.Role, str string, start uint32) {
	o.open = append(o.open, len(o.events))
	o.events = append(o.events, event{op: opOpen, kind: kind, role: role, str: str, start: start})
}

// flag adds flags to the open node.
func (o *outline) flag(f syntax.Flags) { o.events[o.open[len(o.open)-1]].flags |= f }

func (o *outline) finish(end uint32) {
	i := o.open[len(o.open)-1]
	o.open = o.open[:len(o.open)-1]
	o.events[i].end = max(end, o.events[i].start)
	o.events = append(o.events, event{op: opClose})
}

func (o *outline) leaf(kind syntax.Kind, role syntax.Role, str string, start, end uint32) {
	o.begin(kind, role, str, start)
	o.finish(end)
}

func (o *outline) fragment(i int, role syntax.Role, flags syntax.Flags) {
	o.events = append(o.events, event{op: opFragment, fragment: i, role: role, flags: flags})
}

// push begins a frame whose first node has just been opened.
func (o *outline) push(name string) *frame {
	if o.named == nil {
		o.named = map[string]int{}
	}
	o.named[name]++
	o.frames = append(o.frames, frame{name: name, depth: len(o.open) - 1, arms: len(o.open)})
	return &o.frames[len(o.frames)-1]
}

// arm ends the arm of the innermost frame at hand and begins the next, as a Block.
func (o *outline) arm(role syntax.Role, end, start uint32) {
	f := &o.frames[len(o.frames)-1]
	for len(o.open) > f.arms {
		o.finish(end)
	}
	o.begin(syntax.Block, role, "", start)
}

// top is the innermost frame, or nil.
func (o *outline) top() *frame {
	if len(o.frames) == 0 {
		return nil
	}
	return &o.frames[len(o.frames)-1]
}

// pop ends the innermost frame of a name and all frames inside it, which were not closed. The bodies
// end at bodyEnd, where the closing tag begins; the frame's own node ends at end, behind the tag. It
// reports false when no such frame is open.
func (o *outline) pop(name string, bodyEnd, end uint32) bool {
	if o.named[name] == 0 {
		return false
	}
	for {
		f := o.frames[len(o.frames)-1]
		o.frames = o.frames[:len(o.frames)-1]
		o.named[f.name]--
		for len(o.open) > f.depth+1 {
			o.finish(bodyEnd)
		}
		if f.name == name {
			o.finish(end)
			return true
		}
		o.failed(0)
		o.finish(bodyEnd)
	}
}

// failed counts an error that covers n bytes.
func (o *outline) failed(n int) { o.errors = append(o.errors, n) }

// write ends what is open and writes all nodes to a builder.
func (o *outline) write(b *syntax.Builder, end uint32, fragment func(i int, role syntax.Role, flags syntax.Flags)) {
	for range o.frames {
		o.failed(0)
	}
	for len(o.open) > 0 {
		o.finish(end)
	}
	for i := range o.events {
		switch e := &o.events[i]; e.op {
		case opOpen:
			id := b.Open(e.kind, e.role, e.start, e.end)
			b.SetStr(id, e.str)
			b.AddFlags(id, e.flags)
		case opClose:
			b.Close()
		case opFragment:
			fragment(e.fragment, e.role, e.flags)
		}
	}
	for _, n := range o.errors {
		b.AddError(n)
	}
}
