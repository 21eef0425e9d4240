//go:build !parquet

package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/napkin-infra/napkin/engine/calc/model/data"
	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

// The library that reads and writes Parquet adds 22 MB to a program of 54 MB, so it is linked by a tag only.
var errNoParquet = errors.New("this napkin was built without Parquet, which makes it much larger; build it with `-tags parquet`, or use CSV")

// withParquet gives models a reader that says so.
func withParquet(files data.Files) data.Files {
	files.Readers = map[string]data.Reader{"parquet": func(_ context.Context, path string, _ []string, _ func([]string) error) error {
		return fmt.Errorf("%s: %w", path, errNoParquet)
	}}
	return files
}

// parquetMissing is the error where this program does not write Parquet.
func parquetMissing() error { return errNoParquet }

func writeParquet(io.Writer, *result.Table, []float64) error { return errNoParquet }
