// Package effect is the vocabulary in which the review says what a statement does to a database while
// it runs: which locks it takes on which tables, whom they keep waiting, and how much work it does
// meanwhile. The oracles measure an [Effect], the matrix keeps it for each statement and version of a
// server, the lint predicts it, and a rehearsal compares.
//
// An Effect states facts of one run and no judgement but one, [Effect.Harm], the one that everything
// else is built on: others wait while work is done that grows with the table. Short waits for a lock
// that is not granted at once are no part of it; they depend on what else runs, not on the statement.
//
// Values are comparable with ==, safe to copy, and have a stable JSON form in which what is not there is
// left out.
package effect
