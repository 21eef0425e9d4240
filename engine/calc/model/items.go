package model

import "strconv"

// Items is an ordered list of different names. A range such as S1..S1000 is kept as such. The zero value has none.
type Items struct {
	names  []string
	index  map[string]int32
	prefix string
	first  int
	count  int // of a range
}

// ListItems makes items of names, which must differ; the slice is kept.
func ListItems(names []string) Items {
	index := make(map[string]int32, len(names))
	for i, name := range names {
		index[name] = int32(i)
	}
	return Items{names: names, index: index}
}

// RangeItems makes the items prefix+first, prefix+(first+1) and so on.
func RangeItems(prefix string, first, count int) Items {
	return Items{prefix: prefix, first: first, count: count}
}

// Len is the number of items.
func (it *Items) Len() int { return it.count + len(it.names) }

// Name is the name of an item.
func (it *Items) Name(i int32) string {
	if it.names != nil {
		return it.names[i]
	}
	return it.prefix + strconv.Itoa(it.first+int(i))
}

// Index finds an item by its name.
func (it *Items) Index(name string) (int32, bool) {
	if it.names != nil {
		i, ok := it.index[name]
		return i, ok
	}
	if len(name) <= len(it.prefix) || name[:len(it.prefix)] != it.prefix {
		return 0, false
	}
	digits := name[len(it.prefix):]
	n, err := strconv.Atoi(digits)
	if err != nil || n < it.first || n-it.first >= it.count || strconv.Itoa(n) != digits {
		return 0, false
	}
	return int32(n - it.first), true
}

// Head returns the first n items, or all where there are fewer.
func (it *Items) Head(n int) Items {
	if it.names != nil {
		return ListItems(it.names[:min(n, len(it.names)):min(n, len(it.names))])
	}
	return Items{prefix: it.prefix, first: it.first, count: min(n, it.count)}
}
