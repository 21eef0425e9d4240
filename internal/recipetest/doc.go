// Package recipetest holds the recipes of engagement/review/rewrite against real servers: each is carried
// out while writers and readers use the table, and its result is compared with that of the plain statement
// on a copy that has seen the same writes. It is used by its own tests and by internal/recipebench.
//
// What is compared: the catalogs ([Snapshot]), that is tables, columns, types,
// defaults, constraints and whether they are validated, indexes and whether they are valid, sequences and
// their owners, triggers, views, functions, privileges and comments; and the rows, by a checksum of each
// table.
//
// Cases know the version of the server: one of a later version must be refused.
//
// What counts as a failed request: a statement of the load that the server answers with an error. The
// sessions of the load have a lock_timeout of their own, which is the longest that a recipe may make them
// wait: the sum of the longest lock timeouts of a step that blocks, the time of a batch, and half a second for
// what is done under the lock. A request that waits longer for a lock is thus an error, decided by the server's
// clock and not by a noisy one here.
package recipetest
