package parquet_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	read "github.com/napkin-infra/napkin/engine/calc/model/parquet"
)

// FuzzRead holds that no file makes the reader panic, or take memory that has nothing to do with the file's size.
func FuzzRead(f *testing.F) {
	t := &testing.T{}
	dir, err := os.MkdirTemp("", "parquet")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = os.RemoveAll(dir) })
	sales(t, filepath.Join(dir, "sales.parquet"))
	whole, err := os.ReadFile(filepath.Join(dir, "sales.parquet"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "a.parquet")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		rows := 0
		_ = read.Read(context.Background(), path, []string{"store", "day", "at", "pieces", "price", "amount"}, func(fields []string) error {
			if rows++; rows > 1<<20 {
				return context.Canceled
			}
			return nil
		})
	})
}
