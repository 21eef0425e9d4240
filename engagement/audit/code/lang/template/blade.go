//go:build cgo

package template

import (
	"context"
	"math"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/php"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Blade lowers a template of Laravel. The PHP in it is lowered by package php.
//
//   - {{ $x }}, {!! $x !!} and <?= $x ?> are the expression with FlagOutput.
//   - foreach, forelse, for, while, if, unless and switch are For, While, If and Switch; empty of a
//     forelse is its Else. isset, empty, can, auth, env and the like are If with a Call of that name
//     as Cond. break and continue with a condition are an If around the Break.
//   - include and its relatives are Call "include" with the template as String Arg and passed
//     variables as Pair Args; includeWhen and includeUnless stand in an If. each is a For around one.
//   - <x-name :bar="$x"> is Call "component" with String Arg "x-name" and a Pair an attribute;
//     <livewire:name> is Call "livewire". What stands between the tags follows the call: it runs in
//     the scope of the page. component and livewire as directives are calls with Pair Args too.
//   - php blocks and <?php ?> are statements. A PHP block whose braces or colons span several tags
//     is lowered as far as each tag alone can be understood.
//   - Every other directive is a Call of its name with its arguments; one that has an end directive
//     (section, push, cache, custom ones) has its content as a BlockArg Lambda.
//   - verbatim blocks are dropped, as is the markup. Words behind @ that take no argument and have no
//     end are text.
//
// The error is that of the context; what is not understood is counted in the tree.
func Blade(ctx context.Context, src []byte) (*syntax.Tree, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t := &blade{src: src}
	if uint64(len(src)) <= math.MaxUint32 {
		t.scan()
		t.match()
		for i := range t.tags {
			if i%4096 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			t.tag(&t.tags[i])
		}
	}
	code, err := php.ParseFragments(ctx, src, t.fragments)
	if err != nil {
		return nil, err
	}
	b := syntax.NewBuilder("blade", src)
	t.write(b, uint32(len(src)), func(i int, role syntax.Role, flags syntax.Flags) {
		code.Lower(b, i, role, flags)
	})
	for i := range t.fragments {
		if count, size := code.Errors(i); count > 0 && !t.guessed[i] {
			b.AddError(size)
		}
	}
	return b.Finish(), nil
}

type blade struct {
	outline
	src       []byte
	tags      []bladeTag
	fragments []php.Fragment
	guessed   map[int]bool // fragments of what may not be a directive at all: not counted when broken
}

// bladeTag is one directive, output, comment, PHP block or component tag.
type bladeTag struct {
	name       string // of a directive without "@"; "{{", "{{--", "<?php", "<?=" or "<x-" of the others
	start, end uint32
	from, to   uint32 // arguments of a directive, code of the others
	args       bool   // the directive has parentheses
	closed     bool   // an end directive for it follows
	component  string // name of a component
	attributes []bladeAttribute
}

// bladeAttribute is an attribute of a component.
type bladeAttribute struct {
	name       string
	start, end uint32
	from, to   uint32 // the value
	bound      bool   // the value is PHP
}

// code adds a piece of PHP below the open node.
func (t *blade) code(form php.Form, from, to uint32, role syntax.Role, flags syntax.Flags) {
	for from < to && isSpace(t.src[from]) {
		from++
	}
	if from >= to {
		return
	}
	t.fragment(len(t.fragments), role, flags)
	t.fragments = append(t.fragments, php.Fragment{Form: form, Start: from, End: to})
}

// guess is code for what may be no PHP.
func (t *blade) guess(form php.Form, from, to uint32, role syntax.Role) {
	if t.guessed == nil {
		t.guessed = map[int]bool{}
	}
	t.guessed[len(t.fragments)] = true
	t.code(form, from, to, role, 0)
}
