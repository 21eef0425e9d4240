//go:build cgo

package ruby

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// identifier lowers a bare name: a local variable, or a call without receiver and arguments.
func (l *lowerer) identifier(n treesitter.Node, role syntax.Role) {
	name := l.text(n)
	switch {
	case n.Missing():
	case l.scope.has(name) || name == "__FILE__" || name == "__dir__" || name == "__method__" || name == "__LINE__":
		l.leaf(syntax.Name, role, name, n)
	case name == "raise":
		l.leaf(syntax.Throw, role, "", n)
	default:
		if role == syntax.Stmt {
			l.visibility(name, treesitter.Node{}, role)
		}
		l.b.AddFlags(l.leaf(syntax.Call, role, name, n), syntax.FlagNoArgs)
	}
}

func (l *lowerer) call(n treesitter.Node, role syntax.Role) {
	receiver, method := n.Child("receiver"), n.Child("method")
	args, block := n.Child("arguments"), n.Child("block")
	name := l.text(method)
	if !receiver.Ok() {
		switch name {
		case "raise", "throw":
			l.open(syntax.Throw, role, n)
			l.argsAs(args, syntax.Value)
			l.close()
			return
		case "lambda", "proc":
			if block.Ok() && !args.Ok() {
				l.lambda(n, block, block.Child("parameters"), role)
				return
			}
		case "require", "require_relative":
			if l.require(n, args, role) {
				return
			}
		default:
			if args.Ok() && l.visibility(name, args, role) {
				return
			}
		}
	}
	id := l.open(syntax.Call, role, n)
	switch method.Kind() {
	case "":
		l.b.SetStr(id, "call") // a.(b)
	case "global_variable", "instance_variable", "class_variable", "call":
		l.expr(method, syntax.Callee)
	default:
		l.b.SetStr(id, name)
	}
	if !args.Ok() {
		l.b.AddFlags(id, syntax.FlagNoArgs)
	}
	if op := n.Child("operator"); op.Ok() && l.text(op) == "&." {
		l.b.AddFlags(id, syntax.FlagSafe)
	}
	l.expr(receiver, syntax.Receiver)
	l.args(args)
	if block.Ok() {
		if name == "class_methods" && l.class.body {
			was := *l.class
			l.class.static, l.class.private = true, false
			l.lambda(block, block, block.Child("parameters"), syntax.BlockArg)
			l.class.static, l.class.private = was.static, was.private
		} else {
			l.lambda(block, block, block.Child("parameters"), syntax.BlockArg)
		}
	}
	l.close()
}

// require lowers require "x" with a plain path.
func (l *lowerer) require(n, args treesitter.Node, role syntax.Role) bool {
	named := args.NamedChildren()
	if len(named) != 1 || named[0].Kind() != "string" || named[0].FirstOf("interpolation").Ok() {
		return false
	}
	id := l.open(syntax.Import, role, n)
	l.b.SetStr(id, l.text(named[0].FirstOf("string_content")))
	l.close()
	return true
}

func (l *lowerer) args(n treesitter.Node) { l.argsAs(n, syntax.Arg) }

func (l *lowerer) argsAs(n treesitter.Node, role syntax.Role) {
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Named() {
			l.arg(c, role)
		}
	}
}

// arg lowers one argument, element of an array or entry of a hash.
func (l *lowerer) arg(n treesitter.Node, role syntax.Role) {
	switch n.Kind() {
	case "pair":
		l.pair(n, role)
	case "splat_argument":
		l.splat(n, role, "*")
	case "hash_splat_argument":
		l.splat(n, role, "**")
	case "forward_argument":
		l.splat(n, role, "...")
	case "block_argument":
		l.blockPass(n)
	default:
		l.expr(n, role)
	}
}

func (l *lowerer) splat(n treesitter.Node, role syntax.Role, op string) {
	id := l.open(syntax.Splat, role, n)
	l.b.SetStr(id, op)
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Named() {
			l.expr(c, syntax.Value)
		}
	}
	l.close()
}

// blockPass lowers &:name to the block it stands for, and any other &expression to a splat.
func (l *lowerer) blockPass(n treesitter.Node) {
	var value treesitter.Node
	for c := n.First(); c.Ok() && !value.Ok(); c = c.Next() {
		if c.Named() {
			value = c
		}
	}
	if value.Kind() != "simple_symbol" {
		id := l.open(syntax.Splat, syntax.BlockArg, n)
		l.b.SetStr(id, "&")
		l.expr(value, syntax.Value)
		l.close()
		return
	}
	l.b.AddFlags(l.open(syntax.Lambda, syntax.BlockArg, n), syntax.FlagBlockPass)
	l.leaf(syntax.Param, syntax.ParamRole, "it", value)
	call := l.open(syntax.Call, syntax.Body, value)
	l.b.SetStr(call, l.slice(value.Start()+1, value.End()))
	l.b.AddFlags(call, syntax.FlagNoArgs)
	l.leaf(syntax.Name, syntax.Receiver, "it", value)
	l.close()
	l.close()
}

func (l *lowerer) pair(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.Pair, role, n)
	key, value := n.Child("key"), n.Child("value")
	switch key.Kind() {
	case "hash_key_symbol", "integer", "float", "true", "false", "nil":
		l.b.SetStr(id, l.text(key))
	case "simple_symbol":
		l.b.SetStr(id, l.slice(key.Start()+1, key.End()))
	case "string", "delimited_symbol":
		if key.FirstOf("interpolation").Ok() {
			l.expr(key, syntax.Key)
		} else {
			l.b.SetStr(id, l.decoded(key))
		}
	default:
		l.expr(key, syntax.Key)
	}
	if value.Ok() {
		l.expr(value, syntax.Value)
	} else if name := l.text(key); name != "" { // f(x:) passes x
		if l.scope.has(name) {
			l.leaf(syntax.Name, syntax.Value, name, key)
		} else {
			l.b.AddFlags(l.leaf(syntax.Call, syntax.Value, name, key), syntax.FlagNoArgs)
		}
	}
	l.close()
}
