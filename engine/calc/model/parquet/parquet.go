// Package parquet reads columns of Parquet files for models. It stands alone because the library below it is large: what
// does not read Parquet does not link it. Of that library it uses the columns as they lie in the file, not Arrow's.
package parquet

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/napkin-infra/napkin/engine/calc/model/data"
)

// batch is how many rows are read at once.
const batch = 4096

// With gives files a reader of Parquet.
func With(files data.Files) data.Files {
	readers := map[string]data.Reader{"parquet": Read}
	for name, read := range files.Readers {
		readers[name] = read
	}
	files.Readers = readers
	return files
}

// Read is a [data.Reader]. Columns stand at the top of the schema, not inside of groups or lists; a null is an empty
// field. Dates are written 2024-03-31 and moments 2024-03-31T10:00:00Z. Columns of bytes that are no text, and those of
// the old 96-bit moments, are refused.
func Read(ctx context.Context, path string, columns []string, row func(fields []string) error) (err error) {
	// The library panics at some broken files.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s is no sound Parquet file: %v", path, r)
		}
	}()
	f, err := file.OpenParquetFile(path, false)
	if err != nil {
		return fmt.Errorf("open %s as a Parquet file: %w", path, err)
	}
	defer f.Close()
	at, err := find(f.MetaData().Schema, path, columns)
	if err != nil {
		return err
	}
	fields := make([]string, len(columns))
	first := int64(0)
	for g := range f.NumRowGroups() {
		group := f.RowGroup(g)
		readers := make([]column, len(at))
		for i, k := range at {
			chunk, err := group.Column(k)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			if readers[i], err = open(chunk); err != nil {
				return fmt.Errorf("%s: column %s: %w", path, columns[i], err)
			}
		}
		for done, rows := int64(0), group.NumRows(); done < rows; {
			if err := ctx.Err(); err != nil {
				return err
			}
			n := min(batch, rows-done)
			for i, r := range readers {
				if err := r.read(n); err != nil {
					return fmt.Errorf("%s: column %s: %w", path, columns[i], err)
				}
			}
			for j := range n {
				for i, r := range readers {
					fields[i] = r.text(j)
				}
				if err := row(fields); err != nil {
					return fmt.Errorf("%s, row %d: %w", path, first+done+j+1, err)
				}
			}
			done += n
		}
		first += group.NumRows()
	}
	return ctx.Err()
}

// find returns the places of the columns in the file.
func find(s *schema.Schema, path string, columns []string) ([]int, error) {
	at := make([]int, len(columns))
	for i, name := range columns {
		at[i] = s.ColumnIndexByName(name)
		if at[i] < 0 {
			var have []string
			for k := range min(s.NumColumns(), 20) {
				have = append(have, s.Column(k).Path())
			}
			return nil, fmt.Errorf("%s has no column %s; it has %s", path, name, strings.Join(have, ", "))
		}
		if c := s.Column(at[i]); c.MaxRepetitionLevel() > 0 || c.MaxDefinitionLevel() > 1 {
			return nil, fmt.Errorf("%s: column %s stands inside of a list or a group", path, name)
		}
	}
	return at, nil
}
