// Package flow follows database rows through a code base.
//
// It answers three questions that no look at a single line can: which query produced the rows that
// this loop walks, which relations of a row are touched anywhere below (a method of the model, a
// helper, a template, a serializer), and whether the query had loaded them already. From these come
// the N+1 rules; the queries themselves, with their filters and orders, feed the index rules.
//
// # How it works
//
// Every function is evaluated abstractly, once for each combination of the kinds of values that it
// is called with. A value knows the query root it came from and the relation path from the root's
// rows to itself. Touching a relation emits an [Effect]: (root, path). Inside a function the rows of
// a parameter have a symbolic root; the function's effects on it form its summary, which each call
// replays on the actual argument. Effects on a concrete root are compared with the root's eager set:
// what is touched once per row and not covered is a [Load].
//
// Where a condition is not decided by literals or by the row being stored, both branches happen. The
// last assignment of a variable is kept, and depth and work are bounded, so the evaluation terminates
// on any input. It prefers silence: a value that it can not type is Unknown, and nothing is reported
// about Unknown values.
//
// # What a load says
//
// A load counts for the innermost loop whose turns repeat it: not for daemons, retries and cursors, not
// for a branch that ends the loop, not for an arm of a dispatch that does not look at the element. Each
// [Load] names the rows that multiply it ([Collection]), whether its query depends on the loop at all
// ([Effect.Invariant]), whether it happens in some turns only ([Effect.Conditional]), and the entry
// points that reach its loop with their [EntryClass]: from these follow the rows and the frequency of
// its cost.
//
// What the words of a framework mean (has_many, select_related, findMany) is told by the
// [Framework] implementations; the engine itself knows only classes, methods, loops and calls.
package flow
