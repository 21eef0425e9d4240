// Package datadiff compares two tables that should be equal, in one server or in two of different make,
// exactly and as fast as the servers and the link allow.
//
// [Prepare] reads both catalogs, pairs the columns, measures the link and both servers without reading a
// row, and chooses one of four plans by the time that each would take. [Job.Run] carries it out and
// returns what differs:
//
//   - stream reads the rows of both sides in ranges of the key and compares them here. It costs the
//     servers least, and is bounded by the link.
//   - native and portable let both servers hash ranges, by a function of their own or by MD5 over a text
//     that all products can print, and read only ranges whose hashes differ.
//   - join lets one server that holds both tables find the rows without an equal partner.
//
// Whatever the plan, a difference is always two canonical rows (package canon) that were read and
// compared here. A plan may only say, by an equal hash or by the server's own comparison, that rows need
// not be read; the chance that it is wrong is stated in the result.
//
// The memory is bounded whatever the tables hold: a range is read again in smaller parts when it turns
// out too large, and rows without a partner go to disk beyond a budget. The work is written to a journal
// range by range, so that a run that was cut off can go on.
//
// The package prints nothing and knows no URLs: the sides are values of [dialect.Database].
package datadiff
