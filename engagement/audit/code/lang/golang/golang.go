// Package golang lowers Go to the shared syntax tree, with the standard library's parser.
//
// Beyond the conventions of package syntax it keeps these:
//
//   - The package clause is Other{"package_clause"} with a Name. An import under another name is
//     Pair{alias} of Name "*", also for "." and "_".
//   - Types are Classes: a struct with its Fields, an interface (FlagInterface) with Funcs without a
//     body, any other type with a Type child that holds its text. An embedded type is a Super: a Name,
//     with a Type child where the text is more than the name (a pointer, type arguments).
//   - The tag of a field is a Decorator child: a String with the tag's text.
//   - A declaration of variables or constants is an Assign{"="} with one Target for each name, a Type
//     child and the Values. x := y is Assign{":="}. i++ is Assign{"++"} with a Target.
//   - A composite literal of a named type is a constructor call: Call{"pkg.Type"} with FlagNew and its
//     elements as Pair or plain arguments; &T{} is Unary "&" over it. Literals of slices and arrays are
//     Lists, of maps Maps, both with a Type child. A literal whose type is left out has the type of the
//     literal around it.
//   - A conversion to a composite type ([]byte(s)) is a Call whose Callee is a Type. Type arguments of
//     a call are Type children; f[T](x) is read as such when T looks like a type, else as a call of an
//     indexed function.
//   - x.(T) is Other{"type_assertion_expression"} with Value and Type. In a type switch the cases'
//     conditions are Types (nil is Nil). A select is Switch{"select"} whose cases have the communication as Cond.
//   - for { } and for cond { } are While, the first without Cond. Labels are transparent. An if with an
//     init statement has it as Init, as a switch has.
//   - A[i:j] is Index{":"}. Pointer indirection is Unary "*".
//
// Nothing is resolved: no types, no scopes. Broken source gives a partial tree; the tree counts the
// parser's errors.
package golang

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
	"unsafe"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/lowering"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// maxBrackets is the nesting of brackets beyond which a file is not handed to the parser, whose
// recursion costs about a kilobyte of stack a level. Code written by people stays below 100.
const maxBrackets = 10_000

// Lower lowers a Go file. It returns an error only when the context has ended or the parser failed
// by its own fault; a file that nests beyond reason gives an empty tree with one error.
func Lower(ctx context.Context, src []byte) (t *syntax.Tree, err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("parse go: %w", err)
	}
	l := &lowerer{Builder: syntax.NewBuilder("go", src), src: src}
	if nests(src) {
		l.AddError(len(src))
		return l.Finish(), nil
	}
	defer func() {
		if p := recover(); p != nil {
			t, err = nil, fmt.Errorf("parse go: the parser failed: %v", p)
		}
	}()
	mode := parser.SkipObjectResolution | parser.AllErrors
	if bytes.Contains(src, []byte(lowering.Marker)) {
		mode |= parser.ParseComments
	}
	fset := token.NewFileSet()
	file, parseErr := parser.ParseFile(fset, "", src, mode)
	if file != nil {
		l.collect(file)
		l.file(file)
	}
	var list scanner.ErrorList
	if errors.As(parseErr, &list) {
		for range list {
			l.AddError(l.broken)
			l.broken = 0
		}
	} else if parseErr != nil {
		l.AddError(l.broken)
	}
	return l.Finish(), nil
}

// nests reports whether the brackets of a source nest beyond maxBrackets. Strings and comments are
// read as code: a file that holds so many brackets there is not one for this audit either.
func nests(src []byte) bool {
	depth := 0
	for _, c := range src {
		switch c {
		case '(', '[', '{':
			if depth++; depth > maxBrackets {
				return true
			}
		case ')', ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return false
}

// lowerer carries one file through its lowering.
type lowerer struct {
	*syntax.Builder
	src    []byte
	depth  int
	notes  []*ast.Comment // comments to emit, in source order
	broken int            // bytes of declarations, statements and expressions that did not parse
}

func (l *lowerer) enter() bool {
	if l.depth >= lowering.MaxDescent {
		l.Truncated = true
		return false
	}
	l.depth++
	return true
}

// offset turns a position into an offset: the file set holds this file alone.
func (l *lowerer) offset(p token.Pos) uint32 {
	return uint32(min(max(int(p)-1, 0), len(l.src)))
}

func (l *lowerer) span(start, end token.Pos) (uint32, uint32) {
	s := l.offset(start)
	return s, max(s, l.offset(end))
}

// text returns the source of n. The string shares the source's memory: it is for interning.
func (l *lowerer) text(n ast.Node) string {
	s, e := l.span(n.Pos(), n.End())
	if s == e {
		return ""
	}
	return unsafe.String(&l.src[s], int(e-s))
}

// open opens a node that covers n. When it returns false the tree is as deep as trees get: nothing
// below may be lowered, and Close must not be called.
func (l *lowerer) open(kind syntax.Kind, role syntax.Role, n ast.Node) (syntax.NodeID, bool) {
	return l.openAt(kind, role, n.Pos(), n.End())
}

func (l *lowerer) openAt(kind syntax.Kind, role syntax.Role, start, end token.Pos) (syntax.NodeID, bool) {
	s, e := l.span(start, end)
	id := l.Open(kind, role, s, e)
	if id == syntax.None {
		l.Close()
		return id, false
	}
	return id, true
}

func (l *lowerer) leaf(kind syntax.Kind, role syntax.Role, str string, n ast.Node) syntax.NodeID {
	s, e := l.span(n.Pos(), n.End())
	return l.Leaf(kind, role, str, s, e)
}

// typeOf adds a type as text.
func (l *lowerer) typeOf(t ast.Expr) {
	if t != nil {
		l.leaf(syntax.Type, syntax.TypeRole, l.text(t), t)
	}
}

func (l *lowerer) collect(file *ast.File) {
	for _, g := range file.Comments {
		for _, c := range g.List {
			if strings.Contains(c.Text, lowering.Marker) {
				l.notes = append(l.notes, c)
			}
		}
	}
}

// flush emits the kept comments in front of a position.
func (l *lowerer) flush(before token.Pos) {
	for len(l.notes) > 0 && l.notes[0].Pos() < before {
		c := l.notes[0]
		l.notes = l.notes[1:]
		l.leaf(syntax.Comment, syntax.Stmt, c.Text, c)
	}
}
