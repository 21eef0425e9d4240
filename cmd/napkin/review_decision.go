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
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/napkin-infra/napkin/engagement/review/decision"
	"github.com/napkin-infra/napkin/foundation/estimate/dist"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// decisionFlags are those of a review of a decision record.
type decisionFlags struct {
	experiment bool
	dir        string
	risk       float64
	samples    int
	seed       uint64
}

func (o *decisionFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&o.experiment, "experiment", false, "measure the base rates that a decision record uses, those that can be measured here")
	flags.StringVar(&o.dir, "dir", "", "the `folder` whose disk experiments measure; the user's state folder where none is given")
	flags.Float64Var(&o.risk, "risk", 0.2, "exit with 1 when a constraint of the chosen option of a decision record fails with a `probability` above this")
	flags.IntVar(&o.samples, "samples", dist.DefaultSamples, "draws where there is no closed form")
	flags.Uint64Var(&o.seed, "seed", 0, "choose other draws; the same seed gives the same answer")
}

// isDecision holds for names of Markdown files: decision records and no migrations.
func isDecision(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".md", ".markdown":
		return true
	}
	return false
}

// misplaced refuses a flag that is for migrations beside a decision record, and the other way round: it would change
// nothing, and whoever gave it would not know.
func misplaced(cmd *cobra.Command, args []string) error {
	ofRecords := pflag.NewFlagSet("", pflag.ContinueOnError)
	(&decisionFlags{}).register(ofRecords)
	record := slices.IndexFunc(args, isDecision)
	var wrong error
	cmd.LocalNonPersistentFlags().VisitAll(func(flag *pflag.Flag) {
		if !flag.Changed || wrong != nil || slices.Contains([]string{"format", "json", "output", "help"}, flag.Name) {
			return
		}
		switch ofRecord := ofRecords.Lookup(flag.Name) != nil; {
		case record >= 0 && !ofRecord:
			wrong = fmt.Errorf("--%s is for migrations, and %s is a decision record; leave it out", flag.Name, args[record])
		case record < 0 && ofRecord:
			if wrong = folderOfRecords(args); wrong == nil {
				wrong = fmt.Errorf("--%s is for decision records (Markdown), and %s is none; leave it out", flag.Name, strings.Join(args, ", "))
			}
		}
	})
	return wrong
}

// folderOfRecords is the refusal of a folder that holds decision records and no SQL, or nil.
func folderOfRecords(args []string) error {
	for _, arg := range args {
		entries, err := os.ReadDir(arg)
		if err != nil {
			continue
		}
		var records []string
		for _, e := range entries {
			if e.IsDir() || strings.EqualFold(filepath.Ext(e.Name()), ".sql") {
				records = nil
				break
			}
			if isDecision(e.Name()) {
				if _, err := readDecision(filepath.Join(arg, e.Name())); err == nil {
					records = append(records, e.Name())
				}
			}
		}
		switch len(records) {
		case 0:
		case 1:
			return fmt.Errorf("review %s: this is a folder with a decision record; give it: `napkin review %s`", arg, filepath.Join(arg, records[0]))
		default:
			return fmt.Errorf("review %s: this is a folder of %d decision records; review takes one at a time, such as `napkin review %s`", arg, len(records), filepath.Join(arg, records[0]))
		}
	}
	return nil
}

