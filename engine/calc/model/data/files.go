package data

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// Files reads the sources of a model. It may be used by several goroutines.
type Files struct {
	// Dir is the folder that relative paths start from: that of the model's file.
	Dir string
	// Readers read files of other formats, by the word of the language: "parquet".
	Readers map[string]Reader
}

// Reader reads the given columns of a file, row by row, as [model.Rows] does. fields is overwritten by the next row.
type Reader func(ctx context.Context, path string, columns []string, row func(fields []string) error) error

var _ model.Rows = Files{}

// Rows implements [model.Rows].
func (f Files) Rows(ctx context.Context, source *lang.DataSource, columns []string, row func(fields []string) error) error {
	if source.Kind == "database" {
		return query(ctx, f.Dir, source, columns, row)
	}
	path := source.Location
	if !filepath.IsAbs(path) {
		path = filepath.Join(f.Dir, path)
	}
	if source.Kind == "csv" {
		return readCSV(ctx, path, columns, row)
	}
	read := f.Readers[source.Kind]
	if read == nil {
		return fmt.Errorf("%s: files of the format %s cannot be read here", source.Location, source.Kind)
	}
	return read(ctx, path, columns, row)
}

// checkEvery is how many rows pass between two looks at the context.
const checkEvery = 4096

// readCSV reads a file with a line of names first. Fields are between commas, or between semicolons or tabs where the
// first line has those and no comma.
func readCSV(ctx context.Context, path string, columns []string, row func(fields []string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	buffered := bufio.NewReaderSize(file, 1<<18)
	if mark, _ := buffered.Peek(3); string(mark) == "\ufeff" {
		_, _ = buffered.Discard(3)
	}
	r := csv.NewReader(buffered)
	r.ReuseRecord = true
	head, _ := buffered.Peek(buffered.Size())
	line, _, _ := strings.Cut(string(head), "\n")
	if !strings.Contains(line, ",") {
		switch {
		case strings.Contains(line, ";"):
			r.Comma = ';'
		case strings.Contains(line, "\t"):
			r.Comma = '\t'
		}
	}
	first, err := r.Read()
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: the file is empty; its first line names the columns", path)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	names := make([]string, len(first))
	for i, n := range first {
		names[i] = strings.TrimSpace(n)
	}
	at, err := find(path, names, columns)
	if err != nil {
		return err
	}
	fields := make([]string, len(at))
	for n := 0; ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for i, k := range at {
			fields[i] = record[k]
		}
		if err := row(fields); err != nil {
			line, _ := r.FieldPos(at[0])
			return fmt.Errorf("%s, line %d: %w", path, line, err)
		}
	}
}

// find returns the places of columns among the names of a source.
func find(source string, names, columns []string) ([]int, error) {
	at := make([]int, len(columns))
	for i, c := range columns {
		at[i] = slices.Index(names, c)
		if at[i] < 0 {
			at[i] = slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, c) })
		}
		if at[i] < 0 {
			hint := "it has " + strings.Join(names[:min(len(names), 20)], ", ")
			for _, n := range names {
				if levenshtein.Distance(strings.ToLower(n), strings.ToLower(c), nil) <= 2 {
					hint = "did you mean " + n + "?"
					break
				}
			}
			return nil, fmt.Errorf("%s has no column %s; %s", source, c, hint)
		}
	}
	if len(at) == 0 {
		return nil, fmt.Errorf("%s: no column is asked for", source)
	}
	return at, nil
}
