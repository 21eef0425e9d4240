// Package render turns what comparisons found into what people and programs read: a text for the
// terminal, a JSON summary, differences as NDJSON, and the shared report for HTML and Markdown.
//
// A [Summary] is the one tree that all of them show. It is plain data: [NewTable] builds the part of one
// table from the result of a run and from what a [Collector] kept while the run handed its differences
// out. Everything that limits the answer (columns compared by their text, ranges compared by hashes, a
// sample, rows that kept changing) is written into [Table.Caveats] once and shown by every form.
//
// docs/datadiff-json.md describes the JSON forms field by field.
package render
