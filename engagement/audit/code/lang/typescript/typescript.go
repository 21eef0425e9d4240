// Package typescript lowers TypeScript, TSX and JavaScript to the shared syntax tree.
//
// Beyond the conventions of package syntax it keeps these:
//
//   - Exports are transparent: the exported declaration stands where the export stood. An export
//     from another module is an Import. `export default` of an expression is an Assign to
//     Name "default"; `export =` is an Assign to module.exports, as it is in CommonJS.
//   - A default import is Pair{local} of Name "default", a namespace import Pair{local} of Name "*".
//     A declaration whose whole value is require("m") is an Import of the same form: the variable is
//     the namespace, and the names of an object pattern are the imported names.
//   - Each declarator is an Assign of its own, with a Type child where it is annotated.
//   - An object pattern is a Map whose pairs hold the bound name as Value and its default, where there
//     is one, as Else; an array pattern is a List. A destructured Param has no name and a Target.
//   - Interfaces and type aliases are Classes with FlagInterface, an alias of another type with that
//     Type; methods without a body are Funcs without one. Namespaces are Classes with FlagModule.
//   - A parameter property of a constructor is also a Field of the class, in front of it. The
//     constructor is the Func "constructor" with FlagNew.
//   - A Super is a Name; where it has type arguments, a Type child holds the whole text. Type
//     arguments of a call are its Type children.
//   - A decorator is a Call, with FlagNoArgs when written without parentheses.
//   - A JSX element is a Call of the component with FlagOutput, its attributes as Pair arguments, its
//     child expressions with Role Part; a fragment is a Call of "Fragment". Text is dropped.
//   - Casts, parentheses, non-null assertions and satisfies are transparent. undefined is Nil.
//   - The body of an arrow function without braces is the expression itself; all other bodies, those
//     of single statements too, are Blocks. i++ is Assign{"++"} with a Target.
//
// Types are text, not trees. Broken source gives a partial tree; the tree counts the errors.
package typescript
