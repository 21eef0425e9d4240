package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/engine/datadiff/render"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// answerFile is a buffered file, or standard output, that an answer is written to while it is found.
type answerFile struct {
	*bufio.Writer
	file *os.File // nil for standard output
}

func (f *face) create(path string) (*answerFile, error) {
	if path == "" {
		return &answerFile{Writer: bufio.NewWriter(f.stdout)}, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("write the answer: %w", err)
	}
	return &answerFile{bufio.NewWriter(file), file}, nil
}

func (a *answerFile) Close() error {
	err := a.Flush()
	if a.file != nil {
		if closing := a.file.Close(); err == nil {
			err = closing
		}
	}
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// explain prints the plans and reads no row.
func (d *comparing) explain(ctx context.Context) error {
	forecast := &render.Forecast{SchemaVersion: render.SchemaVersion, A: d.summary.A, B: d.summary.B, OnlyA: d.summary.OnlyA, OnlyB: d.summary.OnlyB}
	for i := range d.pairs {
		p := &d.pairs[i]
		var job *datadiff.Job
		if p.err == nil {
			job, p.err = d.prepare(ctx, p, d.options(p))
		}
		if ctx.Err() != nil {
			return errInterrupted
		}
		if p.err != nil {
			d.code = exitError
		}
		forecast.Tables = append(forecast.Tables, render.NewPlanned(d.about(p), job, p.err))
	}
	return d.write(func(w io.Writer) error {
		if d.format == "json" {
			return render.JSON(w, forecast)
		}
		return render.ForecastText(w, forecast, d.textOptions(w))
	})
}

// write writes the answer to standard output, or to the file of --output.
func (d *comparing) write(answer func(io.Writer) error) error {
	path := d.flags.output
	if path == "" {
		return answer(d.stdout)
	}
	var b bytes.Buffer
	if err := answer(&b); err != nil {
		return err
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

func (d *comparing) textOptions(w io.Writer) render.TextOptions {
	return render.TextOptions{Width: d.width(w), Color: d.colored(w), Verbose: d.verbose}
}

// finish keeps and prints the answer and settles the exit code.
func (d *comparing) finish(ctx context.Context) error {
	s := &d.summary
	if !s.Interrupted {
		run := d.sofar(reported(render.Limit(s))).JSON()
		s.Limit = &run
	}
	files, rendered := d.keep()
	if err := d.print(ctx, files, rendered); err != nil {
		return err
	}
	d.code = exitOf(s.Verdict)
	if s.Repair != nil && s.Repair.Applied {
		d.code = exitOf(s.Repair.Verdict)
	}
	if s.Repair != nil && s.Repair.Error != "" {
		d.code = exitError
		if d.format != "text" {
			fmt.Fprintf(d.stderr, "napkin: the repair of %s: %s\n", s.Repair.Target, s.Repair.Error)
		}
		if ctx.Err() != nil {
			d.code = exitInterrupted
		}
	}
	for i := range s.Tables {
		t := &s.Tables[i]
		if t.Error != "" && d.format != "text" && !s.Interrupted {
			fmt.Fprintf(d.stderr, "napkin: %s: %s\n", t.Name, t.Error)
		}
	}
	d.goOn()
	if s.Interrupted {
		d.code = exitInterrupted
		return nil
	}
	d.napkinLine(reported(render.Limit(s)))
	return nil
}

// goOn says how an unfinished comparison is gone on with.
func (d *comparing) goOn() {
	var journals []string
	for _, t := range d.summary.Tables {
		if t.Journal != "" {
			journals = append(journals, t.Journal)
		}
	}
	if len(journals) == 0 {
		if d.summary.Interrupted {
			d.note("interrupted; run the same again")
		}
		return
	}
	why := "what was finished"
	if d.summary.Interrupted {
		why = "interrupted; what was finished"
	}
	d.note("%s is kept in %s; go on from there with\n  %s", why, strings.Join(journals, ", "), d.commandLine())
}

// commandLine is how this run is gone on with, as a shell reads it, without passwords.
func (d *comparing) commandLine() string {
	words := []string{"napkin"}
	for _, arg := range d.args {
		for i, u := range d.urls {
			if arg == u {
				arg = d.sides[i].url.String()
			}
		}
		words = append(words, shellQuote(arg))
	}
	if !slices.Contains(d.args, "--resume") {
		words = append(words, "--resume")
	}
	return strings.Join(words, " ")
}

// shellQuote quotes a word for a POSIX shell where that is needed.
func shellQuote(s string) string {
	if s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !strings.ContainsRune("-_./:@%+=,", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// keep writes the answer of a whole run into the workspace as HTML, Markdown and JSON. A folder that
// cannot be written costs the files, not the answer.
func (d *comparing) keep() (files []report.Written, rendered map[string][]byte) {
	rendered = map[string][]byte{}
	r := render.Report(&d.summary)
	space := workspace.At(".")
	defer space.Close()
	for _, form := range []struct {
		name, format, file string
		write              func(io.Writer) error
	}{
		{"HTML", "html", "diff.html", func(w io.Writer) error { return report.HTML(w, r) }},
		{"Markdown", "markdown", "diff.md", func(w io.Writer) error { return report.Markdown(w, r) }},
		{"JSON", "json", "diff.json", func(w io.Writer) error { return render.JSON(w, &d.summary) }},
	} {
		var b bytes.Buffer
		if err := form.write(&b); err != nil {
			d.note("the answer cannot be written as %s: %v", form.name, err)
			continue
		}
		rendered[form.format] = b.Bytes()
		if d.summary.Interrupted {
			continue
		}
		if err := space.Write(form.file, b.Bytes()); err != nil {
			d.note("the answer is not kept in %s: %v", space.Dir(), err)
			return nil, rendered
		}
		files = append(files, report.Written{Name: form.name, Path: filepath.Join(space.Dir(), form.file)})
	}
	return files, rendered
}

// print prints the answer in the form that was asked for.
func (d *comparing) print(ctx context.Context, files []report.Written, rendered map[string][]byte) error {
	switch d.format {
	case "ndjson":
		return d.output.Close()
	case formatPDF:
		return printPDF(context.WithoutCancel(ctx), d.browser, rendered["html"], d.flags.output)
	case "text":
		return d.write(func(w io.Writer) error {
			o := d.textOptions(w)
			o.Files = files
			return render.Text(w, &d.summary, o)
		})
	}
	return d.write(func(w io.Writer) error {
		if _, err := w.Write(rendered[d.format]); err != nil {
			return fmt.Errorf("write the answer: %w", err)
		}
		return nil
	})
}
