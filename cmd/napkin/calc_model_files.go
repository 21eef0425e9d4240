package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/napkin-infra/napkin/engine/calc/model/render"
	"github.com/napkin-infra/napkin/engine/calc/model/result"
	"github.com/napkin-infra/napkin/foundation/report"
)

// modelFiles writes the result of a model to where -o says, in the form that the ending names.
type modelFiles struct {
	output  string
	ending  string
	written []string
}

const modelEndings = ".csv, .json, .html, .md or .parquet"

// newModelFiles settles the form, before anything is computed. Without output nothing is written.
func newModelFiles(output string) (*modelFiles, error) {
	f := &modelFiles{output: output, ending: strings.ToLower(filepath.Ext(output))}
	switch f.ending {
	case ".csv", ".json", ".html", ".htm", ".md":
	case ".parquet":
		if err := parquetMissing(); err != nil {
			return nil, fmt.Errorf("-o %s: %w", output, err)
		}
	case "":
		if output != "" {
			return nil, fmt.Errorf("-o %s has no ending; end it in %s", output, modelEndings)
		}
	default:
		return nil, fmt.Errorf("-o %s: the result of a model is not written as %s; end it in %s", output, f.ending, modelEndings)
	}
	if output != "" {
		if info, err := os.Stat(filepath.Dir(output)); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("-o %s: there is no folder %s", output, filepath.Dir(output))
		}
	}
	return f, nil
}

// write writes the document. Of tables, one file each.
func (f *modelFiles) write(d *render.Document) error {
	switch f.ending {
	case ".csv":
		return f.each(d, render.CSV)
	case ".parquet":
		return nil
	case ".json":
		return f.one(func(w io.Writer) error {
			e := json.NewEncoder(w)
			e.SetEscapeHTML(false)
			e.SetIndent("", " ")
			return e.Encode(render.NewJSON(d))
		})
	case ".html", ".htm":
		return f.one(func(w io.Writer) error { return report.HTML(w, render.Report(d)) })
	case ".md":
		return f.one(func(w io.Writer) error { return report.Markdown(w, render.Report(d)) })
	}
	return nil
}

// each writes a file for each table: out.csv, or of several out-1-title.csv and so on.
func (f *modelFiles) each(d *render.Document, write func(io.Writer, *result.Table, []float64) error) error {
	for i := range d.Tables {
		path := f.output
		if len(d.Tables) > 1 {
			base := strings.TrimSuffix(f.output, filepath.Ext(f.output))
			path = fmt.Sprintf("%s-%d-%s%s", base, i+1, slug(d.Tables[i].Title), filepath.Ext(f.output))
		}
		if err := f.file(path, func(w io.Writer) error { return write(w, &d.Tables[i], d.Percentiles) }); err != nil {
			return err
		}
	}
	return nil
}

func (f *modelFiles) one(write func(io.Writer) error) error { return f.file(f.output, write) }

// file writes one file.
func (f *modelFiles) file(path string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	err := replaceFile(path, b.Bytes())
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	f.written = append(f.written, path)
	return nil
}

// replaceFile writes a file whole, or leaves what is there.
func replaceFile(path string, data []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // nothing is left of it after it is renamed
	_, err = temporary.Write(data)
	if err2 := temporary.Chmod(0o644); err == nil {
		err = err2
	}
	if err2 := temporary.Close(); err == nil {
		err = err2
	}
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	return err
}

// longestSlug bounds the part of a file's name that tells the table.
const longestSlug = 60

// slug makes a part of a file's name of a title: letters and digits, with single dashes between.
func slug(title string) string {
	var b strings.Builder
	dash := false
	for _, r := range title {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' {
			dash = b.Len() > 0
			continue
		}
		if b.Len() > longestSlug {
			break
		}
		if dash {
			b.WriteByte('-')
			dash = false
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func hasRandom(t result.Table) bool {
	for _, c := range t.Columns {
		if c.Random {
			return true
		}
	}
	return false
}
