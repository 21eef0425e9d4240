// Package fn is the library of functions: a table of what each is called, takes and does.
//
// A function is one [Func] in the table of its file: name, category, one line of documentation, the kinds of its
// parameters and its body. Everything around a body is done by the caller, from the kinds: evaluation of arguments,
// coercion of scalars, the first error among them, and lifting over arrays, so that a body of scalars sees
// scalars of the right kind. What a body must do itself is told by [Call].
//
// Functions that do not evaluate all their arguments (IF, LET, LAMBDA and so on) are in the table too, without a body: the
// evaluator knows them.
//
// A function that is not in the table is #NAME?. There is none that guesses.
package fn
