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
			return misread(path, err, len(record), len(names))
		}
		for i, k := range at {
			fields[i] = record[k]
		}
		if err := row(fields); err != nil {
			// The field that the error is about, else the first one of the row.
			line, column := r.FieldPos(0)
			var of *fieldError
			if errors.As(err, &of) {
				line, column = r.FieldPos(at[of.field])
			}
			return fmt.Errorf("%s:%d:%d: %w", path, line, column, err)
		}
	}
}

// misread says what is wrong with the form of a row of so many fields.
func misread(path string, err error, fields, wanted int) error {
	var at *csv.ParseError
	switch {
	case !errors.As(err, &at):
		return fmt.Errorf("%s: %w", path, err)
	case errors.Is(err, csv.ErrFieldCount):
		return fmt.Errorf("%s:%d:1: the row has %s, and the first line has %d", path, at.StartLine, counted(fields, "field"), wanted)
	}
	return fmt.Errorf("%s:%d:%d: %w", path, at.Line, at.Column, at.Err)
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// fieldError is an error about one field of a row, by its place among the columns that were asked for.
type fieldError struct {
	field int
	err   error
}

func (e *fieldError) Error() string { return e.err.Error() }
func (e *fieldError) Unwrap() error { return e.err }

// find returns the places of columns among the names of a source. A name that is written in other letters counts where no other
// is as it is written.
func find(source string, names, columns []string) ([]int, error) {
	at := make([]int, len(columns))
	for i, c := range columns {
		same := func(n string) bool { return n == c }
		if !slices.Contains(names, c) {
			same = func(n string) bool { return strings.EqualFold(n, c) }
		}
		at[i] = slices.IndexFunc(names, same)
		if at[i] < 0 {
			hint := "it has " + strings.Join(names[:min(len(names), 20)], ", ")
			if near := lang.Nearest(c, names); near != "" {
				hint += "; did you mean " + near + "?"
			}
			return nil, fmt.Errorf("%s has no column %s; %s", source, c, hint)
		}
		if slices.ContainsFunc(names[at[i]+1:], same) {
			return nil, fmt.Errorf("%s has more than one column %s", source, c)
		}
	}
	if len(at) == 0 {
		return nil, fmt.Errorf("%s: no column is asked for", source)
	}
	return at, nil
}
