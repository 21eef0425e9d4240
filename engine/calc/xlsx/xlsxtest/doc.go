// Package xlsxtest makes workbooks for tests and benchmarks, fast and without any library for the format: millions of
// formulas in the shapes on which engines for spreadsheets differ most. All values are such that double precision
// holds them exactly or that each is the result of one rounding, and every formula has its right cached value, so that a
// recalculation must find the same bits.
package xlsxtest
