// Package syntax is the normalised syntax tree that every source language of the audit is lowered to.
//
// One tree form lets one analysis serve Ruby, Python, TypeScript, PHP, Java, Go and the template
// languages. The tree keeps what the audit's rules ask about (declarations, calls, loops,
// assignments, conditions, literals, decorators, types as text) and drops the rest: an expression
// that no rule looks into is lowered to [Other] with its children, never lost together with the
// calls inside it.
//
// A [Tree] is flat: one slice of fixed-size nodes and one table of strings. It is cheap to walk,
// to keep in memory for a whole repository, and to write to the cache and read back without
// decoding ([Tree.AppendBinary], [FromBinary]). A finished tree is immutable and may be read from
// many goroutines.
//
// # Conventions that every lowering keeps
//
//   - Roles, not positions, say what a child is to its parent: see [Role].
//   - A call of a method is Call{Str: method} with a Receiver child; of a plain function,
//     Call{Str: function} without one; of any other expression, Call{Str: ""} with a Callee child.
//     Constructors (new Foo(x), Foo.new(x) stays a plain call) set FlagNew and Str is the class.
//   - Ruby has no attribute access: a.b is Call{b} with FlagNoArgs. Elsewhere it is Member{b}.
//     Code that does not care uses [Ref.IsAccess].
//   - Keyword arguments (Ruby k: v, Python k=v, PHP named) are Pair{Str: k} with Role Arg and a Value
//     child. An object literal passed as an argument stays a Map with Role Arg.
//   - Str of a String is its decoded text, with each interpolation written as "{}" (FlagInterp; the
//     interpolated expressions are children with Role Part). Ruby symbols are String with FlagSymbol.
//   - Names: Ruby instance variables keep "@", class variables "@@", globals "$"; PHP variables drop
//     "$"; constants and qualified names are one Name with the source's own separator turned to "::"
//     for Ruby and "\\" for PHP, "." elsewhere.
//   - self, this and $this are Self. Go's receiver variable is a Name (the Param has FlagReceiver).
//   - Class-level declarations with a name (Python class attributes, Java/PHP/TypeScript fields,
//     Go struct fields) are Field{Str: name} with Type, Value and Decorator children. Class-level
//     calls (Ruby has_many :x) are plain Calls in the class body.
//   - Loops: For has Target (loop variables), Iter and Body children; While has Cond and Body.
//     A call with a block or lambda (items.each { |i| ... }, items.map(i => ...)) stays a Call whose
//     Lambda child has Role Block (Ruby) or Arg (elsewhere); comprehensions are Lambda-less For with
//     FlagComprehension whose Body is the element expression.
//   - Lines of embedded languages are the lines of the file they stand in.
package syntax

import "sync/atomic"

// Kind says what a node is.
type Kind uint8

