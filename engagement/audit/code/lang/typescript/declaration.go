package typescript

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func (l *lowerer) declarator(n node, role syntax.Role) {
	name, value := n.Child("name"), n.Child("value")
	if l.requireImport(n, name, value, role) {
		return
	}
	id, ok := l.Open(syntax.Assign, role, n)
	if !ok {
		return
	}
	l.SetStr(id, "=")
	l.pattern(name, syntax.Target)
	l.typeOf(n, "type")
	if value.Ok() {
		l.lower(value, syntax.Value)
	}
	l.Close()
}

// requireImport lowers `const m = require("m")` and `const { a, b: c } = require("m")` to an Import.
func (l *lowerer) requireImport(n, name, value node, role syntax.Role) bool {
	if value.Kind() != "call_expression" || l.Text(value.Child("function")) != "require" {
		return false
	}
	args := value.Child("arguments").NamedChildren()
	if len(args) != 1 || args[0].Kind() != "string" {
		return false
	}
	switch name.Kind() {
	case "identifier":
	case "object_pattern":
		for _, c := range name.NamedChildren() {
			switch c.Kind() {
			case "shorthand_property_identifier_pattern", "comment":
			case "pair_pattern":
				if c.Child("value").Kind() != "identifier" {
					return false
				}
			default:
				return false
			}
		}
	default:
		return false
	}
	id, ok := l.Open(syntax.Import, role, n)
	if !ok {
		return true
	}
	l.SetStr(id, l.stringText(args[0]))
	if name.Kind() == "identifier" {
		l.alias(l.Text(name), "*", name)
	} else {
		for _, c := range name.NamedChildren() {
			switch c.Kind() {
			case "shorthand_property_identifier_pattern":
				l.LeafOf(syntax.Name, syntax.Arg, l.Text(c), c)
			case "pair_pattern":
				key, _ := l.propertyName(c.Child("key"))
				l.alias(l.Text(c.Child("value")), key, c)
			}
		}
	}
	l.Close()
	return true
}

// alias adds an imported name that has another name here.
func (l *lowerer) alias(local, imported string, n node) {
	if id, ok := l.Open(syntax.Pair, syntax.Arg, n); ok {
		l.SetStr(id, local)
		l.LeafOf(syntax.Name, syntax.Value, imported, n)
		l.Close()
	}
}

func (l *lowerer) importStatement(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Import, role, n)
	if !ok {
		return
	}
	l.SetStr(id, l.stringText(n.Child("source")))
	for c := n.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "import_clause":
			l.importClause(c)
		case "import_require_clause":
			l.SetStr(id, l.stringText(c.Child("source")))
			name := c.FirstOf("identifier")
			l.alias(l.Text(name), "*", name)
		}
	}
	l.Close()
}

func (l *lowerer) importClause(n node) {
	for c := n.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "identifier":
			l.alias(l.Text(c), "default", c)
		case "namespace_import":
			l.alias(l.Text(c.FirstOf("identifier")), "*", c)
		case "named_imports":
			for s := c.First(); s.Ok(); s = s.Next() {
				if s.Kind() == "import_specifier" {
					l.specifier(s)
				}
			}
		}
	}
}

// specifier adds one name of an import or export list.
func (l *lowerer) specifier(s node) {
	name, alias := s.Child("name"), s.Child("alias")
	if alias.Ok() {
		l.alias(l.moduleName(alias), l.moduleName(name), s)
	} else {
		l.LeafOf(syntax.Name, syntax.Arg, l.moduleName(name), s)
	}
}

func (l *lowerer) moduleName(n node) string {
	if n.Kind() == "string" {
		return l.stringText(n)
	}
	return l.Text(n)
}

// importAlias lowers `import a = b.c`.
func (l *lowerer) importAlias(n node, role syntax.Role) {
	parts := n.NamedChildren()
	if len(parts) < 2 {
		return
	}
	if id, ok := l.Open(syntax.Assign, role, n); ok {
		l.SetStr(id, "=")
		l.LeafOf(syntax.Name, syntax.Target, l.Text(parts[0]), parts[0])
		l.LeafOf(syntax.Name, syntax.Value, l.Text(parts[1]), parts[1])
		l.Close()
	}
}

