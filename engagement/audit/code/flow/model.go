package flow

import (
	"strings"
	"sync"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// RelationKind says how many rows a relation leads to.
type RelationKind uint8

// Relation kinds.
const (
	BelongsTo RelationKind = iota // to one row through a key on this table
	HasOne                        // to one row through a key on the other table
	HasMany                       // to many rows
)

// Many reports whether the relation leads to many rows.
func (k RelationKind) Many() bool { return k == HasMany }

// Relation is a declared association of a model.
type Relation struct {
	Name        string
	Kind        RelationKind
	Target      string // model name; "" when polymorphic or unknown
	ForeignKey  string // column; "" for the framework's default
	ForeignType string // column with the class of a polymorphic relation's target; "" for the framework's default
	Polymorphic bool
	As          string     // name of the polymorphic relation on the target that leads back here
	Through     string     // name of the relation it goes through
	Scope       syntax.Ref // lambda that narrows it, if any
	PerRowScope bool       // the scope depends on the row: it can not be preloaded
	Eager       []string   // paths that loading the relation loads as well, relative to its target
	AlwaysEager bool       // loaded with its owner by declaration (fetch = EAGER, lazy="joined", $with)
	CounterOf   string     // counter cache column on the owner
	Attachment  bool       // file attachment: a relation in the database, and preloadable under other names
	File        *project.File
	Node        syntax.Ref
}

// Model is a class whose instances are rows.
type Model struct {
	Name      string
	Table     string
	Framework string
	Class     *Class
	Abstract  bool
	Relations map[string]*Relation
	Scopes    map[string]*Method // named queries: Rails scopes, Laravel scopeX, Django manager methods
	Eager     []string           // paths loaded by default
	Delegates map[string]string  // method -> relation that answers it
	Columns   map[string]string  // attribute -> column, where the model declares columns
	File      *project.File
	Node      syntax.Ref
}

// Relation finds a relation, also on super classes.
func (ix *Index) Relation(m *Model, name string) *Relation {
	for depth := 0; m != nil && depth < 8; depth++ {
		if r := m.Relations[name]; r != nil {
			return r
		}
		m = ix.superModel(m)
	}
	return nil
}

// Delegate returns the relation that a model forwards a method to, or "".
func (ix *Index) Delegate(m *Model, name string) string {
	for depth := 0; m != nil && depth < 8; depth++ {
		if r := m.Delegates[name]; r != "" {
			return r
		}
		m = ix.superModel(m)
	}
	return ""
}

// ScopeOf finds a named query of a model, also on super classes.
func (ix *Index) ScopeOf(m *Model, name string) *Method {
	for depth := 0; m != nil && depth < 8; depth++ {
		if s := m.Scopes[name]; s != nil {
			return s
		}
		m = ix.superModel(m)
	}
	return nil
}

func (ix *Index) superModel(m *Model) *Model {
	if m.Class == nil {
		return nil
	}
	for _, s := range m.Class.Super {
		if c := ix.Class(s, m.Class.File); c != nil && c.Model != nil && c.Model != m {
			return c.Model
		}
	}
	return nil
}

// Class is a class, module, trait or struct with its methods. Reopened classes are merged.
type Class struct {
	Name    string // as written, qualified by enclosing classes with "::" (Ruby) or "."
	File    *project.File
	Node    syntax.Ref
	Super   []string
	Mixins  []string // included modules and traits
	Methods map[string]*Method
	Static  map[string]*Method
	// Overloads are the methods of Java that share a name with the one in Methods or Static, that one
	// included, in the order of the source.
	Overloads map[string][]*Method
	Fields    map[string]syntax.Ref // class-level declarations by name
	Model     *Model
	Module    bool
}

// Method is a function with its owner. Node is a Func or a Lambda.
type Method struct {
	Name   string
	Class  *Class // nil for a free function
	File   *project.File
	Node   syntax.Ref
	Static bool
}

// Params returns the parameters, without a Go receiver and without Python's self or cls.
func (m *Method) Params() []syntax.Ref {
	var out []syntax.Ref
	first := true
	for p := range m.Node.All(syntax.ParamRole) {
		if p.Has(syntax.FlagReceiver) {
			continue
		}
		if first && m.File.Lang == "python" && m.Class != nil && (p.Str() == "self" || p.Str() == "cls") {
			first = false
			continue
		}
		first = false
		out = append(out, p)
	}
	return out
}

// Index is every class, function and model of a project by name.
type Index struct {
	Project   *project.Project
	Classes   map[string][]*Class  // by last name segment
	Functions map[string][]*Method // free functions by name
	Models    map[string]*Model    // by name and by last segment; those of one application of several also under keys of its own
	ByTable   map[string]*Model    // likewise; ask TableModel
	// Constants are module-level assignments by file and name.
	Constants map[*project.File]map[string]syntax.Ref

	merged   map[string]*Class
	mu       sync.Mutex // rules look classes up side by side; guards resolved and, below Class, python
	resolved map[classKey]resolvedClass
	imports  map[*project.File]map[string]imported
	python   map[*project.File]map[string]pythonImport
}

// LastSegment returns the part of a qualified name behind the last separator.
func LastSegment(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		switch name[i] {
		case '.', ':', '\\', '/':
			return name[i+1:]
		}
	}
	return name
}

