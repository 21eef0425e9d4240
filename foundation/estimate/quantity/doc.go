// Package quantity is the calculus of dimensions behind the estimate language: what may be added to
// what, what a unit is worth, and how an amount is printed.
//
// A [Dim] is a vector of exponents over a fixed list of bases: time, data, money, energy, length, and
// the things that infrastructure counts, each a base of its own, because requests are not rows. A
// [Unit] is a factor and a dimension. Amounts are float64 in base units: seconds, bytes, US dollars,
// joules, metres, and one for whatever is counted.
//
// Decimal and binary prefixes are distinct (kB is 1,000 bytes, KiB is 1,024), and so are bits and
// bytes: "B" is a byte, "b" is a bit, and a spelling that could mean either ("mb") is refused with a
// sentence. KB is read as kB: K has no other meaning there. A year is 365.25 days and a month a
// twelfth of it, 30.4375 days.
//
// The package converts no currencies, knows no temperatures and no logarithmic units, and has no
// units that a user could declare.
package quantity
