//go:build cgo

package ruby

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func (l *lowerer) classOrModule(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.Class, role, n)
	if n.Kind() == "module" {
		l.b.AddFlags(id, syntax.FlagModule)
	}
	name, ok := l.constant(n.Child("name"))
	if !ok {
		name = l.text(n.Child("name"))
	}
	l.b.SetStr(id, name)
	if super := n.Child("superclass"); super.Ok() {
		for _, c := range super.NamedChildren() {
			l.expr(c, syntax.Super)
		}
	}
	outer := l.class
	l.class = &classScope{body: true}
	l.in(false, func() { l.body(n, n.Child("body"), syntax.Body) })
	l.class = outer
	l.close()
}

// singletonClass adds the methods of class << self to the class body that is open.
func (l *lowerer) singletonClass(n treesitter.Node, role syntax.Role) {
	outer := l.class
	l.class = &classScope{body: true, static: true}
	body := n.Child("body")
	if n.Child("value").Kind() == "self" && role == syntax.Stmt {
		l.in(false, func() { l.stmts(body) })
	} else {
		id := l.open(syntax.Other, role, n)
		l.b.SetStr(id, "singleton_class")
		l.expr(n.Child("value"), syntax.Value)
		l.in(false, func() { l.body(n, body, syntax.Body) })
		l.close()
	}
	l.class = outer
}

func (l *lowerer) method(n treesitter.Node, role syntax.Role, private bool) {
	id := l.open(syntax.Func, role, n)
	name := l.methodNameOf(n.Child("name"))
	l.b.SetStr(id, name)
	object := n.Child("object")
	if private || l.class.private && !object.Ok() { // a bare private does not reach def self.x
		l.b.AddFlags(id, syntax.FlagPrivate)
	}
	if l.class.static || object.Ok() {
		l.b.AddFlags(id, syntax.FlagStatic)
	}
	if l.class.body && id >= 0 {
		if l.class.methods == nil {
			l.class.methods = map[string]syntax.NodeID{}
		}
		l.class.methods[name] = id
	}
	if object.Ok() && object.Kind() != "self" {
		l.expr(object, syntax.Receiver)
	}
	outer := l.class
	l.class = &classScope{}
	l.in(false, func() {
		l.params(n.Child("parameters"))
		l.body(n, n.Child("body"), syntax.Body)
	})
	l.class = outer
	l.close()
}

// methodNameOf returns a declared method's name: "title=" for a setter, the operator itself.
func (l *lowerer) methodNameOf(n treesitter.Node) string {
	if n.Kind() == "setter" {
		return l.text(n.Child("name")) + "="
	}
	return l.text(n)
}

// methodName lowers the method names of alias and undef as symbols.
func (l *lowerer) methodName(n treesitter.Node) {
	if n.Kind() == "simple_symbol" || n.Kind() == "delimited_symbol" {
		l.expr(n, syntax.Arg)
		return
	}
	l.b.AddFlags(l.leaf(syntax.String, syntax.Arg, l.methodNameOf(n), n), syntax.FlagSymbol)
}

// visibility applies private, protected, public and module_function and reports whether the call
// needs no node because it only marks the method definition inside it.
func (l *lowerer) visibility(name string, args treesitter.Node, role syntax.Role) (done bool) {
	if !l.class.body || role != syntax.Stmt {
		return false
	}
	hides := name == "private" || name == "protected"
	switch name {
	case "private", "protected", "public", "module_function", "private_class_method":
	default:
		return false
	}
	if !args.Ok() {
		switch {
		case name == "module_function":
			l.class.static = true
		case name != "private_class_method":
			l.class.private = hides
		}
		return false
	}
	hides = hides || name == "private_class_method"
	named := args.NamedChildren()
	if len(named) == 1 && (named[0].Kind() == "method" || named[0].Kind() == "singleton_method") {
		wasPrivate, wasStatic := l.class.private, l.class.static
		l.class.private = false
		l.class.static = wasStatic || name == "module_function"
		l.method(named[0], role, hides)
		l.class.private, l.class.static = wasPrivate, wasStatic
		return true
	}
	if hides {
		for _, c := range named {
			switch c.Kind() {
			case "simple_symbol":
				l.class.hide(l.b, l.slice(c.Start()+1, c.End()))
			case "string", "delimited_symbol":
				l.class.hide(l.b, l.text(c.FirstOf("string_content")))
			case "symbol_array", "array":
				for _, s := range c.NamedChildren() {
					if s.Kind() == "simple_symbol" {
						l.class.hide(l.b, l.slice(s.Start()+1, s.End()))
					} else {
						l.class.hide(l.b, l.text(s))
					}
				}
			}
		}
	}
	return false
}