// exactName is the advantage of a class whose whole name was written over one that only ends in it; it
// is less than being declared in the same file.
const exactName = 60

// nearness is the advantage of a class for each step that its application is nearer to the asking file;
// it outweighs exactName and what two paths may share.
const nearness = 150

// Class resolves a class name as seen from a file: the candidate whose path shares the longest
// prefix with the asking file wins, exact qualified names first.
func (ix *Index) Class(name string, from *project.File) *Class {
	name = strings.TrimPrefix(strings.TrimPrefix(name, "::"), "\\")
	list := ix.Classes[LastSegment(name)]
	if len(list) == 0 {
		return nil
	}
	// The answer depends on the candidates only, so it is kept until a class of that name is added.
	key := classKey{name, from}
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if known, ok := ix.resolved[key]; ok && known.of == len(list) {
		return known.class
	}
	c := ix.bestClass(name, from, list)
	if ix.resolved == nil {
		ix.resolved = map[classKey]resolvedClass{}
	}
	ix.resolved[key] = resolvedClass{c, len(list)}
	return c
}

type classKey struct {
	name string
	from *project.File
}

type resolvedClass struct {
	class *Class
	of    int // candidates when it was resolved
}

func (ix *Index) bestClass(name string, from *project.File, list []*Class) *Class {
	module := ix.pythonModuleOf(name, from)
	var best *Class
	bestScore := -1
	for _, c := range list {
		score := 0
		if c.Name == name {
			score += exactName
		}
		if c.Name == name || endsInName(c.Name, name) {
			score += 1000
		}
		if from != nil {
			score += nearness * ix.Project.Nearness(from.Path, c.File.Path)
			if c.File == from {
				score += 500
			}
			if module != "" && inModule(c.File.Path, module) {
				score += 600
			}
			score += commonPrefix(c.File.Path, from.Path)
			if c.File.Lang != from.Lang && !sameFamily(c.File.Lang, from.Lang) {
				score -= 3000
			}
		}
		if score > bestScore {
			best, bestScore = c, score
		}
	}
	return best
}

// endsInName reports whether a qualified name ends in the name as a whole segment.
func endsInName(qualified, name string) bool {
	if !strings.HasSuffix(qualified, name) || len(qualified) == len(name) {
		return false
	}
	c := qualified[len(qualified)-len(name)-1]
	return c == '.' || c == ':'
}

// Model resolves a model name as seen from a file.
func (ix *Index) Model(name string, from *project.File) *Model {
	if name == "" {
		return nil
	}
	if c := ix.Class(name, from); c != nil && c.Model != nil {
		return c.Model
	}
	for _, key := range []string{ix.ofApplication(name, from), name, LastSegment(name)} {
		if m := ix.Models[key]; m != nil {
			return m
		}
	}
	return nil
}

func sameFamily(a, b string) bool {
	return family(a) == family(b)
}

func family(lang string) string {
	switch lang {
	case "erb", "haml", "slim", "ruby":
		return "ruby"
	case "jinja", "python", "html":
		return "python"
	case "blade", "php":
		return "php"
	case "typescript", "tsx", "javascript", "prisma":
		return "typescript"
	}
	return lang
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// LookupMethod finds an instance method (or a static one) on a class, its mixins and super classes.
func (ix *Index) LookupMethod(c *Class, name string, static bool) *Method {
	return ix.lookup(c, name, static, map[*Class]bool{}, 0)
}

func (ix *Index) lookup(c *Class, name string, static bool, seen map[*Class]bool, depth int) *Method {
	if c == nil || seen[c] || depth > 12 {
		return nil
	}
	seen[c] = true
	table := c.Methods
	if static {
		table = c.Static
	}
	if m := table[name]; m != nil {
		return m
	}
	for i := len(c.Mixins) - 1; i >= 0; i-- {
		mc := ix.Class(c.Mixins[i], c.File)
		if m := ix.lookup(mc, name, static, seen, depth+1); m != nil {
			return m
		}
	}
	for _, s := range c.Super {
		if m := ix.lookup(ix.Class(s, c.File), name, static, seen, depth+1); m != nil {
			return m
		}
	}
	return nil
}
