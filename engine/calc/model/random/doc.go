// Package random draws from distributions with random numbers that are a function of what they are for.
//
// [Uniform] gives the number of (seed, key, cell, sample) without any state, so any cell can be drawn again alone, in any
// order and on any thread. A draw is the quantile of its uniform number ([Law.Quantile]): one number a draw, whatever
// the law.
package random
