package rails

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

// reader turns the words of a migration or a schema.rb into schema operations.
type reader struct {
	file    *project.File
	dialect schema.Dialect
	version float64 // of ActiveRecord::Migration[x.y]; 4.2 when it is not said
	dump    bool    // schema.rb: what it does not say is not there
	bigKeys bool    // an id without a type is a bigint
	ops     []schema.Op
	consts  map[string]syntax.Ref
	methods map[string]syntax.Ref
	depth   int
	branch  int // depth of conditions
}

// scope binds the variables of literal loops.
type scope map[string]syntax.Ref

func newReader(f *project.File, d schema.Dialect) *reader {
	return &reader{file: f, dialect: d, version: 4.2, consts: map[string]syntax.Ref{}, methods: map[string]syntax.Ref{}}
}

func bracketVersion(n syntax.Ref) float64 {
	if n.Kind() != syntax.Index {
		return 0
	}
	v, _ := strconv.ParseFloat(n.Child(syntax.Arg).Str(), 64)
	return v
}

func blockBody(call syntax.Ref) syntax.Ref { return call.Block().Child(syntax.Body) }

// readMigration reads what applying one migration does.
func readMigration(f *project.File, d schema.Dialect) schema.Migration {
	m := schema.Migration{Path: f.Path, Transactional: d != schema.MySQL}
	for class := range f.Tree.Root().Descendants(syntax.Class) {
		super := class.Child(syntax.Super)
		if !strings.Contains(typeText(super), "Migration") {
			continue
		}
		r := newReader(f, d)
		if v := bracketVersion(super); v != 0 {
			r.version = v
		}
		r.bigKeys = r.version >= 5.1
		var up syntax.Ref
		for c := range class.Child(syntax.Body).Children() {
			switch c.Kind() {
			case syntax.Assign:
				r.consts[c.Child(syntax.Target).Str()] = c.Child(syntax.Value)
			case syntax.Field:
				r.consts[c.Str()] = c.Child(syntax.Value)
			case syntax.Call:
				if c.Str() == "disable_ddl_transaction!" {
					m.Transactional = false
				}
			case syntax.Func:
				r.methods[c.Str()] = c
				if c.Str() == "change" || c.Str() == "up" {
					up = c
				}
			}
		}
		r.body(up.Child(syntax.Body), scope{})
		m.Ops = append(m.Ops, r.ops...)
		break
	}
	return m
}

func typeText(n syntax.Ref) string {
	if n.Kind() == syntax.Index {
		return n.Receiver().Str()
	}
	return n.Str()
}

func (r *reader) place(n syntax.Ref) schema.Place {
	return schema.Place{Path: r.file.Path, Line: n.Line(), EndLine: n.EndLine()}
}

func (r *reader) add(op schema.Op, at syntax.Ref) {
	op.Place = r.place(at)
	op.Conditional = op.Conditional || r.branch > 0
	r.ops = append(r.ops, op)
}

// text is the value of a literal, of a constant or loop variable that holds one, or of
// Model.table_name; "" when it is not known.
func (r *reader) text(n syntax.Ref, sc scope) string {
	switch n.Kind() {
	case syntax.String:
		s := n.Str()
		for part := range n.All(syntax.Part) {
			v := r.text(part, sc)
			if v == "" {
				return ""
			}
			s = strings.Replace(s, "{}", v, 1)
		}
		return s
	case syntax.Name:
		if v, ok := sc[n.Str()]; ok {
			return r.text(v, nil)
		}
		if v, ok := r.consts[n.Str()]; ok {
			return r.text(v, nil)
		}
	case syntax.Call:
		switch n.Str() {
		case "table_name":
			class := n.Receiver().Str()
			if v, ok := sc[class]; ok {
				class = v.Str()
			}
			if class != "" {
				return Tableize(class)
			}
		case "to_s", "to_sym", "freeze", "squish", "strip", "strip_heredoc", "html_safe":
			return r.text(n.Receiver(), sc)
		}
		if !n.Receiver().Ok() && n.Has(syntax.FlagNoArgs) {
			if v, ok := sc[n.Str()]; ok {
				return r.text(v, nil)
			}
		}
	case syntax.Number, syntax.Bool:
		return n.Str()
	}
	return ""
}

func (r *reader) texts(n syntax.Ref, sc scope) []string {
	if n.Kind() == syntax.Name {
		if v, ok := sc[n.Str()]; ok {
			n = v
		} else if v, ok := r.consts[n.Str()]; ok {
			n = v
		}
	}
	if n.Kind() == syntax.List {
		var out []string
		for c := range n.Children() {
			if s := r.text(c, sc); s != "" {
				out = append(out, s)
			}
		}
		return out
	}
	if s := r.text(n, sc); s != "" {
		return []string{s}
	}
	return nil
}

func isFalse(n syntax.Ref) bool { return n.Kind() == syntax.Bool && n.Str() == "false" }
func isTrue(n syntax.Ref) bool  { return n.Kind() == syntax.Bool && n.Str() == "true" }