// Kinds. Roles of the children stand behind each.
const (
	Invalid Kind = iota
	File         // Body children in order
	Class        // Str name (Ruby: qualified as written); Super, Decorator, Body(Block). Also modules, interfaces, traits, enums, Go struct types (flags)
	Func         // Str name; Param, Decorator, Type (return), Body. Methods are Funcs inside a Class body; Go methods have Str name and a Param with FlagReceiver
	Param        // Str name; Type, Value (default), Decorator
	Field        // class-level named declaration: Type, Value, Decorator
	Import       // Str module path; Arg children Name (imported names; Pair{Str: local alias} Value Name)
	Block        // statements in order (Role Stmt)
	Assign       // Target, Value; Str operator ("=", "+=", "||=", ":=")
	Return       // Value
	If           // Cond, Body, Else; also ternary (FlagExpr), unless is lowered with Cond negated by Unary "!"
	For          // Target, Iter, Body; Go three-clause for: Init, Cond, Post, Body with FlagCounted
	While        // Cond, Body; until is While with Unary "!"
	Try          // Body, Catch..., Finally, Else
	Catch        // Str exception types as text; Target, Body
	With         // Python with, Java try-with-resources, C#-like using: Value children (Assign where named), Body
	Switch       // Value, Case...
	Case         // Cond..., Body
	Break        // also next/continue (FlagContinue), redo/retry (Str)
	Throw        // Value: raise, throw, panic stays a Call
	Defer        // Value: Go defer
	Go           // Value: Go statement
	Call         // Str; Receiver or Callee, Arg..., Block (Ruby block, FlagBlockPass for &:sym)
	Member       // Str; Receiver: attribute access without a call
	Index        // Receiver, Arg
	Name         // Str
	Self         //
	String       // Str, Part...
	Number       // Str as written
	Bool         // Str "true"/"false"
	Nil          //
	List         // Elem... (arrays, tuples, Go slices literals)
	Map          // Pair... (role Elem), Splat
	Pair         // Str key when it is a literal, else Key child; Value
	Lambda       // Param..., Body: lambda, arrow function, closure, Ruby block, Go func literal
	Binary       // Str operator; Left, Right. "and"/"or" are "&&"/"||"
	Unary        // Str operator; Value. "not" is "!"; Go channel receive is "<-", & is "&"
	Await        // Value; also Go channel send is Binary "<-"
	Splat        // Str "*", "**", "&", "..."; Value
	Type         // Str: the type as text (generics kept: List<Order>)
	Comment      // Str text; only those that hold "napkin:" are kept
	Other        // any other node whose children matter; Str is the grammar's own node name
)

// Role says what a node is to its parent.
type Role uint8

// Roles.
const (
	RoleNone Role = iota
	Stmt
	Receiver
	Callee
	Arg
	BlockArg
	Cond
	Body
	Else
	Target
	Value
	Iter
	Super
	Decorator
	ParamRole
	Key
	TypeRole
	Elem
	Left
	Right
	Part
	CatchRole
	Finally
	CaseRole
	Init
	Post
)

// Flags refine a kind.
type Flags uint32

// Flags.
const (
	FlagNoArgs        Flags = 1 << iota // Call written without parentheses and arguments (Ruby)
	FlagNew                             // constructor call
	FlagSafe                            // ?. or &.
	FlagStatic                          // Foo::bar (PHP), static member (Java), class method (Ruby def self.x, Python @classmethod stays a Decorator)
	FlagInterp                          // String with interpolation
	FlagSymbol                          // Ruby symbol
	FlagComprehension                   // For from a comprehension or generator expression
	FlagCounted                         // Go/Java/PHP/JS three-clause for
	FlagExpr                            // If used as an expression (ternary, modifier keeps the statement form)
	FlagContinue                        // Break that continues the loop
	FlagAsync                           // Func, Lambda: async; For: for await
	FlagReceiver                        // Param: the receiver of a Go method
	FlagModule                          // Class: Ruby module, PHP trait
	FlagInterface                       // Class: interface, Go interface type, abstract protocol
	FlagBlockPass                       // Lambda made from &:method: its Body is Call{method} on its first Param
	FlagPrivate                         // Func: private or protected
	FlagModifier                        // If/While written behind its statement
	FlagOutput                          // template: an expression whose value is printed
)

// NodeID indexes Tree.Nodes. None is no node.
type NodeID int32

// None is the absence of a node.
const None NodeID = -1

// Node is one node of a tree. Start and End are byte offsets into the file, End exclusive.
type Node struct {
	Kind   Kind
	Role   Role
	Flags  Flags
	Str    uint32 // index into Tree.Strings; 0 is ""
	Start  uint32
	End    uint32
	Parent NodeID
	First  NodeID // first child
	Next   NodeID // next sibling
}

// Tree is the lowered form of one file. Its nodes lie parents before children and siblings in order.
type Tree struct {
	Lang       string // "ruby", "python", "typescript", "javascript", "php", "java", "go", "erb", "haml", "slim", "jinja", "blade", ...
	Nodes      []Node // Nodes[0] is the File
	Strings    []string
	LineStarts []uint32 // byte offset of each line's first byte; LineStarts[0] == 0
	Errors     int      // error or missing nodes that the parser reported
	ErrorBytes int      // bytes covered by them

	kinds  byKind
	filter atomic.Pointer[[]uint64] // of Holds
}
