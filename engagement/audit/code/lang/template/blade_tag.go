//go:build cgo

package template

import (
	"bytes"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/php"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// conditions are the directives that show their content when something holds, and have an else.
var conditions = map[string]bool{
	"if": true, "unless": true, "isset": true, "empty": true, "auth": true, "guest": true, "can": true, "cannot": true,
	"canany": true, "env": true, "production": true, "hasSection": true, "sectionMissing": true, "hasStack": true,
	"session": true, "error": true, "context": true, "feature": true, "role": true, "hasrole": true, "permission": true,
	"haspermission": true,
}

var otherDirectives = map[string]bool{
	"foreach": true, "forelse": true, "for": true, "while": true, "switch": true, "case": true, "default": true,
	"break": true, "continue": true, "else": true, "elseif": true, "include": true, "includeIf": true,
	"includeWhen": true, "includeUnless": true, "includeFirst": true, "each": true, "php": true, "section": true,
	"yield": true, "extends": true, "push": true, "component": true, "verbatim": true,
}

func knownDirective(name string) bool {
	return conditions[name] || otherDirectives[name] || strings.HasPrefix(name, "end")
}

// printing are the directives that print the value of their argument.
var printing = map[string]bool{"json": true, "js": true, "lang": true, "choice": true}

func (t *blade) tag(tag *bladeTag) {
	switch tag.name {
	case "{{--":
		if text := t.src[tag.start:tag.end]; bytes.Contains(text, []byte("napkin:")) {
			t.leaf(syntax.Comment, syntax.Stmt, string(text), tag.start, tag.end)
		}
		return
	case "{{", "<?=":
		t.code(php.Arguments, tag.from, tag.to, syntax.Stmt, syntax.FlagOutput)
		return
	case "<?php":
		t.code(php.Statements, tag.from, tag.to, syntax.Stmt, 0)
		return
	case "<x-":
		t.component(tag)
		return
	}
	if of, ok := ending(tag.name); ok {
		if !t.pop(of, tag.start, tag.end) && knownDirective(of) {
			t.failed(0)
		}
		return
	}
	if f := t.top(); tag.name == "empty" && !tag.args && f != nil && f.loop {
		t.arm(syntax.Else, tag.start, tag.end)
		return
	}
	if conditions[tag.name] {
		t.condition(tag)
		return
	}
	if of, ok := strings.CutPrefix(tag.name, "else"); ok && tag.name != "else" && t.top() != nil && t.top().cond && (conditions[of] || of == t.top().name) {
		t.elseIf(tag, of)
		return
	}
	switch tag.name {
	case "else":
		if f := t.top(); f != nil && f.cond {
			t.arm(syntax.Else, tag.start, tag.end)
		}
	case "foreach", "forelse":
		t.begin(syntax.For, syntax.Stmt, "", tag.start)
		t.code(php.Foreach, tag.from, tag.to, syntax.RoleNone, 0)
		t.body(tag).loop = tag.name == "forelse"
	case "for":
		t.begin(syntax.For, syntax.Stmt, "", tag.start)
		t.flag(syntax.FlagCounted)
		t.code(php.Counted, tag.from, tag.to, syntax.RoleNone, 0)
		t.body(tag)
	case "while":
		t.begin(syntax.While, syntax.Stmt, "", tag.start)
		t.code(php.Arguments, tag.from, tag.to, syntax.Cond, 0)
		t.body(tag)
	case "switch":
		t.begin(syntax.Switch, syntax.Stmt, "", tag.start)
		t.code(php.Arguments, tag.from, tag.to, syntax.Value, 0)
		t.push(tag.name)
		if !tag.closed {
			t.pop(tag.name, tag.end, tag.end)
			t.failed(0)
		}
	case "case", "default":
		t.caseTag(tag)
	case "break", "continue":
		t.breakTag(tag)
	case "php": // @php($x = 1)
		t.code(php.Arguments, tag.from, tag.to, syntax.Stmt, 0)
	case "include", "includeIf", "includeFirst":
		t.call(tag, "include", tag.from, tag.to, php.Variables)
		t.finish(tag.end)
	case "includeWhen", "includeUnless":
		t.includeWhen(tag)
	case "each":
		t.each(tag)
	case "component", "livewire", "extends", "extendsFirst":
		t.call(tag, tag.name, tag.from, tag.to, php.Variables)
		t.content(tag)
	default:
		if !tag.args && !tag.closed {
			return
		}
		t.begin(syntax.Call, syntax.Stmt, tag.name, tag.start)
		if printing[tag.name] {
			t.flag(syntax.FlagOutput)
		}
		t.guess(php.Arguments, tag.from, tag.to, syntax.Arg)
		t.content(tag)
	}
}

// body begins the body of the node just opened, as a frame that waits for the end directive. A
// directive that is never closed has an empty body.
func (t *blade) body(tag *bladeTag) *frame {
	f := t.push(tag.name)
	t.arm(syntax.Body, tag.end, tag.end)
	if !tag.closed {
		t.pop(tag.name, tag.end, tag.end)
		t.failed(0)
		return &frame{}
	}
	return f
}

// content gives the call just opened what stands between the directive and its end, and closes the
// call when it has none.
func (t *blade) content(tag *bladeTag) {
	if !tag.closed {
		t.finish(tag.end)
		return
	}
	t.push(tag.name)
	t.begin(syntax.Lambda, syntax.BlockArg, "", tag.end)
	t.begin(syntax.Block, syntax.Body, "", tag.end)
}

// call begins a call with the arguments between two offsets.
func (t *blade) call(tag *bladeTag, name string, from, to uint32, form php.Form) {
	t.begin(syntax.Call, syntax.Stmt, name, tag.start)
	t.code(form, from, to, syntax.Arg, 0)
}

func (t *blade) condition(tag *bladeTag) {
	t.begin(syntax.If, syntax.Stmt, "", tag.start)
	t.cond(tag, tag.name)
	t.body(tag).cond = true
}

func (t *blade) elseIf(tag *bladeTag, name string) {
	f := t.top()
	for len(t.open) > f.arms {
		t.finish(tag.start)
	}
	t.begin(syntax.If, syntax.Else, "", tag.start)
	f.arms++
	t.cond(tag, name)
	t.arm(syntax.Body, tag.start, tag.end)
}

// cond records what a condition directive tests.
func (t *blade) cond(tag *bladeTag, name string) {
	switch name {
	case "if":
		t.code(php.Arguments, tag.from, tag.to, syntax.Cond, 0)
	case "unless":
		t.begin(syntax.Unary, syntax.Cond, "!", tag.start)
		t.code(php.Arguments, tag.from, tag.to, syntax.Value, 0)
		t.finish(tag.end)
	default:
		t.begin(syntax.Call, syntax.Cond, name, tag.start)
		t.code(php.Arguments, tag.from, tag.to, syntax.Arg, 0)
		t.finish(tag.end)
	}
}

func (t *blade) caseTag(tag *bladeTag) {
	f := t.top()
	if f == nil || f.name != "switch" {
		t.failed(0)
		return
	}
	for len(t.open) > f.arms {
		t.finish(tag.start)
	}
	t.begin(syntax.Case, syntax.CaseRole, "", tag.start)
	if tag.name == "case" {
		t.code(php.Arguments, tag.from, tag.to, syntax.Cond, 0)
	}
	t.begin(syntax.Block, syntax.Body, "", tag.end)
}

// breakTag lowers @break, @break($condition) and @break(2).
func (t *blade) breakTag(tag *bladeTag) {
	counted := tag.args && len(bytes.Trim(t.src[tag.from:tag.to], "0123456789 ")) == 0
	if tag.args && !counted {
		t.begin(syntax.If, syntax.Stmt, "", tag.start)
		t.code(php.Arguments, tag.from, tag.to, syntax.Cond, 0)
		t.begin(syntax.Block, syntax.Body, "", tag.start)
		defer func() { t.finish(tag.end); t.finish(tag.end) }()
	}
	t.begin(syntax.Break, syntax.Stmt, "", tag.start)
	if tag.name == "continue" {
		t.flag(syntax.FlagContinue)
	}
	t.finish(tag.end)
}

// includeWhen lowers @includeWhen($condition, 'view', [...]) and its negation.
func (t *blade) includeWhen(tag *bladeTag) {
	args := t.split(tag)
	if len(args) < 2 {
		t.failed(0)
		return
	}
	t.begin(syntax.If, syntax.Stmt, "", tag.start)
	role := syntax.Cond
	if tag.name == "includeUnless" {
		t.begin(syntax.Unary, syntax.Cond, "!", tag.start)
		role = syntax.Value
	}
	t.code(php.Arguments, args[0].from, args[0].to, role, 0)
	if role == syntax.Value {
		t.finish(args[0].to)
	}
	t.begin(syntax.Block, syntax.Body, "", tag.start)
	t.call(tag, "include", args[1].from, tag.to, php.Variables)
	for range 3 {
		t.finish(tag.end)
	}
}

// each lowers @each('view', $xs, 'x', 'empty') to a loop over $xs that includes the view.
func (t *blade) each(tag *bladeTag) {
	args := t.split(tag)
	if len(args) < 3 {
		t.failed(0)
		return
	}
	name := strings.Trim(string(t.src[args[2].from:args[2].to]), " \t\r\n'\"")
	t.begin(syntax.For, syntax.Stmt, "", tag.start)
	t.leaf(syntax.Name, syntax.Target, name, args[2].from, args[2].to)
	t.code(php.Arguments, args[1].from, args[1].to, syntax.Iter, 0)
	t.begin(syntax.Block, syntax.Body, "", tag.start)
	t.call(tag, "include", args[0].from, args[0].to, php.Arguments)
	t.begin(syntax.Pair, syntax.Arg, name, args[2].from)
	t.leaf(syntax.Name, syntax.Value, name, args[2].from, args[2].to)
	t.finish(args[2].to)
	t.finish(tag.end)
	t.finish(tag.end)
	if len(args) > 3 {
		t.begin(syntax.Block, syntax.Else, "", args[3].from)
		t.call(&bladeTag{start: args[3].from}, "include", args[3].from, args[3].to, php.Arguments)
		t.finish(args[3].to)
		t.finish(args[3].to)
	}
	t.finish(tag.end)
}

type bladeSpan struct{ from, to uint32 }

// split separates the arguments of a directive at the commas that stand in no bracket or string.
func (t *blade) split(tag *bladeTag) (out []bladeSpan) {
	if !tag.args {
		return nil
	}
	depth := 0
	start := tag.from
	for i := tag.from; i < tag.to; i++ {
		switch t.src[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case '"', '\'':
			if end := quoted(t.src, int(i), int(tag.to)); end > 0 {
				i = uint32(end) - 1
			}
		case ',':
			if depth == 0 {
				out = append(out, bladeSpan{start, i})
				start = i + 1
			}
		}
	}
	if len(bytes.TrimSpace(t.src[start:tag.to])) > 0 {
		out = append(out, bladeSpan{start, tag.to})
	}
	return out
}

// component lowers <x-name :bar="$x" title="Hi {{ $y }}" :$z {{ $attributes }}>.
func (t *blade) component(tag *bladeTag) {
	name, called := tag.component, "component"
	if short, ok := strings.CutPrefix(name, "livewire:"); ok {
		name, called = short, "livewire"
	}
	t.begin(syntax.Call, syntax.Stmt, called, tag.start)
	t.leaf(syntax.String, syntax.Arg, name, tag.start+1, tag.start+1+uint32(len(tag.component)))
	for _, a := range tag.attributes {
		switch {
		case a.name == "":
			t.guess(php.Arguments, a.from, a.to, syntax.Arg)
		case strings.HasPrefix(a.name, "::"):
			t.text(strings.TrimPrefix(a.name, ":"), a)
		case strings.HasPrefix(a.name, ":$"):
			t.begin(syntax.Pair, syntax.Arg, a.name[2:], a.start)
			t.leaf(syntax.Name, syntax.Value, a.name[2:], a.start+1, a.end)
			t.finish(a.end)
		case strings.HasPrefix(a.name, ":"):
			t.begin(syntax.Pair, syntax.Arg, a.name[1:], a.start)
			t.code(php.Arguments, a.from, a.to, syntax.Value, 0)
			t.finish(a.end)
		default:
			t.text(a.name, a)
		}
	}
	t.finish(tag.end)
}

// text records an attribute that is text with expressions in it.
func (t *blade) text(name string, a bladeAttribute) {
	t.begin(syntax.Pair, syntax.Arg, name, a.start)
	if a.from == a.end { // without a value it is true
		t.leaf(syntax.Bool, syntax.Value, "true", a.start, a.end)
		t.finish(a.end)
		return
	}
	value := t.src[a.from:a.to]
	var sb strings.Builder
	var parts []bladeSpan
	for offset := a.from; len(value) > 0; {
		i := bytes.Index(value, []byte("{{"))
		end := -1
		if i >= 0 {
			end = bytes.Index(value[i:], []byte("}}"))
		}
		if end < 0 {
			sb.Write(value)
			break
		}
		sb.Write(value[:i])
		if !bytes.HasPrefix(value[i+2:], []byte("--")) {
			sb.WriteString("{}")
			parts = append(parts, bladeSpan{offset + uint32(i) + 2, offset + uint32(i+end)})
		}
		offset += uint32(i + end + 2)
		value = value[i+end+2:]
	}
	t.begin(syntax.String, syntax.Value, sb.String(), a.from)
	if len(parts) > 0 {
		t.flag(syntax.FlagInterp)
	}
	for _, p := range parts {
		t.code(php.Arguments, p.from, max(p.from, p.to), syntax.Part, 0)
	}
	t.finish(a.to)
	t.finish(a.end)
}
