// Package sqlgen writes a checked model as SQL for an analytical database: the way past one machine.
//
// Every variable becomes a table of its cells: an item number for each of its dimensions (from 0), the period (from 0)
// and the value x. References are joins, roll-ups GROUP BY, shifts joins on p plus a number, spans window functions, and
// recurrences one INSERT for each period; recursive queries are not used. What is shown is a view with the names of items
// and periods. No value is written as NaN, as in the engine.
//
// [Prove] runs a script in DuckDB or in ClickHouse and holds every figure against those of the engine.
//
// What SQL cannot say here is refused with its place in the model: draws of distributions first of all.
package sqlgen
