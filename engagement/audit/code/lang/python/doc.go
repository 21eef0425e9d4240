// Package python lowers Python source (2.7 to 3.12) to the shared syntax tree.
//
// It keeps the conventions of package syntax. Where those leave room, Python is lowered so:
//
//   - import a.b as c is Import "a.b" with Arg Pair{c} whose Value is Name "*" (the module itself);
//     from a import b as c has Pair{c} with Value Name "b"; from a import * has Arg Name "*".
//     Relative modules keep their dots (".models"). import a, b gives two Imports.
//   - Assignments to one plain name in a class body are Field; to anything else they stay Assign.
//   - self is Self wherever it is read, and the Param "self" of a method; cls is a Name.
//   - A starred Param has its plain name and a Splat child without a role.
//   - A comprehension is For with FlagComprehension whose Str is "list", "set", "dict" or
//     "generator"; its if clauses are Cond children and further for clauses nest as Body. The
//     element of a dict comprehension is a Pair.
//   - a < b < c is Binary(Binary(a, b), c): every operand stands once.
//   - A slice in an Index is Other "slice" with Left (start), Right (stop) and Part (step) children.
//   - elif is an If in the Else of the If above. else of loops and of try is Else.
//   - Patterns of match are Cond children of Case, the guard is one more; case _ has none.
//   - raise X from Y has two Value children. yield is Other "yield".
//   - Statements that hold only names (global, nonlocal, del) are Other under their grammar name.
//   - A declaration begins at its first decorator.
//
// Comments that hold "napkin:" stand at the end of the File, with their own lines.
package python
