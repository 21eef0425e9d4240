// Package result holds the figures that a model shows: tables of labels and columns, what samples say together, and the
// notes of what was left out. Evaluators fill it, and what prints or writes results reads it.
package result