func (l *lowerer) export(n node, role syntax.Role) {
	if source := n.Child("source"); source.Ok() {
		l.reexport(n, source, role)
		return
	}
	if d := n.Child("declaration"); d.Ok() {
		l.lower(d, role)
		return
	}
	if v := n.Child("value"); v.Ok() {
		if v.Kind() == "class" { // its decorators stand in front of the export
			l.class(v, role)
			return
		}
		l.exportValue(n, v, role, func() { l.LeafOf(syntax.Name, syntax.Target, "default", v) })
		return
	}
	for c := n.First(); c.Ok(); c = c.Next() {
		switch {
		case c.Kind() == "export_clause":
			if id, ok := l.Open(syntax.Other, role, c); ok {
				l.SetStr(id, "export_clause")
				for s := c.First(); s.Ok(); s = s.Next() {
					if s.Kind() == "export_specifier" {
						l.specifier(s)
					}
				}
				l.Close()
			}
		case c.Kind() == "=":
			if v := c.Next(); v.Ok() {
				l.exportValue(n, v, role, func() {
					if id, ok := l.Open(syntax.Member, syntax.Target, n); ok {
						l.SetStr(id, "exports")
						l.LeafOf(syntax.Name, syntax.Receiver, "module", n)
						l.Close()
					}
				})
			}
			return
		case c.Kind() == "as": // export as namespace N
			return
		case c.Kind() == "ERROR":
			l.lower(c, role)
		}
	}
}

func (l *lowerer) exportValue(n, v node, role syntax.Role, target func()) {
	if id, ok := l.Open(syntax.Assign, role, n); ok {
		l.SetStr(id, "=")
		target()
		l.lower(v, syntax.Value)
		l.Close()
	}
}

func (l *lowerer) reexport(n, source node, role syntax.Role) {
	id, ok := l.Open(syntax.Import, role, n)
	if !ok {
		return
	}
	l.SetStr(id, l.stringText(source))
	for c := n.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "*":
			l.LeafOf(syntax.Name, syntax.Arg, "*", c)
		case "namespace_export":
			for _, name := range c.NamedChildren() {
				l.alias(l.moduleName(name), "*", c)
			}
		case "export_clause":
			for s := c.First(); s.Ok(); s = s.Next() {
				if s.Kind() == "export_specifier" {
					l.specifier(s)
				}
			}
		}
	}
	l.Close()
}

// namespace lowers `namespace N {}`, `declare module "m" {}` and `declare global {}`.
func (l *lowerer) namespace(n node, role syntax.Role) {
	id, ok := l.Open(syntax.Class, role, n)
	if !ok {
		return
	}
	l.AddFlags(id, syntax.FlagModule)
	l.SetStr(id, l.moduleName(n.Child("name")))
	l.body(n.Child("body"), syntax.Body)
	l.Close()
}

// typeOf adds the type annotation under a field of n as text.
func (l *lowerer) typeOf(n node, field string) {
	t := n.Child(field)
	if !t.Ok() {
		return
	}
	if t.Kind() == "type_annotation" {
		for c := t.First(); c.Ok(); c = c.Next() {
			if c.Named() && c.Kind() != "comment" {
				t = c
				break
			}
		}
	}
	text := strings.TrimSpace(strings.TrimPrefix(l.Text(t), ":"))
	l.LeafOf(syntax.Type, syntax.TypeRole, text, t)
}

// typeArguments adds each type argument of n as text.
func (l *lowerer) typeArguments(n node) {
	for c := n.Child("type_arguments").First(); c.Ok(); c = c.Next() {
		if c.Named() && c.Kind() != "comment" {
			l.LeafOf(syntax.Type, syntax.TypeRole, l.Text(c), c)
		}
	}
}
