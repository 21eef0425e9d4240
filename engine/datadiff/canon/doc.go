// Package canon gives every database value one sequence of bytes, whatever product it comes from, so
// that two values are the same exactly when their bytes are.
//
// A cell is a tag, and for values of no fixed size a length, and then the value. Nothing is joined by
// separators and no word stands for NULL, so no two rows of different values share their bytes: the
// encoding is prefix-free, and a row is the concatenation of its cells. Rows are compared by these
// bytes, or by their [Hash].
//
// What counts as the same value:
//
//   - Integers of all widths, signed or not, by value. Booleans are the integers 0 and 1.
//   - Decimals by value: 1.10 is 1.1, -0 is 0. Infinities and NaN are values of their own.
//   - Floats by their bits, except that -0 is 0 and all NaNs are one. A FLOAT of four bytes is another
//     kind than one of eight: widening one changes what its text says.
//   - Text by its bytes, with no folding of case, accents or trailing blanks. A caller that compares
//     CHAR columns trims first and says so.
//   - Dates are days, times and timestamps microseconds, since 1970-01-01; a time zone is a caller's
//     matter: timestamps with one are encoded in UTC, under a tag of their own. PostgreSQL's infinities
//     are values of their own.
//   - JSON by what it means: the order of keys and the way that a number is written do not count, the
//     last of equal keys does.
//   - Arrays element by element, with their shape.
//
// The package compares nothing across kinds: which kind a pair of columns is compared as is decided
// before, once, from their types.
//
// Integers, floats, dates, times, timestamps, UUIDs and booleans have bytes that sort as their values
// do (bytes.Compare), so that streams ordered by such a key can be merged. Text sorts by its bytes.
// Decimals, JSON and arrays do not sort.
package canon
