// Package rewrite turns a change of a schema that would hold up a busy database into a recipe: ordered
// steps that reach the same schema while readers and writers go on.
//
// Input is a [Change], one of the typed values of this package, and [Facts]: what is known of the server
// and its tables. Neither depends on a parser; whoever reads statements maps them onto these values.
// [Build] returns a [Recipe], or a [Refusal] whose sentence says which fact forbids it.
//
// Guarantees, held by the tests of internal/recipetest on real servers under live load:
//
//   - A step that blocks readers or writers changes the catalog only, in one short transaction, asks for its
//     lock with a short lock_timeout, and gives up and comes again by a [Ladder]; it never retries inside an
//     open transaction.
//   - A step that reads or writes all rows holds no lock that stops reading or writing; batches of a
//     backfill skip locked rows, so that they take part in no deadlock.
//   - Each step says by a query whether it and all before it are done ([Step.Done]), so that a recipe that was
//     cut off anywhere is resumed by running it again; and how it is undone, up to the point of no return.
//   - The schema afterwards is that of the plain statement ([Statement]), but for what [Recipe.Differs] lists.
//
// The package reads no catalog and runs nothing: subpackage catalog reads facts from a server, execute
// runs a recipe, script writes it as files. It does not judge whether a change is wise, and does not know
// the application: steps of kind [Deploy] say what the code must be able to do at that point.
package rewrite
