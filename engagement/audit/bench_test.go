package audit

import (
	"os"
	"testing"
)

// BenchmarkTree audits the tree that NAPKIN_TREE names, as one run of the command does: once without
// anything known of it, and once with the trees of all its files in the cache but no kept answer.
//
//	NAPKIN_TREE=~/src/saleor go test ./engagement/audit -run '^$' -bench Tree/cold -benchtime 1x -cpuprofile cpu.prof
func BenchmarkTree(b *testing.B) {
	root := os.Getenv("NAPKIN_TREE")
	if root == "" {
		b.Skip("NAPKIN_TREE names no folder to audit")
	}
	audit := func(b *testing.B, cache string) {
		b.Helper()
		if _, err := Run(b.Context(), Options{Root: root, CacheDir: cache, Version: "benchmark"}); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			audit(b, b.TempDir())
		}
	})
	b.Run("changed", func(b *testing.B) {
		dir := b.TempDir()
		audit(b, dir)
		for b.Loop() {
			b.StopTimer()
			forget(b, dir)
			b.StartTimer()
			audit(b, dir)
		}
	})
}
