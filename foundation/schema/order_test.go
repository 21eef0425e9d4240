package schema

import (
	"strings"
	"testing"
)

func TestForks(t *testing.T) {
	app := func(m *Migration) string { s, _, _ := strings.Cut(m.ID, "."); return s }
	m := func(id string, on ...string) Migration { return Migration{ID: id, Path: id + ".py", DependsOn: on} }
	squashed := m("a.2s", "a.1")
	squashed.Replaces = []string{"a.2", "a.3"}
	for name, c := range map[string]struct {
		list []Migration
		want []string // paths that the sentence names; none for no sentence
	}{
		"chain":                   {[]Migration{m("a.1"), m("a.2", "a.1"), m("a.3", "a.2")}, nil},
		"two heads":               {[]Migration{m("a.1"), m("a.2x", "a.1"), m("a.2y", "a.1")}, []string{"a.2x.py", "a.2y.py"}},
		"joined":                  {[]Migration{m("a.1"), m("a.2x", "a.1"), m("a.2y", "a.1"), m("a.3", "a.2x", "a.2y")}, nil},
		"joined by another app":   {[]Migration{m("a.1"), m("a.2x", "a.1"), m("a.2y", "a.1"), m("b.1", "a.2x", "a.2y")}, []string{"a.2x.py", "a.2y.py"}},
		"two apps":                {[]Migration{m("a.1"), m("b.1", "a.1"), m("a.2", "a.1"), m("b.2", "b.1")}, nil},
		"two unrelated histories": {[]Migration{m("a.1"), m("a.2", "a.1"), m("a.x"), m("a.y", "a.x")}, nil},
		"after a squash":          {[]Migration{m("a.1"), squashed, m("a.4", "a.3")}, nil},
		"no dependencies":         {[]Migration{m("a.1"), m("a.2")}, nil},
	} {
		ordered, _ := Order(c.list)
		got := Forks(ordered, app)
		if len(c.want) == 0 {
			if len(got) > 0 {
				t.Errorf("%s: %v", name, got)
			}
			continue
		}
		if len(got) != 1 {
			t.Errorf("%s: %d sentences, want 1: %v", name, len(got), got)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(got[0], w) {
				t.Errorf("%s: %q does not name %s", name, got[0], w)
			}
		}
	}
}
