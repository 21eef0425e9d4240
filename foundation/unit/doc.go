// Package unit gives sizes, counts, rates, durations and money a type, and reads and prints them the
// way an engineer writes them: "1.5 GiB", "10M", "350 MB/s", "0.5 ms", "$12/month".
//
// Decimal and binary prefixes are distinct: 1 kB is 1,000 bytes and 1 KiB is 1,024. So are bits and
// bytes: "B" is a byte, "b" and "bit" are bits, and a size such as "10mb", which could mean either, is
// refused with a sentence that says what to write. Prefixes k, M, G, T, P and E are powers of 1,000; Ki
// to Ei are powers of 1,024.
//
// Parsers take any bytes and never panic. They refuse NaN, infinities and, where a negative amount has
// no meaning, negative numbers. Every value printed by a String method of this package is read back by
// the matching parser to within the digits shown.
//
// The package does not convert currencies (money is US dollars) and does no calculus of dimensions;
// a month is 730 hours.
package unit
