//go:build !race

package datadiff_test

const raced = false
