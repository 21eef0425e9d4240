// Package django tells the flow engine what Django means: models with their relations and managers,
// querysets, related managers and their prefetch caches, Django REST framework serializers and views,
// class-based views, templates, the admin, Celery tasks, management commands and Graphene resolvers.
// It also folds migrations (or, where an app has none, the models themselves) into a schema.
//
// It reads syntax only. Nothing of the application is executed, and settings are read only for
// AUTH_USER_MODEL and the database engine.
package django

import (
	"sort"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Framework implements flow.Framework.
type Framework struct {
	ix        *flow.Index
	info      map[*flow.Class]*info       // models by class
	managers  map[*flow.Class]*flow.Model // manager and queryset classes to the model they serve
	kinds     map[*flow.Class]kind        // what a class is by its bases
	templates map[string][]*project.File  // "shop/list.html" to the files of that name
	byFile    map[*project.File][]*flow.Class
	user      string                   // class of AUTH_USER_MODEL
	depth     int                      // serializers and templates nested in each other
	beats     map[string]time.Duration // periods of scheduled tasks by name; nil until read
}

// New returns the framework.
func New() *Framework {
	return &Framework{
		info: map[*flow.Class]*info{}, managers: map[*flow.Class]*flow.Model{}, kinds: map[*flow.Class]kind{},
		templates: map[string][]*project.File{}, byFile: map[*project.File][]*flow.Class{},
	}
}

// Name returns "django".
func (*Framework) Name() string { return "django" }

// info is what is known of a model beside flow.Model.
type info struct {
	model    *flow.Model
	app      string
	fields   []*field // own and inherited from abstract bases, in order
	managers map[string]syntax.Ref
	owners   map[string]*flow.Class // class in which a manager was declared
	meta     *meta
	concrete bool
	parents  []*flow.Class // concrete parents of multi-table inheritance
}

// field is one model field as declared.
type field struct {
	name  string
	kind  string // "CharField", "ForeignKey", ...
	call  syntax.Ref
	owner *flow.Class
	// generic is the class of a relation of the project's own kind, which is no foreign key.
	generic syntax.Ref
}

func (f *field) foreign() bool {
	return f.kind == "ForeignKey" || f.kind == "OneToOneField" || strings.HasSuffix(f.kind, "ForeignKey") && f.kind != "GenericForeignKey" && !f.generic.Ok()
}
func (f *field) many() bool { return strings.HasSuffix(f.kind, "ManyToManyField") }

// meta is the Meta class of a model, inherited options included.
type meta struct {
	abstract, proxy, managed bool
	table                    string
	unique                   []syntax.Ref // unique_together
	together                 []syntax.Ref // index_together
	indexes                  []syntax.Ref
	constraints              []syntax.Ref
	owner                    *flow.Class
}

// kind says what a class is.
type kind uint8

const (
	plain kind = iota
	modelClass
	serializerClass
	viewClass
	managerClass
	adminClass
	commandClass
	grapheneClass
)

// bases are the names of library classes, by what a subclass of them is. Suffixes are matched for the
// names that libraries build upon.
var bases = map[string]kind{
	"Serializer": serializerClass, "ModelSerializer": serializerClass, "HyperlinkedModelSerializer": serializerClass, "BaseSerializer": serializerClass, "ListSerializer": serializerClass,
	"APIView": viewClass, "GenericAPIView": viewClass, "ViewSet": viewClass, "GenericViewSet": viewClass, "ModelViewSet": viewClass, "ReadOnlyModelViewSet": viewClass,
	"ListAPIView": viewClass, "RetrieveAPIView": viewClass, "CreateAPIView": viewClass, "UpdateAPIView": viewClass, "DestroyAPIView": viewClass, "ListCreateAPIView": viewClass,
	"RetrieveUpdateAPIView": viewClass, "RetrieveDestroyAPIView": viewClass, "RetrieveUpdateDestroyAPIView": viewClass,
	"View": viewClass, "TemplateView": viewClass, "ListView": viewClass, "DetailView": viewClass, "CreateView": viewClass, "UpdateView": viewClass, "DeleteView": viewClass, "FormView": viewClass,
	"RedirectView": viewClass, "ArchiveIndexView": viewClass, "DayArchiveView": viewClass, "MonthArchiveView": viewClass, "YearArchiveView": viewClass, "MultiTableMixin": viewClass, "SingleTableView": viewClass, "FilterView": viewClass,
	"Manager": managerClass, "QuerySet": managerClass, "BaseUserManager": managerClass, "UserManager": managerClass, "BaseManager": managerClass, "TreeManager": managerClass,
	"PolymorphicManager": managerClass, "PolymorphicQuerySet": managerClass, "SafeDeleteManager": managerClass,
	"ModelAdmin": adminClass, "UserAdmin": adminClass, "SimpleHistoryAdmin": adminClass, "ImportExportModelAdmin": adminClass,
	"BaseCommand": commandClass, "NoArgsCommand": commandClass, "LabelCommand": commandClass,
	"ObjectType": grapheneClass, "DjangoObjectType": grapheneClass,
}

// modelBases are the library classes that make a model of their subclass.
var modelBases = map[string]bool{
	"AbstractUser": true, "AbstractBaseUser": true, "MPTTModel": true, "PolymorphicModel": true, "TimeStampedModel": true, "SafeDeleteModel": true, "TranslatableModel": true,
	"ClusterableModel": true, "TimeFramedModel": true, "StatusModel": true, "SoftDeletableModel": true, "UUIDModel": true, "MP_Node": true, "NS_Node": true, "AL_Node": true,
}

// Index finds the models, managers, views and templates.
func (fw *Framework) Index(ix *flow.Index) {
	fw.ix = ix
	for _, list := range ix.Classes {
		for _, c := range list {
			if c.File.Lang == "python" {
				fw.byFile[c.File] = append(fw.byFile[c.File], c)
			}
		}
	}
	for _, list := range fw.byFile {
		sort.Slice(list, func(i, j int) bool { return list[i].Node.Start() < list[j].Node.Start() })
	}
	var models []*flow.Class
	for _, f := range ix.Project.Files {
		for _, c := range fw.byFile[f] {
			if fw.kindOf(c, 0) == modelClass {
				models = append(models, c)
			}
		}
		if f.Lang == "jinja" && f.Tree != nil {
			if i := strings.Index("/"+f.Path, "/templates/"); i >= 0 {
				name := f.Path[i+len("/templates/")-1:]
				fw.templates[name] = append(fw.templates[name], f)
			}
		}
	}
	if len(models) == 0 {
		return
	}
	fw.user = fw.findUser(models)
	for _, c := range models {
		fw.declare(c)
	}
	for _, c := range models {
		fw.inherit(fw.info[c], c, map[*flow.Class]bool{})
	}
	for _, c := range models {
		fw.relate(fw.info[c])
	}
	for _, c := range models {
		fw.manage(fw.info[c])
	}
}

// kindOf classifies a class by its bases.
func (fw *Framework) kindOf(c *flow.Class, depth int) kind {
	if c == nil || depth > 10 {
		return plain
	}
	if k, ok := fw.kinds[c]; ok {
		return k
	}
	if c.File.Role == project.Migration { // a history has a class Migration in every file
		return plain
	}
	fw.kinds[c] = plain // breaks cycles
	k := fw.classify(c, depth)
	fw.kinds[c] = k
	return k
}

func (fw *Framework) classify(c *flow.Class, depth int) kind {
	from := func(name string) string { // module that a base was imported from
		first, _, _ := strings.Cut(name, ".")
		module, _ := fw.ix.Imported(c.File, first)
		return module
	}
	for _, s := range c.Super {
		last := flow.LastSegment(s)
		base := fw.ix.Class(s, c.File)
		if base == c {
			base = nil
		}
		if s == "models.Model" || last == "Model" && strings.HasPrefix(from(s), "django") {
			return modelClass
		}
		if base != nil && strings.HasPrefix(from(s), "django") || strings.HasPrefix(from(s), "rest_framework") {
			base = nil // the library's, though the project has a class of that name
		}
		if base != nil {
			if k := fw.kindOf(base, depth+1); k != plain {
				return k
			}
			continue
		}
		if modelBases[last] {
			return modelClass
		}
		if k, ok := bases[last]; ok && (k != viewClass && k != grapheneClass || strings.Contains(c.File.Path, "view") || from(s) != "" || strings.Contains(s, ".")) {
			return k
		}
		if strings.HasSuffix(last, "ViewSet") || strings.HasSuffix(last, "APIView") {
			return viewClass
		}
		if strings.HasSuffix(last, "Serializer") && from(s) != "" {
			return serializerClass
		}
	}
	for n := range c.Node.All(syntax.Super) {
		if n.Kind() == syntax.Call && n.Str() == "from_queryset" {
			return managerClass
		}
	}
	for _, f := range c.Fields { // a mixin with model fields
		v := f.Child(syntax.Value)
		if v.Kind() == syntax.Call && v.Receiver().Kind() == syntax.Name && v.Receiver().Str() == "models" && (strings.HasSuffix(v.Str(), "Field") || v.Str() == "ForeignKey") {
			if module, _ := fw.ix.Imported(c.File, "models"); strings.HasPrefix(module, "django") {
				return modelClass
			}
		}
	}
	return plain
}

// findUser returns the class name of the user model.
func (fw *Framework) findUser(models []*flow.Class) string {
	for _, f := range fw.ix.Project.Files {
		if f.Lang != "python" || !strings.Contains(f.Path, "settings") {
			continue
		}
		if v, ok := fw.ix.Constants[f]["AUTH_USER_MODEL"]; ok && v.Kind() == syntax.String {
			return flow.LastSegment(v.Str())
		}
	}
	for _, c := range models {
		for _, s := range c.Super {
			if n := flow.LastSegment(s); n == "AbstractUser" || n == "AbstractBaseUser" {
				return c.Name
			}
		}
	}
	return "User"
}

// declare registers a model with what its own class body says.
func (fw *Framework) declare(c *flow.Class) {
	in := &info{app: appOf(c.File.Path), managers: map[string]syntax.Ref{}, owners: map[string]*flow.Class{}, meta: fw.metaOf(c)}
	in.model = &flow.Model{Name: c.Name, Framework: "django", Class: c, File: c.File, Node: c.Node, Abstract: in.meta.abstract, Columns: map[string]string{}}
	in.concrete = !in.meta.abstract && fw.reachesModel(c, 0)
	if in.concrete {
		in.model.Table = in.meta.table
		if in.model.Table == "" {
			in.model.Table = in.app + "_" + strings.ToLower(flow.LastSegment(c.Name))
		}
	}
	fw.info[c] = in
	fw.ix.AddModel(in.model)
	for _, f := range ownFields(c) {
		if f.many() || strings.HasSuffix(f.kind, "Field") || f.foreign() || strings.HasSuffix(f.kind, "ForeignKey") || strings.HasSuffix(f.kind, "Relation") {
			f.generic = fw.genericField(f)
			in.fields = append(in.fields, f)
			continue
		}
		if fw.isManager(f.call, c) {
			in.managers[f.name], in.owners[f.name] = f.call, c
		}
	}
}

// reachesModel reports whether a class descends from Model and is not only a mixin with fields.
func (fw *Framework) reachesModel(c *flow.Class, depth int) bool {
	if c == nil || depth > 10 {
		return false
	}
	for _, s := range c.Super {
		last := flow.LastSegment(s)
		if last == "Model" || modelBases[last] {
			return true
		}
		if b := fw.ix.Class(s, c.File); b != nil && b != c && fw.kinds[b] == modelClass && fw.reachesModel(b, depth+1) {
			return true
		}
	}
	return false
}

// ownFields lists the fields of a class body whose value is a call, in order.
func ownFields(c *flow.Class) []*field {
	var out []*field
	for n := range c.Node.Child(syntax.Body).Children() {
		if n.Kind() != syntax.Field {
			continue
		}
		if v := n.Child(syntax.Value); v.Kind() == syntax.Call {
			out = append(out, &field{name: n.Str(), kind: v.Str(), call: v, owner: c})
		}
	}
	return out
}

// metaOf reads class Meta, with the options of a Meta that it extends.
func (fw *Framework) metaOf(c *flow.Class) *meta {
	m := &meta{managed: true, owner: c}
	node := metaClass(c)
	if !node.Ok() {
		fw.inheritMeta(m, c, 0)
		return m
	}
	if s := node.Child(syntax.Super); s.Ok() {
		name := strings.TrimSuffix(s.Dotted(), ".Meta")
		if b := fw.ix.Class(name, c.File); b != nil && b != c {
			m.read(metaClass(b))
			m.abstract = false
		}
	}
	m.read(node)
	return m
}

// inheritMeta takes the Meta of an abstract base: indexes are inherited, abstract is not.
func (fw *Framework) inheritMeta(m *meta, c *flow.Class, depth int) {
	if depth > 6 {
		return
	}
	for _, s := range c.Super {
		b := fw.ix.Class(s, c.File)
		if b == nil || b == c {
			continue
		}
		if n := metaClass(b); n.Ok() {
			base := &meta{}
			base.read(n)
			if base.abstract {
				base.abstract, base.proxy, base.managed, base.owner, base.table = false, false, true, c, ""
				*m = *base
				return
			}
			return
		}
		fw.inheritMeta(m, b, depth+1)
	}
}

func metaClass(c *flow.Class) syntax.Ref {
	for n := range c.Node.Child(syntax.Body).Children() {
		if n.Kind() == syntax.Class && n.Str() == "Meta" {
			return n
		}
	}
	return syntax.Ref{}
}

func (m *meta) read(n syntax.Ref) {
	for f := range n.Child(syntax.Body).Children() {
		if f.Kind() != syntax.Field {
			continue
		}
		v := f.Child(syntax.Value)
		switch f.Str() {
		case "abstract":
			m.abstract = v.Str() == "true"
		case "proxy":
			m.proxy = v.Str() == "true"
		case "managed":
			m.managed = v.Str() != "false"
		case "db_table":
			m.table = strings.Trim(v.Str(), `"`)
		case "unique_together":
			m.unique = groups(v)
		case "index_together":
			m.together = groups(v)
		case "indexes":
			m.indexes = elements(v)
		case "constraints":
			m.constraints = elements(v)
		}
	}
}

func elements(n syntax.Ref) []syntax.Ref {
	var out []syntax.Ref
	switch n.Kind() {
	case syntax.List:
		for c := range n.Children() {
			out = append(out, elements(c)...)
		}
	case syntax.Binary:
		return append(elements(n.Child(syntax.Left)), elements(n.Child(syntax.Right))...)
	case syntax.Splat:
		return elements(n.Child(syntax.Value))
	default:
		return []syntax.Ref{n}
	}
	return out
}

// groups reads a list of lists; a single flat list is one group.
func groups(n syntax.Ref) []syntax.Ref {
	if n.Kind() != syntax.List {
		return nil
	}
	var out []syntax.Ref
	for c := range n.Children() {
		if c.Kind() == syntax.List {
			out = append(out, c)
		} else if c.Kind() == syntax.String {
			return []syntax.Ref{n}
		}
	}
	return out
}

// appOf is the label of the app that a models file belongs to: the folder above models.py, models/
// or the deepest folder of the file.
func appOf(p string) string {
	parts := strings.Split(p, "/")
	for i := len(parts) - 1; i >= 0; i-- {
		if (parts[i] == "models" || strings.HasPrefix(parts[i], "models.") || parts[i] == "models.py") && i > 0 {
			return parts[i-1]
		}
	}
	if len(parts) > 1 {
		return parts[len(parts)-2]
	}
	return ""
}

// inherit copies what abstract bases declare, and links concrete parents.
func (fw *Framework) inherit(in *info, c *flow.Class, seen map[*flow.Class]bool) {
	if seen[c] {
		return
	}
	seen[c] = true
	for _, s := range c.Super {
		b := fw.ix.Class(s, c.File)
		base := fw.info[b]
		if b == nil || base == nil || b == c {
			continue
		}
		if base.concrete && !in.meta.proxy && c == in.model.Class && in.concrete {
			in.parents = append(in.parents, b)
		}
		if base.concrete && in.meta.proxy {
			in.model.Table = base.model.Table
			in.meta.managed = false
		}
		for _, f := range ownFields(b) {
			switch {
			case fw.isManager(f.call, b):
				if _, ok := in.managers[f.name]; !ok {
					in.managers[f.name], in.owners[f.name] = f.call, b
				}
			case base.concrete && !in.meta.proxy:
			case f.many() || strings.HasSuffix(f.kind, "Field") || strings.HasSuffix(f.kind, "ForeignKey") || strings.HasSuffix(f.kind, "Relation"):
				if in.field(f.name) == nil {
					in.fields = append(in.fields, f)
				}
			}
		}
		fw.inherit(in, b, seen)
	}
}

func (in *info) field(name string) *field {
	for _, f := range in.fields {
		if f.name == name {
			return f
		}
	}
	return nil
}
