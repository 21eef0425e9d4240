// Package calcrandom makes random workbooks for tests that compare two ways of computing the same: columns of typed values
// and formulas of all sorts that were filled down and to the right. The same seed makes the same workbook.
package calcrandom
