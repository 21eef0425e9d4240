package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// outcome is an audit that has run, on its way to the reader.
type outcome struct {
	result *audit.Result
	base   *baseline
	began  time.Time
	took   time.Duration
	scope  string
	files  []report.Written

	interrupted bool // by Ctrl-C, before everything was looked at
}

// baseline is an earlier report to compare with.
type baseline struct {
	report *report.Report
	name   string
	asked  bool // by --baseline; else it is the last run of the folder
}

// earlier finds the report that --baseline names, or the last run. Only a baseline that was asked for
// can fail: without one the audit is as good.
func (f *face) earlier(ctx context.Context, space *workspace.Workspace, flags *auditFlags) (*baseline, error) {
	switch flags.baseline {
	case "none":
		return nil, nil
	case "":
		last, err := space.LastRun(ctx, "audit", scopes(flags.only)...)
		if err != nil {
			f.note("the last run is not compared with: %v", err)
		}
		if last == nil {
			return nil, nil
		}
		r, err := report.ReadJSON(bytes.NewReader(last.Report))
		if err != nil {
			f.note("the last run is not compared with: %v", err)
			return nil, nil
		}
		return &baseline{report: r, name: "the run of " + last.Started.Local().Format("2 Jan 2006, 15:04")}, nil
	}
	path := flags.baseline
	folder := false
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		folder = true
		path = filepath.Join(path, workspace.DirName, "audit.json")
	}
	file, err := os.Open(path)
	if folder && errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("--baseline %s: this folder holds no earlier audit (%s is missing); run `napkin audit` on it first, or give the JSON of an earlier audit", flags.baseline, path)
	}
	if err != nil {
		return nil, fmt.Errorf("--baseline %s: %w; give the JSON of an earlier audit", flags.baseline, errors.Unwrap(err))
	}
	defer file.Close()
	r, err := report.ReadJSON(file)
	if err != nil {
		return nil, fmt.Errorf("--baseline %s: %w", flags.baseline, err)
	}
	return &baseline{report: r, name: filepath.Base(flags.baseline), asked: true}, nil
}

// scopes names the saved runs that a run with these rules may be compared with: the same selection, or
// everything.
func scopes(only list) []string {
	if len(only) == 0 {
		return []string{""}
	}
	return []string{only.String(), ""}
}

// render renders the report in every format but text. The machine formats say nothing of a comparison
// that nobody asked for, so that two runs over one tree give the same bytes; the pages for readers do.
func (o *outcome) render(only list) (map[string][]byte, error) {
	r := o.result.Report
	rendered := make(map[string][]byte, 4)
	for _, step := range []struct {
		format string
		write  func(io.Writer, *report.Report) error
	}{{"json", report.JSON}, {"sarif", report.SARIF}, {"markdown", report.Markdown}, {"html", report.HTML}} {
		if step.format == "markdown" && o.base != nil && !o.base.asked {
			audit.Compare(r, o.base.report, o.base.name, only)
		}
		var out bytes.Buffer
		if err := step.write(&out, r); err != nil {
			return nil, fmt.Errorf("render the report as %s: %w", step.format, err)
		}
		rendered[step.format] = out.Bytes()
	}
	return rendered, nil
}

// keep writes the report and its patches into the workspace and saves the run. A folder that cannot
// be written costs the files, not the answer.
func (f *face) keep(ctx context.Context, space *workspace.Workspace, o *outcome, rendered map[string][]byte) {
	if err := writeFiles(space, o, rendered); err != nil {
		f.note("the report is not kept in %s: %v", space.Dir(), err)
		return
	}
	if o.interrupted {
		name, _ := o.names()
		f.note("interrupted: what was found so far is in %s; the report of the last whole run was left as it is",
			filepath.Join(space.Dir(), name+partialSuffix+".*"))
	}
	run := workspace.Run{Kind: "audit", Scope: o.scope, Started: o.began, Took: o.took, Partial: o.result.Partial, Report: rendered["json"]}
	if l := o.result.Report.Limit; l != nil {
		run.Limit = time.Duration(l.Seconds * float64(time.Second))
	}
	if _, err := space.SaveRun(ctx, run); err != nil {
		f.note("the run is not remembered, so the next one is not compared with it: %v", err)
	}
}

// Names of what a run leaves in the workspace. A run of selected rules has files of its own, so that
// it does not take the place of the whole report, and so has an interrupted one.
const partialSuffix = "-partial"

func (o *outcome) names() (name, folder string) {
	name, folder = "audit", "patches"
	if o.scope != "" {
		name, folder = "selection", "selection-patches"
	}
	return name, folder
}

// reportFiles are the forms in which a report is kept.
var reportFiles = []struct{ name, format, ending string }{
	{"HTML", "html", ".html"}, {"Markdown", "markdown", ".md"}, {"JSON", "json", ".json"}, {"SARIF", "sarif", ".sarif"},
}

// writeFiles writes the report and its patches. A whole run removes what an interrupted one left.
func writeFiles(space *workspace.Workspace, o *outcome, rendered map[string][]byte) error {
	name, folder := o.names()
	if o.interrupted {
		name, folder = name+partialSuffix, folder+partialSuffix
	}
	for _, file := range reportFiles {
		if err := space.Write(name+file.ending, rendered[file.format]); err != nil {
			return err
		}
		o.files = append(o.files, report.Written{Name: file.name, Path: filepath.Join(space.Dir(), name+file.ending)})
	}
	if err := space.Clear(folder, ".patch"); err != nil {
		return err
	}
	for _, patch := range o.result.Patches {
		if err := space.Write(folder+"/"+filepath.Base(patch.Name), []byte(patch.Diff)); err != nil {
			return err
		}
	}
	if n := len(o.result.Patches); n > 0 {
		o.files = append(o.files, report.Written{Name: patches(n), Path: filepath.Join(space.Dir(), folder)})
	}
	if o.interrupted {
		return nil
	}
	for _, file := range reportFiles {
		if err := space.Remove(name + partialSuffix + file.ending); err != nil {
			return err
		}
	}
	if err := space.Clear(folder+partialSuffix, ".patch"); err != nil {
		return err
	}
	return space.Remove(folder + partialSuffix)
}

func patches(n int) string {
	if n == 1 {
		return "1 patch"
	}
	return fmt.Sprintf("%d patches", n)
}

// print writes the answer to standard output, or to the file of --output.
func (f *face) print(o *outcome, rendered map[string][]byte, format, output string) error {
	if output == "" {
		if format != "text" {
			_, err := f.stdout.Write(rendered[format])
			return err
		}
		return f.text(f.stdout, o)
	}
	data := rendered[format]
	if format == "text" {
		var out bytes.Buffer
		if err := f.text(&out, o); err != nil {
			return err
		}
		data = out.Bytes()
	}
	if err := os.WriteFile(output, data, 0o644); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// text prints the report for a terminal, without the napkin line: that goes to standard error, where
// it ends every command.
func (f *face) text(w io.Writer, o *outcome) error {
	shown := *o.result.Report
	shown.Limit = nil
	options := report.TextOptions{Width: f.width(w), Color: f.colored(w), Files: o.files}
	if f.verbose {
		options.Top = -1
	}
	return report.Text(w, &shown, options)
}
