// Package dist computes with uncertain numbers.
//
// A [Graph] is an expression over independent uncertain inputs. Where the result has a closed form it
// is taken: products, quotients and powers of lognormals, sums of normals, an input scaled and shifted
// ([Graph.Exact]). Elsewhere the graph is evaluated at the points of a scrambled Sobol sequence
// ([Graph.Run]), whose error is below half of that of as many pseudo-random draws for a product of five
// inputs, and less with fewer. The same node is the same number in every draw, so x - x is exactly 0 and
// x / x exactly 1. The same seed gives the same draws, on another architecture to within rounding.
//
// [Graph.Influences] says which inputs move a result, [Graph.BreakEven] where two results cross.
//
// Inputs are independent: correlation is expressed by computing one from the other.
package dist
