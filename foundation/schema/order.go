package schema

import "fmt"

// Order puts migrations in the order in which they apply and leaves out what a squashed migration
// stands for. Migrations without dependencies keep their order. The sort is stable and linear; a
// cycle or a missing dependency is noted and broken at the first migration in the given order.
func Order(migrations []Migration) ([]Migration, []Note) {
	byID := make(map[string]int, len(migrations))
	graph := false
	for i := range migrations {
		byID[migrations[i].id()] = i
		graph = graph || len(migrations[i].DependsOn) > 0 || len(migrations[i].Replaces) > 0
	}
	if !graph {
		return migrations, nil
	}

	var notes []Note
	skip := make([]bool, len(migrations))
	standsFor := map[string]string{} // replaced, absent migration -> the squashed one
	for i := range migrations {
		m := &migrations[i]
		if len(m.Replaces) == 0 {
			continue
		}
		present := 0
		for _, r := range m.Replaces {
			if _, ok := byID[r]; ok {
				present++
			}
		}
		if present == len(m.Replaces) {
			skip[i] = true
			continue
		}
		for _, r := range m.Replaces {
			standsFor[r] = m.id()
			if j, ok := byID[r]; ok {
				skip[j] = true
			}
		}
		if present > 0 {
			notes = append(notes, Note{Place{Path: m.Path, Line: 1, EndLine: 1},
				fmt.Sprintf("The squashed migration %s replaces %d migrations of which %d are present; the squashed one was used.", m.id(), len(m.Replaces), present)})
		}
	}

	const (
		unseen = iota
		open
		done
	)
	state := make([]uint8, len(migrations))
	ordered := make([]Migration, 0, len(migrations))
	type frame struct {
		at   int
		deps []string
	}
	dependencies := func(i int) []string {
		m := &migrations[i]
		if skip[i] { // it stands for others: those come first in its place
			return append(append([]string(nil), m.DependsOn...), m.Replaces...)
		}
		return m.DependsOn
	}
	// An explicit stack: a history of 10^5 migrations in one chain must not exhaust the goroutine's.
	for root := range migrations {
		if state[root] != unseen {
			continue
		}
		state[root] = open
		stack := []frame{{root, dependencies(root)}}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if len(top.deps) == 0 {
				state[top.at] = done
				if !skip[top.at] {
					ordered = append(ordered, migrations[top.at])
				}
				stack = stack[:len(stack)-1]
				continue
			}
			dep := top.deps[0]
			top.deps = top.deps[1:]
			j, ok := byID[dep]
			if ok && skip[j] && standsFor[dep] != "" || !ok {
				if s := standsFor[dep]; s != "" {
					j, ok = byID[s]
				}
			}
			if !ok || state[j] == done {
				continue
			}
			if state[j] == open {
				if j != top.at {
					m := &migrations[top.at]
					notes = append(notes, Note{Place{Path: m.Path, Line: 1, EndLine: 1},
						fmt.Sprintf("The migrations %s and %s depend on each other; the order of the files was kept.", m.id(), migrations[j].id())})
				}
				continue
			}
			state[j] = open
			stack = append(stack, frame{j, dependencies(j)})
		}
	}
	return ordered, notes
}

// Forks names migrations that followed the same one and were never joined: two branches of the code
// base added one each. group tells which migrations form one history (a Django app), "" for all; a
// dependency across groups does not join. Each group with a fork gives one sentence; ordered is the
// result of [Order].
func Forks(ordered []Migration, group func(*Migration) string) []string {
	followed := map[string]bool{} // by another migration of its group
	base := map[string]string{}   // the first migration of a history, for each of its migrations
	byID := map[string]*Migration{}
	for i := range ordered {
		m := &ordered[i]
		byID[m.id()] = m
		for _, r := range m.Replaces {
			byID[r] = m
		}
	}
	for i := range ordered { // dependencies come first, so that their base is known
		m := &ordered[i]
		base[m.id()] = m.id()
		for _, d := range m.DependsOn {
			if on := byID[d]; on != nil && on != m && group(on) == group(m) {
				followed[on.id()] = true
				if b := base[on.id()]; b != "" {
					base[m.id()] = b
				}
			}
		}
	}
	heads := map[string][]*Migration{}
	var order []string
	for i := range ordered {
		m := &ordered[i]
		if followed[m.id()] || base[m.id()] == m.id() {
			continue // inside a history, or a history of one
		}
		key := group(m) + "\x00" + base[m.id()]
		if heads[key] == nil {
			order = append(order, key)
		}
		heads[key] = append(heads[key], m)
	}
	var out []string
	for _, key := range order {
		if h := heads[key]; len(h) > 1 {
			out = append(out, fmt.Sprintf("The migrations %s and %s were never joined: the history has %d heads, and no order between them is stated. They were read in the order of their files; merge them before a deploy.",
				h[0].Path, h[1].Path, len(h)))
		}
	}
	return out
}
