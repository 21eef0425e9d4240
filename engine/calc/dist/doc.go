// Package dist is the distributions of probability that spreadsheets know: densities, both tails, and their inverses.
//
// Tails are found directly and not as one minus the other where they are small, so that 1E-200 is as exact as 0.5: the
// relative error is of the order of 1E-14, and grows with the logarithm of the result. Densities are
// computed as deviances from their maximum, after C. Loader, "Fast and Accurate Computation of Binomial
// Probabilities" (2000), which keeps the digits that differences of logarithms of factorials lose. Inverses are found
// by Newton's method between bounds, on the logarithm of the smaller tail.
//
// Every function returns NaN for parameters outside of its domain, and where they are so large that a float64
// or two million terms would not be enough. All are safe for use by several goroutines.
package dist
