package migration

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/foundation/schema"
)

var (
	railsSuper = regexp.MustCompile(`class\s+\S+\s*<\s*(\S*Migration(?:\[[\d.]+\])?)`)
	railsName  = regexp.MustCompile(`^(\d+)_`)
)

// rails writes one migration, and the lines of db/schema.rb. The version in schema.rb stays: Rails
// writes it when the migration runs.
func (w *Writer) rails(s *store) {
	adds := s.plain()
	if len(adds) == 0 {
		return
	}
	dump := ""
	for _, f := range s.db.Files {
		if railsDump.MatchString(f) {
			dump = f
		}
	}
	var version, newest, super string
	folders := map[string]bool{}
	for _, p := range paths(s.db) {
		m := railsName.FindStringSubmatch(path.Base(p))
		if m == nil {
			continue
		}
		folders[path.Dir(p)] = true
		if len(m[1]) < len(version) || len(m[1]) == len(version) && m[1] < version {
			continue
		}
		version, newest = m[1], path.Dir(p)
		if c := railsSuper.FindStringSubmatch(w.text(p)); c != nil {
			super = c[1]
		}
	}
	if version == "" || super == "" {
		return // a schema without migrations: how it is changed is not known
	}
	// An engine keeps the migrations of its own tables: one file for each folder.
	var order []string
	byFolder := map[string][]*addition{}
	for _, a := range adds {
		dir := path.Dir(a.table.CreatedIn)
		if !folders[dir] {
			dir = newest
		}
		if byFolder[dir] == nil {
			order = append(order, dir)
		}
		byFolder[dir] = append(byFolder[dir], a)
	}
	for n, dir := range order {
		w.railsFile(s, byFolder[dir], dir, later(version, w.step+n, w.position(s)), super, dump)
	}
}

func (w *Writer) railsFile(s *store, adds []*addition, dir, next, super, dump string) {
	rocket := strings.Contains(w.text(dump), ":force => true")
	concurrent := s.db.Schema.Dialect == schema.Postgres && strings.Contains(super, "[")
	several := concurrent && w.otherAdapters()
	name := w.title(adds)
	var sb strings.Builder
	fmt.Fprintf(&sb, "class %s < %s\n", camel(name), super)
	if concurrent {
		sb.WriteString("  disable_ddl_transaction!\n\n")
	}
	if rocket {
		sb.WriteString("  def self.up\n")
	} else {
		sb.WriteString("  def change\n")
	}
	if several {
		sb.WriteString("    online = connection.adapter_name == \"PostgreSQL\" ? { algorithm: :concurrently } : {}\n")
	}
	for _, a := range adds {
		options := []string{pair("name", fmt.Sprintf("%q", a.index.Name), rocket)}
		if a.index.Unique {
			options = append(options, pair("unique", "true", rocket))
		}
		if o := railsOrder(a.index, rocket); o != "" {
			options = append(options, o)
		}
		switch {
		case several:
			options = append(options, "**online")
		case concurrent:
			options = append(options, pair("algorithm", ":concurrently", rocket))
		}
		fmt.Fprintf(&sb, "    add_index %q, %s, %s\n", a.table.Name, quoted(a.index.Columns), strings.Join(options, ", "))
	}
	sb.WriteString("  end\n")
	if rocket {
		sb.WriteString("\n  def self.down\n")
		for _, a := range adds {
			fmt.Fprintf(&sb, "    remove_index %q, :name => %q\n", a.table.Name, a.index.Name)
		}
		sb.WriteString("  end\n")
	}
	sb.WriteString("end\n")
	file := patch.Edit{Path: path.Join(dir, next+"_"+name+".rb"), New: sb.String(), Create: true}
	if dump == "" {
		s.share(adds, file)
		return
	}
	for _, a := range adds {
		if edit, ok := w.dumpLine(dump, a, rocket); ok {
			s.share([]*addition{a}, file, edit)
		}
	}
}

// otherAdapters reports whether the project also runs on products that know no concurrent build: their
// adapters stand in its Gemfile or gemspec.
func (w *Writer) otherAdapters() bool {
	for _, f := range w.project.Files {
		base := path.Base(f.Path)
		if base != "Gemfile" && !strings.HasSuffix(base, ".gemspec") {
			continue
		}
		for _, adapter := range []string{"mysql2", "trilogy", "sqlite3"} {
			if strings.Contains(string(f.Source()), adapter) {
				return true
			}
		}
	}
	return false
}

func pair(key, value string, rocket bool) string {
	if rocket {
		return ":" + key + " => " + value
	}
	return key + ": " + value
}

func quoted(columns []schema.IndexColumn) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = fmt.Sprintf("%q", c.Name)
	}
	return "[" + strings.Join(names, ", ") + "]"
}

func railsOrder(ix *schema.Index, rocket bool) string {
	var keys []string
	for _, c := range ix.Columns {
		if c.Desc {
			keys = append(keys, pair(c.Name, ":desc", rocket))
		}
	}
	if len(keys) == 0 {
		return ""
	}
	return pair("order", "{ "+strings.Join(keys, ", ")+" }", rocket)
}

// dumpLine is the line of the index in schema.rb or structure.sql.
func (w *Writer) dumpLine(dump string, a *addition, rocket bool) (patch.Edit, bool) {
	text := w.text(dump)
	if strings.HasSuffix(dump, ".sql") {
		return w.scriptLine(dump, a)
	}
	head := regexp.MustCompile(`(?m)^([ \t]*)create_table[ (]+[:"']` + regexp.QuoteMeta(a.table.Name) + `["',\s]`)
	m := head.FindStringSubmatchIndex(text)
	if m == nil {
		return patch.Edit{}, false
	}
	indent := text[m[2]:m[3]]
	end := strings.Index(text[m[0]:], "\n"+indent+"end")
	if end < 0 {
		return patch.Edit{}, false
	}
	end += m[0] + 1
	options := []string{pair("name", fmt.Sprintf("%q", a.index.Name), rocket)}
	if a.index.Unique {
		options = append(options, pair("unique", "true", rocket))
	}
	if o := railsOrder(a.index, rocket); o != "" {
		options = append(options, o)
	}
	if strings.Contains(text, "t.index [") || !strings.Contains(text, "add_index ") {
		line := fmt.Sprintf("%s  t.index %s, %s\n", indent, quoted(a.index.Columns), strings.Join(options, ", "))
		return patch.Edit{Path: dump, Start: end, End: end, New: line}, true
	}
	if strings.Contains(text, "using: :btree") {
		options = append(options, "using: :btree")
	}
	after := end + len(indent) + len("end")
	line := fmt.Sprintf("\n%sadd_index %q, %s, %s", indent, a.table.Name, quoted(a.index.Columns), strings.Join(options, ", "))
	return patch.Edit{Path: dump, Start: after, End: after, New: line}, true
}
