// Package java lowers Java to the shared syntax tree.
//
// Beyond the conventions of package syntax it keeps these:
//
//   - The package is Other{"package_declaration"} with a Name. An import is split as in
//     `from a.b import C`: Str is "a.b" and the Arg is Name "C", or "*"; a static import has FlagStatic.
//   - Interfaces and annotation types are Classes with FlagInterface; enums and records are Classes.
//     The constants of an enum are Fields with FlagStatic whose Value is a constructor call where they
//     have arguments or a body; the components of a record are Fields.
//   - A constructor is a Func named like its class, with FlagNew. Methods without a body are Funcs
//     without one. Initialiser blocks are Blocks in the class body.
//   - An annotation is a Call with Role Decorator: Pairs for its elements, FlagNoArgs for a marker.
//     Concatenated constants stay Binary "+".
//   - A Super is a Name; where it has type arguments, a Type child holds the whole text. Type
//     arguments of calls and of constructors are Type children.
//   - Each declarator is an Assign (or Field) of its own with a Type child.
//   - A method reference is a Lambda with FlagBlockPass and one Param "it". Behind a type (Order::getId)
//     its Body calls the method on the Param, whose Type is the name before the colons: for a static
//     method that reading is wrong, and source alone can not tell. Behind an expression (this::save)
//     the Body calls the method on that expression with the Param as argument.
//   - A try with resources is a With, inside the Body of a Try when it has catch or finally clauses.
//   - The class body of an anonymous class is a Class without a name below the constructor call.
//   - Casts and parentheses are transparent. i++ is Assign{"++"} with a Target. All bodies are Blocks,
//     except that of a lambda without braces, which is the expression itself.
//
// Types are text, not trees. Broken source gives a partial tree; the tree counts the errors.
package java