// said reports an option that is given and is neither false nor nil.
func said(n syntax.Ref) bool { return n.Ok() && !isFalse(n) && n.Kind() != syntax.Nil }

const maxMigrationDepth = 6

func (r *reader) body(n syntax.Ref, sc scope) {
	if r.depth > maxMigrationDepth {
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	for c := range n.Children() {
		r.statement(c, sc)
	}
}

func (r *reader) statement(c syntax.Ref, sc scope) {
	switch c.Kind() {
	case syntax.Block, syntax.Try, syntax.With, syntax.Other:
		r.body(c, sc)
	case syntax.If:
		r.branch++
		r.statement(c.Child(syntax.Body), sc)
		r.statement(c.Child(syntax.Else), sc)
		r.branch--
	case syntax.Assign:
		if t := c.Child(syntax.Target); t.Kind() == syntax.Name {
			v := c.Child(syntax.Value)
			sc[t.Str()] = v
			if v.Kind() == syntax.Call {
				r.statement(v, sc)
			}
		}
	case syntax.For:
		r.each(c.Child(syntax.Iter), c.Child(syntax.Target), c.Child(syntax.Body), sc)
	case syntax.Call:
		r.call(c, sc)
	}
}

// each runs a body once for each element of a literal list.
func (r *reader) each(list, target, body syntax.Ref, sc scope) {
	if list.Kind() == syntax.Name {
		if v, ok := sc[list.Str()]; ok {
			list = v
		} else if v, ok := r.consts[list.Str()]; ok {
			list = v
		}
	}
	if list.Kind() == syntax.Call && list.Str() == "freeze" {
		list = list.Receiver()
	}
	if list.Kind() != syntax.List || target.Str() == "" {
		return
	}
	n := 0
	for e := range list.Children() {
		if n++; n > 200 {
			return
		}
		inner := scope{}
		for k, v := range sc {
			inner[k] = v
		}
		inner[target.Str()] = e
		r.statement(body, inner)
	}
}

func (r *reader) call(c syntax.Ref, sc scope) {
	recv := c.Receiver()
	switch {
	case !recv.Ok(), recv.Kind() == syntax.Self:
	case c.Str() == "each" && c.Block().Ok():
		r.each(recv, c.Block().Child(syntax.ParamRole), blockBody(c), sc)
		return
	case c.Str() == "up" && recv.Dotted() != "": // reversible { |dir| dir.up { ... } }
		r.body(blockBody(c), sc)
		return
	case c.Str() == "transaction", c.Str() == "with_lock_retries":
		r.body(blockBody(c), sc)
		return
	case c.Str() == "execute", recv.Str() == "connection", recv.Dotted() == "m":
	default:
		return
	}
	name := c.Str()
	if !r.definition(name, c, sc) && !r.alteration(name, c, sc) {
		switch name {
		case "execute", "exec_query", "exec_update", "exec_insert":
			r.sql(c.Arg(0), sc)
		case "reversible", "safety_assured", "up_only", "suppress_messages", "say_with_time", "transaction", "with_lock_retries",
			"disable_statement_timeout", "with_options", "without_timeout":
			r.body(blockBody(c), sc)
		default:
			if m, ok := r.methods[name]; ok && name != "down" && name != "up" && name != "change" {
				r.body(m.Child(syntax.Body), r.arguments(m, c, sc))
			}
		}
	}
}

func (r *reader) arguments(m, c syntax.Ref, sc scope) scope {
	inner := scope{}
	i := 0
	for p := range m.All(syntax.ParamRole) {
		a := c.Arg(i)
		if v, ok := sc[a.Str()]; ok && a.Kind() == syntax.Name {
			a = v
		}
		if a.Ok() {
			inner[p.Str()] = a
		}
		i++
	}
	return inner
}

// sql reads raw SQL. Its lines are those of the literal.
func (r *reader) sql(n syntax.Ref, sc scope) {
	if n.Kind() == syntax.Call { // <<~SQL.squish
		n = n.Receiver()
	}
	if n.Kind() == syntax.Name {
		if v, ok := sc[n.Str()]; ok {
			n = v
		} else if v, ok := r.consts[n.Str()]; ok {
			n = v
		}
	}
	text := r.text(n, sc)
	if text == "" {
		return
	}
	ops, _ := sqlddl.ParseDDL(r.file.Path, []byte(text), r.dialect)
	for _, op := range ops {
		shift(&op, n.Line()-1, r.file.Path)
		op.Conditional = op.Conditional || r.branch > 0
		r.ops = append(r.ops, op)
	}
}

// shift moves an operation that was read from a literal to the literal's lines.
func shift(op *schema.Op, lines int, file string) {
	move := func(p *schema.Place) {
		if p.Path == "" && p.Line == 0 {
			return
		}
		p.Path = file
		p.Line += lines
		p.EndLine += lines
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
