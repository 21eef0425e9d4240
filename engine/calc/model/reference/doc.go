// Package reference evaluates a checked model cell by cell, each cell once: the plain meaning of every expression, without
// tiles, encodings or threads. It is the oracle of faster evaluators, and is itself good for some millions of cells.
//
// [Run] computes the outputs of a model and only what they need. Sums are compensated (Neumaier) in the order of cell
// numbers. With samples, each sample evaluates the random part of the model anew; an output then has the mean and the
// percentiles of what the samples gave. Without samples every distribution stands for its mean.
package reference
