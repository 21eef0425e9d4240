package exec

import (
	"github.com/napkin-infra/napkin/engine/calc/model"
)

// mapping leads the positions of a sweep to positions of another variable, or nowhere.
type mapping struct {
	terms    []term
	constant int
	same     bool // each position to itself
	lastRun  bool // the last dimension of the sweep is the last of the variable: what lies side by side stays so
	usesLast bool // some term depends on the last dimension
}

// term adds stride times an item: of a dimension of the sweep, or where a map leads from that.
type term struct {
	dim    int // of the sweep
	stride int
	table  []int32 // nil for the item itself
}

// nowhere is where a map without a target leads.
const nowhere = -1

// space is the positions of a sweep.
type space struct {
	lengths []int
	dims    []model.DimID
	size    int
	last    int // length of the last dimension
}

func (p *plan) space(dims []model.DimID) space {
	s := space{size: 1, last: 1, dims: dims}
	for _, d := range dims {
		n := p.m.Dims[d].Len()
		s.lengths = append(s.lengths, n)
		s.size *= n
		s.last = n
	}
	return s
}

// items takes a position apart.
func (s *space) items(position int, dst []int) {
	for i := len(s.lengths) - 1; i >= 0; i-- {
		dst[i] = position % s.lengths[i]
		position /= s.lengths[i]
	}
}

// next moves the items of a position on to those of the next one, as an odometer does.
func (s *space) next(items []int) {
	for d := len(items) - 1; d >= 0; d-- {
		if items[d]++; items[d] < s.lengths[d] {
			return
		}
		items[d] = 0
	}
}

// dim returns the place of a dimension in the space, and -1 where it is not there.
func (s *space) dim(d model.DimID) int {
	for i, have := range s.dims {
		if have == d {
			return i
		}
	}
	return -1
}

// mapTo finds where a reference leads from the positions of a space.
func (p *plan) mapTo(s *space, b *bound) (*mapping, bool) {
	m := &mapping{same: len(b.of.dims) == len(s.dims)}
	stride := 1
	for i := len(b.of.dims) - 1; i >= 0; i-- {
		d := b.Dims[i]
		switch d.Kind {
		case model.Fixed:
			m.constant += stride * int(d.Item)
			m.same = false
		case model.Same:
			at := s.dim(b.of.dims[i])
			if at < 0 {
				return nil, false
			}
			m.same = m.same && at == i
			m.terms = append(m.terms, term{dim: at, stride: stride})
		case model.Lookup:
			via := p.m.Maps[d.Map]
			at := s.dim(via.From)
			if at < 0 {
				return nil, false
			}
			m.same = false
			m.terms = append(m.terms, term{dim: at, stride: stride, table: via.Target})
		default:
			return nil, false
		}
		stride *= p.m.Dims[b.of.dims[i]].Len()
	}
	m.finish(s)
	return m, true
}

// foldTo finds where positions of what is folded go.
func (p *plan) foldTo(s *space, f *fold, result *variable) *mapping {
	strides := make([]int, len(result.dims))
	stride := 1
	for i := len(result.dims) - 1; i >= 0; i-- {
		strides[i] = stride
		stride *= p.m.Dims[result.dims[i]].Len()
	}
	m := &mapping{}
	for i, d := range f.dims {
		if d.to < 0 {
			continue
		}
		t := term{dim: i, stride: strides[d.to]}
		if d.via != nil {
			t.table = d.via.Target
		}
		m.terms = append(m.terms, t)
	}
	m.finish(s)
	return m
}

func (m *mapping) finish(s *space) {
	last := len(s.lengths) - 1
	uses, plain := 0, false
	for _, t := range m.terms {
		if t.dim == last {
			uses++
			plain = t.stride == 1 && t.table == nil
		}
	}
	m.usesLast = uses > 0
	m.lastRun = uses == 1 && plain
}

// of returns where a position with these items leads.
func (m *mapping) of(items []int) int {
	at := m.constant
	for _, t := range m.terms {
		i := items[t.dim]
		if t.table != nil {
			if i = int(t.table[i]); i < 0 {
				return nowhere
			}
		}
		at += t.stride * i
	}
	return at
}

// lead is where the positions of a tile lead.
type lead struct {
	kind leadKind
	at   int     // of leadOne and leadRun: the first
	list []int32 // of leadAny
}

type leadKind uint8

const (
	leadOne leadKind = iota // all to one position, or nowhere
	leadRun                 // side by side
	leadAny
)

// leads finds where n positions from one on lead. list has room for n.
func (m *mapping) leads(s *space, position, n int, items []int, list []int32) lead {
	if m.same {
		return lead{kind: leadRun, at: position}
	}
	s.items(position, items)
	if len(m.terms) == 0 {
		return lead{kind: leadOne, at: m.constant}
	}
	inRow := len(items) > 0 && items[len(items)-1]+n <= s.last
	if inRow && !m.usesLast {
		return lead{kind: leadOne, at: m.of(items)}
	}
	if inRow && m.lastRun {
		if at := m.of(items); at != nowhere {
			return lead{kind: leadRun, at: at}
		}
		return lead{kind: leadOne, at: nowhere}
	}
	list = list[:n]
	for i := range list {
		list[i] = int32(m.of(items))
		s.next(items)
	}
	return lead{kind: leadAny, list: list}
}
