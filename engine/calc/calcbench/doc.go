// Package calcbench measures the calculation engine against its bars, beside the programs of others that the machine has.
//
// A part ([Part]) is one bar: the times, memory and agreements that docs/benchmarks/calc.md asks for under one heading. Each
// measurement states its limit from the machine's base rates before it is made and the ratio to it after. Machines
// are shared: CPU seconds of the process (getrusage) are compared and not wall time, and of several runs the least counts.
//
// Programs of others each run in a process of their own on the same workbooks (peers). One that is not on the machine is told of as missing; one
// that takes longer than it may is stopped, and what it had taken by then is a lower bound.
package calcbench
