package explain

import "slices"

// sketch counts the most frequent of many parameters in a table of fixed size: the Space-Saving
// algorithm (Metwally, Agrawal, El Abbadi: Efficient Computation of Frequent and Top-k Elements in Data
// Streams, 2005). Until it is full its counts are exact. After that a new parameter takes the place of
// the rarest and inherits its count as a possible error, so that count-wrong is always a lower bound of
// the truth, and whatever makes up more than one in sketchSize is in the table.
type sketch[K comparable] struct {
	entries []counted[K]
}

type counted[K comparable] struct {
	key          K
	count, wrong int64
}

const sketchSize = 64

// least is how often the parameter was certainly seen.
func (e counted[K]) least() int64 { return e.count - e.wrong }

func (s *sketch[K]) add(key K) {
	rarest := 0
	for i := range s.entries {
		e := &s.entries[i]
		if e.key == key {
			e.count++
			// Frequent ones move to the front, where the next search finds them at once.
			if i > 0 && s.entries[i-1].count < e.count {
				s.entries[i-1], s.entries[i] = s.entries[i], s.entries[i-1]
			}
			return
		}
		if e.count <= s.entries[rarest].count {
			rarest = i
		}
	}
	if len(s.entries) < sketchSize {
		if s.entries == nil {
			s.entries = make([]counted[K], 0, sketchSize)
		}
		s.entries = append(s.entries, counted[K]{key: key, count: 1})
		return
	}
	n := s.entries[rarest].count
	s.entries[rarest] = counted[K]{key: key, count: n + 1, wrong: n}
}

// floor is the count that a parameter may have without being in the table.
func (s *sketch[K]) floor() int64 {
	if len(s.entries) < sketchSize {
		return 0
	}
	n := s.entries[0].count
	for _, e := range s.entries {
		n = min(n, e.count)
	}
	return n
}

// merge adds another table. A parameter that one of them has dropped may have been there as often as
// that table's rarest, which is added to count and error alike.
func (s *sketch[K]) merge(other *sketch[K]) {
	mine, others := s.floor(), other.floor()
	sum := slices.Clone(s.entries)
	at := make(map[K]int, len(sum))
	for i := range sum {
		at[sum[i].key] = i
	}
	missing := make([]bool, len(sum))
	for i := range missing {
		missing[i] = true
	}
	for _, e := range other.entries {
		if i, ok := at[e.key]; ok {
			sum[i].count += e.count
			sum[i].wrong += e.wrong
			missing[i] = false
			continue
		}
		sum = append(sum, counted[K]{e.key, e.count + mine, e.wrong + mine})
	}
	for i := range missing {
		if missing[i] {
			sum[i].count += others
			sum[i].wrong += others
		}
	}
	slices.SortStableFunc(sum, func(a, b counted[K]) int { return int(min(max(b.count-a.count, -1), 1)) })
	s.entries = slices.Clip(sum[:min(len(sum), sketchSize)])
}

// top returns the entries by what is certain of them, the most frequent first.
func (s *sketch[K]) top() []counted[K] {
	sorted := slices.Clone(s.entries)
	slices.SortStableFunc(sorted, func(a, b counted[K]) int { return int(min(max(b.least()-a.least(), -1), 1)) })
	return sorted
}
