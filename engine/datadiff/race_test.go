//go:build race

package datadiff_test

// raced: the race detector keeps several times the memory that the program does.
const raced = true
