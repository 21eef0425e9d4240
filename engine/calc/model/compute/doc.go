// Package compute evaluates a checked model by the evaluator that suits it, and gives tables.
//
// Package exec evaluates whole arrays at the speed of memory and is taken wherever it can: it says itself what it cannot.
// Package reference goes cell by cell, and is taken for the rest and for models whose inputs have few values among more
// cells than memory holds. Both give the same figures, up to the last places of long sums, and the same draws.
package compute
