// Package proof shows on a real database that findings are true: its tests audit a small project, build
// its tables in a private PostgreSQL with several hundred thousand rows, and compare what the finding
// says with what the server does before and after the finding's own SQL.
//
// Each estimate must lie within a factor of the measurement, two for the bar (-within 2), with rates that
// were measured on the same server on a table of another shape, run by turns with the statements that are
// judged, so that a busy machine slows both. Nothing asserts a time on the clock. The package has no code of its
// own; its tests are skipped, with the reason, where no PostgreSQL is installed.
package proof
