// Package indexing holds what the rules about indexes share: the queries of a project as conditions on
// tables of its schemas, which tables grow, which foreign keys no index serves, and how a finding that
// asks for an index is written.
//
// It reads queries that the flow engine met and SQL that stands in the source. It prefers silence: a
// query with a condition or a join that is not understood counts for nothing that its absence would
// decide.
package indexing