// reviewDecision reviews one record and prints the answer.
func (f *face) reviewDecision(cmd *cobra.Command, path string, output *outputFlags, o *decisionFlags) error {
	ctx := cmd.Context()
	format, err := output.chooseFormat(cmd.Flags().Changed("format"), map[string]string{".html": "html", ".htm": "html", ".md": "markdown", ".json": "json", ".txt": "text"}, ".html, .md, .json or .txt")
	switch {
	case err != nil:
		return err
	case format == "sarif":
		return errors.New("a decision record has no places in code to mark, so there is no SARIF of it; choose text, json, markdown or html")
	case o.dir != "" && !o.experiment:
		return errors.New("--dir says where experiments measure; give --experiment too, or leave it out")
	case !(o.risk >= 0 && o.risk <= 1):
		return fmt.Errorf("--risk %g: a probability is from 0 to 1", o.risk)
	case o.samples < 1000 || o.samples > dist.MaxSamples:
		return fmt.Errorf("--samples %d: give a number from 1000 to %d", o.samples, dist.MaxSamples)
	}
	record, err := readDecision(path)
	if err != nil {
		return err
	}
	profile, err := workspace.ThisMachine(f.getenv).Profile()
	if err != nil {
		return err
	}
	opt := decision.Options{Profile: profile, Now: f.now(), Samples: o.samples, Seed: o.seed}
	if o.experiment {
		if err := f.experiments(ctx, record, &opt, o.dir); err != nil {
			return err
		}
	}
	result, err := decision.Review(ctx, record, opt)
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err != nil {
		return err
	}
	if err := f.printDecision(result.Report(programVersion()), format, output.output); err != nil {
		return err
	}
	if failures := result.Failures(o.risk); len(failures) > 0 {
		f.code = exitFindings
		for _, text := range failures {
			f.note("%s", text)
		}
	}
	inputs := max(result.Model.Inputs, 1)
	f.napkinLine(limit.Work{Name: "draws", Amount: float64(result.Model.Samples * inputs), Of: "draw", Rate: drawRate})
	return nil
}

// drawRate is what one core draws from a lognormal: a point of the sequence and a cubic of its table.
var drawRate = rate.Rate{Kind: rate.Throughput, Of: "draw", Value: 3e8, Origin: rate.Given, Source: "a point of a Sobol sequence and a cubic, about 3 ns"}

// readDecision reads a record from a file, of which no more is read than a record may have.
func readDecision(path string) (*decision.Record, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("review %s: there is no such file", path)
	}
	if err != nil {
		return nil, fmt.Errorf("review: %w", err)
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("review %s: this is a folder; give the decision record in it", path)
	}
	const bound = 64 << 20 // its size is part of the refusal
	data, err := io.ReadAll(io.LimitReader(file, bound))
	if err != nil {
		return nil, fmt.Errorf("review %s: %w", path, err)
	}
	return decision.Read(filepath.ToSlash(filepath.Clean(relative(path))), data)
}

// relative is a path as the report may show it: the name alone of one that is absolute.
func relative(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Base(path)
	}
	return path
}

// experiments measures the rates of the record and lays them over the profile.
func (f *face) experiments(ctx context.Context, record *decision.Record, opt *decision.Options, dir string) error {
	names, err := decision.Rates(record, opt.Profile)
	if err != nil {
		return err
	}
	runnable := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !decision.Runnable(name) })
	if len(runnable) == 0 {
		f.note("no experiment: none of the rates that the record uses can be measured here")
		return nil
	}
	if dir == "" {
		if dir = workspace.ThisMachine(f.getenv).State; dir == "" {
			dir = os.TempDir()
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("run the experiments: %w; choose another folder with --dir", err)
		}
	}
	f.note("measuring %s below %s; nothing stays there", strings.Join(runnable, ", "), dir)
	stage := f.progress().Stage("experiments", int64(len(runnable)))
	measured, refused, err := decision.Experiment(ctx, runnable, dir, f.now(), func() { stage.Add(1) })
	stage.End()
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err != nil {
		return err
	}
	for _, r := range refused {
		f.note("not measured: %s: %v", r.Name, r.Reason)
	}
	opt.Refused = refused
	for _, r := range measured {
		opt.Experiments = append(opt.Experiments, r.Name)
	}
	opt.Profile = opt.Profile.With(measured...)
	return nil
}

func (f *face) printDecision(r *report.Report, format, output string) error {
	var b bytes.Buffer
	var err error
	switch format {
	case "json":
		err = report.JSON(&b, r)
	case "markdown":
		err = report.Markdown(&b, r)
	case "html":
		err = report.HTML(&b, r)
	default:
		options := report.TextOptions{Width: f.width(f.stdout), Color: f.colored(f.stdout)}
		if output != "" {
			options = report.TextOptions{Width: 100}
		}
		err = report.Text(&b, r, options)
	}
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	if output == "" {
		_, err = f.stdout.Write(b.Bytes())
	} else {
		err = os.WriteFile(output, b.Bytes(), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}
