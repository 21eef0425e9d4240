package django

import (
	"fmt"
	"path"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

// Schemas folds the migrations of all apps of each Django project, in the order of their dependencies,
// and adds the tables of models that no migration makes. Apps below one manage.py share a database.
func (fw *Framework) Schemas(p *project.Project) []*project.Database {
	byRoot := map[string][]*project.File{}
	roots := managed(p)
	for _, f := range p.Files {
		if f.Tree == nil || f.Lang != "python" || f.Role == project.Test || f.Role == project.Vendored {
			continue
		}
		if path.Base(path.Dir(f.Path)) == "migrations" && path.Base(f.Path) != "__init__.py" && migrationClass(f).Ok() {
			r := rootOf(f.Path, roots)
			byRoot[r] = append(byRoot[r], f)
		}
	}
	models := New()
	models.Index(flow.NewIndex(p, "python"))
	if len(byRoot) == 0 && len(models.info) == 0 {
		return nil
	}
	stated := map[string][]*info{}
	for _, f := range p.Files {
		if f.Role == project.Test {
			continue
		}
		for _, c := range models.byFile[f] {
			if i := models.info[c]; i != nil && i.concrete && !i.meta.proxy && i.meta.managed && !c.Module {
				r := rootOf(f.Path, roots)
				stated[r] = append(stated[r], i)
			}
		}
	}
	all := map[string]bool{}
	for r := range byRoot {
		all[r] = true
	}
	for r := range stated {
		all[r] = true
	}
	names := make([]string, 0, len(all))
	for r := range all {
		names = append(names, r)
	}
	sort.Strings(names)
	var out []*project.Database
	for _, r := range names {
		if db := fw.fold(p, r, byRoot[r], stated[r], models); db != nil {
			out = append(out, db)
		}
	}
	return out
}

// managed lists the folders that hold a manage.py, longest first.
func managed(p *project.Project) []string {
	var out []string
	for _, f := range p.Files {
		if path.Base(f.Path) == "manage.py" {
			out = append(out, strings.TrimSuffix(strings.TrimSuffix(f.Path, "manage.py"), "/"))
		}
	}
	sort.Slice(out, func(i, j int) bool { return len(out[i]) > len(out[j]) })
	return out
}

func rootOf(file string, roots []string) string {
	for _, r := range roots {
		if r == "" || strings.HasPrefix(file, r+"/") {
			return r
		}
	}
	return ""
}

// migrationClass is class Migration of a file, when it is Django's.
func migrationClass(f *project.File) syntax.Ref {
	for n := range f.Tree.Root().Children() {
		if n.Kind() == syntax.Class && n.Str() == "Migration" {
			return n
		}
	}
	return syntax.Ref{}
}

// labels reads the app labels that AppConfig classes set, by folder.
func labels(p *project.Project) map[string]string {
	out := map[string]string{}
	for _, f := range p.Files {
		if f.Tree == nil || path.Base(f.Path) != "apps.py" {
			continue
		}
		for c := range f.Tree.Root().Descendants(syntax.Class) {
			for n := range c.Child(syntax.Body).Children() {
				if n.Kind() == syntax.Field && n.Str() == "label" && n.Child(syntax.Value).Kind() == syntax.String {
					out[path.Dir(f.Path)] = n.Child(syntax.Value).Str()
				}
			}
		}
	}
	return out
}

func (fw *Framework) fold(p *project.Project, root string, files []*project.File, stated []*info, models *Framework) *project.Database {
	label := labels(p)
	product := dialect(p, root)
	sort.Slice(files, func(i, j int) bool { return files[i].Path < files[j].Path })
	var list []schema.Migration
	byID := map[string]*project.File{}
	for _, f := range files {
		app := appLabel(path.Dir(path.Dir(f.Path)), label)
		m := head(f, app)
		m.Transactional = m.Transactional && product != schema.MySQL
		list = append(list, m)
		byID[m.ID] = f
	}
	ordered, _ := schema.Order(list)
	s := newState()
	for _, i := range stated {
		if i.model.Name == models.user {
			s.user = strings.ToLower(appLabel(appDir(i.model.File.Path), label) + "." + i.model.Name)
		}
	}
	at := map[string]int{}
	for i := range list {
		at[list[i].ID] = i
	}
	db := &project.Database{Root: root}
	for i := range ordered {
		f := byID[ordered[i].ID]
		r := &migrationReader{file: f, app: strings.SplitN(ordered[i].ID, ".", 2)[0], state: s, dialect: product}
		r.operations(operationsOf(migrationClass(f)))
		ordered[i].Ops = r.ops
		list[at[ordered[i].ID]].Ops = r.ops
		db.Files = append(db.Files, f.Path)
	}
	db.Migrations = ordered
	folded := ordered
	if extra := fw.unmigrated(stated, s, label); len(extra.Ops) > 0 {
		folded = append(append([]schema.Migration(nil), ordered...), extra)
	}
	db.Schema = schema.Fold(folded, product)
	db.Schema.Conflicts = append(db.Schema.Conflicts, schema.Forks(ordered, func(m *schema.Migration) string {
		app, _, _ := strings.Cut(m.ID, ".")
		return app
	})...)
	db.Schema.Conflicts = append(db.Schema.Conflicts, absent(list)...)
	switch {
	case len(ordered) > 0:
		db.Source = "Django migrations"
		if root != "" {
			db.Source += " below " + root
		}
	default:
		db.Source = "Django models"
		db.Migrations = nil
	}
	if len(db.Schema.Tables) == 0 {
		return nil
	}
	return db
}

// absent says how many migrations follow one that is not in the tree, though others of its app are: what it
// did is missing from the schema. Apps of installed packages are not in the tree at all and not missed.
func absent(list []schema.Migration) []string {
	known, apps := map[string]bool{}, map[string]bool{}
	for i := range list {
		app, _, _ := strings.Cut(list[i].ID, ".")
		known[list[i].ID], apps[app] = true, true
		for _, r := range list[i].Replaces {
			known[r] = true
		}
	}
	n, first := 0, ""
	for i := range list {
		for _, d := range list[i].DependsOn {
			if app, name, _ := strings.Cut(d, "."); apps[app] && !known[d] && !strings.HasPrefix(name, "__") {
				if n++; n == 1 {
					first = fmt.Sprintf("%s follows %s", list[i].Path, d)
				}
			}
		}
	}
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of the migrations' dependencies could not be found (%s): what the missing migrations did is not in the schema.", n, first)}
}

func appLabel(dir string, labels map[string]string) string {
	if l := labels[dir]; l != "" {
		return l
	}
	return path.Base(dir)
}

// appDir is the folder of the app that a models file belongs to.
func appDir(file string) string {
	d := path.Dir(file)
	if i := strings.Index(d+"/", "/models/"); i >= 0 {
		return d[:i]
	}
	return d
}

// unmigrated makes the tables of models whose app has no migrations at all.
func (fw *Framework) unmigrated(stated []*info, s *state, label map[string]string) schema.Migration {
	m := schema.Migration{ID: "models"}
	apps := map[string]bool{}
	for _, known := range s.models {
		apps[strings.ToLower(known.app)] = true
	}
	var fresh []*modelState
	var places []schema.Place
	for _, i := range stated {
		app := appLabel(appDir(i.model.File.Path), label)
		if apps[strings.ToLower(app)] || s.get(app, i.model.Name) != nil {
			continue
		}
		ms := &modelState{app: app, name: i.model.Name, table: i.meta.table}
		if ms.table == "" {
			ms.table = strings.ToLower(app + "_" + i.model.Name)
		}
		for _, f := range i.fields {
			ms.fields = append(ms.fields, &fieldState{name: f.name, kind: f.kind, call: f.call, file: f.owner.File, app: app})
		}
		for _, g := range i.meta.unique {
			ms.unique = append(ms.unique, texts(g))
		}
		for _, g := range i.meta.together {
			ms.together = append(ms.together, texts(g))
		}
		s.models[ms.key()] = ms
		fresh = append(fresh, ms)
		places = append(places, place(i.model.File, i.model.Node))
		if m.Path == "" {
			m.Path = i.model.File.Path
		}
	}
	for n, ms := range fresh {
		m.Ops = append(m.Ops, s.create(ms, places[n])...)
	}
	for _, i := range stated { // Meta.indexes and constraints
		app := appLabel(appDir(i.model.File.Path), label)
		ms := s.get(app, i.model.Name)
		if ms == nil || apps[strings.ToLower(app)] {
			continue
		}
		for _, e := range append(append([]syntax.Ref(nil), i.meta.indexes...), i.meta.constraints...) {
			if ix := indexOf(ms, e, place(i.model.File, e)); ix != nil {
				m.Ops = append(m.Ops, schema.Op{Kind: schema.AddIndex, Place: ix.Place, Table: ms.table, Index: ix})
			}
		}
	}
	return m
}

// texts lists the strings of a list.
func texts(n syntax.Ref) []string {
	var out []string
	for c := range n.Children() {
		if c.Kind() == syntax.String {
			out = append(out, c.Str())
		}
	}
	return out
}

// head reads what a migration says of itself: its place in the graph and whether it is atomic.
func head(f *project.File, app string) schema.Migration {
	m := schema.Migration{Path: f.Path, ID: app + "." + strings.TrimSuffix(path.Base(f.Path), ".py"), Transactional: true}
	pairs := func(v syntax.Ref) []string {
		var out []string
		for e := range v.Children() {
			if e.Kind() == syntax.List {
				if t := texts(e); len(t) == 2 {
					out = append(out, t[0]+"."+t[1])
				}
			}
		}
		return out
	}
	for n := range migrationClass(f).Child(syntax.Body).Children() {
		v := n.Child(syntax.Value)
		switch n.Str() {
		case "dependencies":
			for _, d := range pairs(v) {
				if !strings.HasSuffix(d, ".__first__") {
					m.DependsOn = append(m.DependsOn, d)
				}
			}
		case "replaces":
			m.Replaces, m.Squashed = pairs(v), true
		case "atomic":
			m.Transactional = v.Str() != "false"
		}
	}
	// What stands outside of the project (contenttypes, auth) orders nothing here.
	return m
}

func operationsOf(class syntax.Ref) []syntax.Ref {
	var out []syntax.Ref
	for n := range class.Child(syntax.Body).Children() {
		if n.Str() == "operations" {
			out = append(out, elements(n.Child(syntax.Value))...)
		}
	}
	return out
}

// dialect says which product the settings name.
func dialect(p *project.Project, root string) schema.Dialect {
	votes := map[schema.Dialect]int{}
	for _, f := range p.Files {
		if f.Tree == nil || f.Lang != "python" || f.Role == project.Test || !strings.Contains(f.Path, "settings") || root != "" && !strings.HasPrefix(f.Path, root+"/") {
			continue
		}
		for s := range f.Tree.Root().Descendants(syntax.String) {
			switch v := s.Str(); {
			case strings.Contains(v, "backends.postgis"), strings.Contains(v, "backends.postgresql"), strings.HasPrefix(v, "postgres://"), strings.HasPrefix(v, "postgresql://"):
				votes[schema.Postgres] += 3
			case strings.Contains(v, "backends.mysql"), strings.HasPrefix(v, "mysql://"):
				votes[schema.MySQL] += 2
			case strings.Contains(v, "backends.sqlite3"), strings.HasPrefix(v, "sqlite://"):
				votes[schema.SQLite]++
			}
		}
	}
	for _, d := range []schema.Dialect{schema.Postgres, schema.MySQL, schema.SQLite} {
		best := true
		for o, n := range votes {
			best = best && (o == d || n <= votes[d])
		}
		if votes[d] > 0 && best {
			return d
		}
	}
	for _, f := range p.Files {
		if f.Doc == nil {
			continue
		}
		for _, dep := range f.Doc.Dependencies() {
			if n := strings.ToLower(dep.Name); strings.HasPrefix(n, "psycopg") {
				return schema.Postgres
			}
		}
	}
	return schema.Unknown
}

// shift moves an operation that was read from a literal to the literal's lines.
func shift(op *schema.Op, lines int, file string) {
	move := func(p *schema.Place) {
		if p.Path == "" && p.Line == 0 {
			return
		}
		p.Path, p.Line, p.EndLine = file, p.Line+lines, p.EndLine+lines
	}
	move(&op.Place)
	if op.Index != nil {
		move(&op.Index.Place)
	}
	if op.Column != nil {
		move(&op.Column.Place)
	}
	if op.ForeignKey != nil {
		move(&op.ForeignKey.Place)
	}
	if t := op.Def; t != nil {
		move(&t.Place)
		for _, c := range t.Columns {
			move(&c.Place)
		}
		for _, ix := range t.Indexes {
			move(&ix.Place)
		}
		for _, fk := range t.ForeignKeys {
			move(&fk.Place)
		}
	}
}

// rawSQL reads the statements of a RunSQL.
func rawSQL(n syntax.Ref, file *project.File, d schema.Dialect) []schema.Op {
	var out []schema.Op
	switch n.Kind() {
	case syntax.String:
		ops, _ := sqlddl.ParseDDL(file.Path, []byte(n.Str()), d)
		for _, op := range ops {
			shift(&op, n.Line()-1, file.Path)
			out = append(out, op)
		}
	case syntax.List:
		for c := range n.Children() {
			out = append(out, rawSQL(c, file, d)...)
		}
	}
	return out
}

// CodeForeignKeys adds the generic foreign keys of models, which no constraint states, to their tables,
// and the indexes that the models state and the migrations have lost.
func (fw *Framework) CodeForeignKeys(ix *flow.Index, dbs []*project.Database) {
	for _, f := range ix.Project.Files {
		for _, c := range fw.byFile[f] {
			i := fw.info[c]
			if i == nil || i.model.Table == "" {
				continue
			}
			if i.concrete && !i.meta.proxy {
				for _, t := range tableIn(dbs, i.model.Table) {
					fw.agree(i, t)
				}
			}
			for _, fd := range i.fields {
				if fd.kind != "GenericForeignKey" {
					continue
				}
				typ, id := "content_type", "object_id"
				if a := fd.call.Arg(0); a.Kind() == syntax.String {
					typ = a.Str()
				}
				if a := fd.call.Arg(1); a.Kind() == syntax.String {
					id = a.Str()
				}
				for _, db := range dbs {
					t := db.Schema.Table(i.model.Table)
					if t == nil || t.Column(typ+"_id") == nil || t.Column(id) == nil {
						continue
					}
					t.ForeignKeys = append(t.ForeignKeys, &schema.ForeignKey{Columns: []string{typ + "_id", id}, Polymorphic: true, Place: place(fd.owner.File, fd.call)})
				}
			}
		}
	}
}
