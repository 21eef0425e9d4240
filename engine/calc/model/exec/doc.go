// Package exec evaluates a checked model at the speed of memory.
//
// The values of a variable are an array: periods outermost, then its dimensions, flattened to positions. Variables over
// the same dimensions and grain are computed in one sweep over positions and periods, in tiles that stay in the
// processor's first cache; a tile of a variable that nobody needs later is never stored. A variable with fewer dimensions is read by
// broadcasting: one number for a run of positions, or gathered by an index made once. Roll-ups are sums that are kept while
// their variable is swept, so that many of them cost one pass.
//
// A recurrence along time runs in the same sweep: for each block of positions through all periods, with the last ones at hand. Where
// variables of a recurrence have different dimensions, or read roll-ups of each other, it goes period by period over all positions.
//
// Arrays are kept in chunks of up to 16 periods by 4,096 positions, as one number, as integers with a base and scale where that is exact,
// or as float64. Beyond the memory that was allowed, chunks go to a file with checksums.
//
// Results do not depend on the number of threads: work is cut in the same pieces and put together in the same order.
package exec
