//go:build parquet

package main

import (
	"io"

	"github.com/napkin-infra/napkin/engine/calc/model/data"
	"github.com/napkin-infra/napkin/engine/calc/model/parquet"
	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

// withParquet gives models the reader of Parquet files.
func withParquet(files data.Files) data.Files { return parquet.With(files) }

// parquetMissing is the error where this program does not write Parquet.
func parquetMissing() error { return nil }

func writeParquet(w io.Writer, t *result.Table, percentiles []float64) error {
	return parquet.Write(w, t, percentiles)
}
