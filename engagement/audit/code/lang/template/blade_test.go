//go:build cgo

package template

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/langtest"
)

func TestBlade(t *testing.T) { langtest.Golden(t, Blade, "testdata/*.blade.php") }

func TestBladeTolerance(t *testing.T) {
	tests := []struct {
		name, src, want string
		errors          int
	}{
		{"address and style", "me@example.com @media (a) @keyframes x @click=\"f()\" @foo {{ $c }}", "Name c", 0},
		{"custom", "@money($a->b) {{ $c }}", "Call money, Member b, Name a; Name c", 0},
		{"custom block", "@feat('x') {{ $c }} @endfeat", "Call feat, String x, Lambda, Block, Name c", 0},
		{"custom is no PHP", "@foo(a b c) {{ $c }}", "", -1},
		{"broken neighbour", "{{ $a->( }} {{ $b->c }} @foreach($xs as $x) {{ $x->y }} @endforeach", "", -1},
		{"code that leaves its bounds", "{{ $a); f($b }} {{ $c }}", "", -1},
		{"stray end", "@endif {{ $c }}", "Name c", 1},
		{"unclosed", "@foreach ($xs as $x) {{ $x }}", "For, Name x, Name xs, Block; Name x", 1},
		{"strings with brackets", "@if(f(')', \"(\")) {{ $c }} @endif", "If, Call f, String ), String (, Block, Name c", 0},
		{"escaped", "@@if($a) @{{ $b }} {{ $c }}", "Name c", 0},
		{"inline sections", "@section('a', 'b') @section('c') {{ $d }} @stop", "Call section, String a, String b; Call section, String c, Lambda, Block, Name d", 0},
		{"component", "<x-a.b :c=\"$d->e\" f=\"g{{ $h }}\" i :$j/>", "Call component, String x-a.b, Pair c, Member e, Name d, Pair f, String g{}, Name h, Pair i, Bool true, Pair j, Name j", 0},
		{"variables", "@include('a', ['b' => $c] + $d) @include('e', [])", "Call include, String a, Binary +, Map, Pair b, Name c, Name d; Call include, String e", 0},
		{"else of can", "@can('a') {{ $b }} @elsecan('c') {{ $d }} @else {{ $e }} @endcan", "If, Call can, String a, Block, Name b, If, Call can, String c, Block, Name d, Block, Name e", 0},
		{"end tag in code", "<?= /* ?> */ '?>' . $a // it's\n?>{{ $c }}<?php // don't ?>{{ $d }}", "Binary ., String ?>, Name a; Name c; Name d", 0},
		{"php to the end", "<?php $a = 1;", "Assign =, Name a, Number 1", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, errors := statements(t, Blade, tt.src)
			if tt.errors >= 0 && (got != tt.want || errors != tt.errors) {
				t.Errorf("%s\n got %s (%d errors)\nwant %s (%d errors)", tt.src, got, errors, tt.want, tt.errors)
			}
			if tt.errors < 0 && !strings.Contains(got, "Name c") && !strings.Contains(got, "Member c") {
				t.Errorf("%s\n got %s: what follows is lost", tt.src, got)
			}
		})
	}
}

func TestBladePositions(t *testing.T) {
	src := "x\n\n@if($a)\n  {{ $order\n      ->user }}\n@endif\n"
	tree := langtest.Tree(t, Blade, src)
	want := "File @1\n  If @3\n    cond:Name \"a\" @3\n    body:Block @3\n      Member \"user\" +output @4\n        recv:Name \"order\" @4\n"
	if got := tree.Root().Dump(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for n := range tree.Root().Children() {
		if text := src[n.Start():n.End()]; !strings.HasPrefix(text, "@if") || !strings.HasSuffix(text, "@endif") {
			t.Errorf("the If covers %q", text)
		}
	}
}

func TestBladeHostile(t *testing.T) {
	const n = 20_000
	langtest.Hostile(t, Blade, map[string]string{
		"unclosed outputs":     strings.Repeat("{{", n),
		"unclosed parentheses": strings.Repeat("@foo(", n),
		"unclosed quotes":      strings.Repeat("@foo('", n),
		"unclosed components":  strings.Repeat("<x-a b=\"", n),
		"component openings":   strings.Repeat("<x-a b", n),
		"nested ifs":           strings.Repeat("@if(a)", n) + strings.Repeat("@endif", n),
		"stray ends":           strings.Repeat("@foreach($a as $b)", n) + strings.Repeat("@endif", n),
		"elseifs":              "@if(a)" + strings.Repeat("@elseif(b)", n) + "@endif",
		"broken":               strings.Repeat("{{ $a->( }}", n),
		"cases":                "@switch($a)" + strings.Repeat("@case(1)", n) + "@endswitch",
		"php openings":         strings.Repeat("@php ", n) + strings.Repeat("<?php ", n),
		"deep":                 "{{ " + strings.Repeat("(", n) + " }}",
	})
}

func FuzzBlade(f *testing.F) {
	langtest.Fuzz(f, Blade, "testdata/*.blade.php", lines(f, "testdata/*.blade.php")...)
}