// params lowers the parameters of a method, block or lambda and declares them.
func (l *lowerer) params(n treesitter.Node) {
	if l.depth >= maxRecursion {
		l.b.Truncated = true
		return
	}
	l.depth++
	for c := n.First(); c.Ok(); c = c.Next() {
		if !c.Named() {
			continue
		}
		if c.Field() == "locals" {
			l.scope.declare(l.text(c))
			continue
		}
		l.param(c)
	}
	l.depth--
}

func (l *lowerer) param(n treesitter.Node) {
	name, mark := n.Child("name"), ""
	switch n.Kind() {
	case "identifier":
		name = n
	case "optional_parameter", "keyword_parameter":
	case "splat_parameter":
		mark = "*"
	case "hash_splat_parameter":
		mark = "**"
	case "block_parameter":
		mark = "&"
	case "forward_parameter":
		mark = "..."
	case "destructured_parameter":
		l.open(syntax.Param, syntax.ParamRole, n)
		l.params(n)
		l.close()
		return
	default: // **nil, comments, what the parser did not understand
		if n.Kind() == "ERROR" {
			l.expr(n, syntax.Stmt)
		}
		return
	}
	id := l.open(syntax.Param, syntax.ParamRole, n)
	if text := l.text(name); text != "" {
		l.b.SetStr(id, text)
		l.scope.declare(text)
	}
	if mark != "" {
		l.leaf(syntax.Type, syntax.TypeRole, mark, n)
	}
	l.expr(n.Child("value"), syntax.Value)
	l.close()
}

// lambda lowers a block or lambda. body is the node that holds the braces or do and end.
func (l *lowerer) lambda(n, block, params treesitter.Node, role syntax.Role) {
	l.open(syntax.Lambda, role, n)
	l.in(true, func() {
		if params.Ok() {
			l.params(params)
		} else {
			l.implicitParams(block)
		}
		l.body(block, block.Child("body"), syntax.Body)
		if l.broken {
			l.strays(block)
		}
	})
	l.close()
}

// implicitParams declares it, _1 and _2 where a block without parameters uses them.
func (l *lowerer) implicitParams(block treesitter.Node) {
	text := l.slice(block.Start(), block.End())
	if !mentions(text, "it") && !mentions(text, "_1") && !mentions(text, "_2") {
		return
	}
	var it treesitter.Node
	var numbered [2]treesitter.Node
	root := block
	walk(root, func(n treesitter.Node) bool {
		switch n.Kind() {
		case "block", "do_block", "lambda", "method", "singleton_method", "class", "module", "singleton_class":
			return n == root // what stands in them is theirs
		case "identifier":
			switch f := n.Field(); {
			case f == "method" || f == "name":
			case l.text(n) == "it" && !it.Ok():
				it = n
			case l.text(n) == "_1" && !numbered[0].Ok():
				numbered[0] = n
			case l.text(n) == "_2" && !numbered[1].Ok():
				numbered[1] = n
			}
		}
		return true
	})
	add := func(name string, n treesitter.Node) {
		l.leaf(syntax.Param, syntax.ParamRole, name, n)
		l.scope.declare(name)
	}
	switch {
	case numbered[1].Ok():
		if !numbered[0].Ok() {
			numbered[0] = numbered[1]
		}
		add("_1", numbered[0])
		add("_2", numbered[1])
	case numbered[0].Ok():
		add("_1", numbered[0])
	case it.Ok() && !l.scope.has("it"):
		add("it", it)
	}
}

// mentions reports whether word occurs in text as a word of its own.
func mentions(text, word string) bool {
	for i := 0; i+len(word) <= len(text); i++ {
		if text[i] != word[0] || text[i:i+len(word)] != word {
			continue
		}
		if (i == 0 || !wordByte(text[i-1])) && (i+len(word) == len(text) || !wordByte(text[i+len(word)])) {
			return true
		}
	}
	return false
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
