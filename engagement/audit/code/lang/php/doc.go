// Package php lowers PHP source, files that mix it with HTML included, to the shared syntax tree,
// and lowers pieces of PHP that stand in other files ([ParseFragments]).
//
// It keeps the conventions of package syntax. Where those leave room, PHP is lowered so:
//
//   - Qualified names lose their leading backslash, in names, calls and types alike.
//   - A namespace is Other "namespace" with a Value Name; in the braced form it has a Body too.
//   - use A\B is Import "A\\B"; an alias is one Arg Pair{alias} with Value Name "B". A group is one
//     Import a name. Functions and constants are imported alike.
//   - use of a trait in a class body is Call "use" with a Name argument a trait.
//   - extends and implements are both Super. An anonymous class is a Class without a name, in place
//     of the new expression, with the constructor's arguments as Arg. Cases of an enum and class
//     constants are Field with FlagStatic.
//   - A promoted constructor parameter is a Param, and also a Field (Type only) in the class body.
//   - self and static are Self, parent is Name "parent". Foo::BAR, Foo::class and Foo::$bar are
//     Member with FlagStatic.
//   - Members and methods whose name is an expression have an empty Str and the expression as Key
//     (Member) or Callee (Call).
//   - foreach ($xs as $k => $v) is For with Target Pair (Key, Value); without a key the Target is the
//     variable or List itself. do-while is While with Str "do".
//   - A body is a Block also where the source has a single statement; so is that of a case.
//   - An array is Map when one element has a key, List otherwise. Elements without a key stand in a
//     Map as they are.
//   - match is Switch with FlagExpr. Casts are Unary "(int)", and @ and clone are Unary.
//   - echo, print, include, require, unset and exit are calls. <?= $x ?> is the expression with
//     FlagOutput. HTML is dropped.
//   - f(...) has a Splat "..." without a Value as its argument. What a closure captures by use is
//     dropped.
//
// Comments that hold "napkin:" stand at the end of the File, with their own lines.
package php
