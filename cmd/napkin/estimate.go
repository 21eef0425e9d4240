package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/napkin-infra/napkin/foundation/estimate"
	"github.com/napkin-infra/napkin/foundation/estimate/dist"
	"github.com/napkin-infra/napkin/foundation/estimate/lang"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// maxEstimate bounds the text that is read from a file or standard input.
const maxEstimate = 1 << 20

// estimateFlags are the flags of the verb.
type estimateFlags struct {
	samples   int
	seed      uint64
	sampled   bool
	json      bool
	breakEven string
	risk      float64
}

func (o estimateFlags) options(f *face) estimate.Options {
	return estimate.Options{Samples: o.samples, Seed: o.seed, Now: f.now(), AlwaysSample: o.sampled}
}

func (f *face) estimateVerb() *cobra.Command {
	var opt estimateFlags
	cmd := &cobra.Command{
		Use:   "estimate [EXPRESSION | FILE | -]",
		Short: "compute with units and uncertainty: '1k..10k req/s * 2 kB in MB/s'",
		Long: `Computes an expression, a file of them, or what is typed at a prompt. Amounts have units, which
are checked before anything is computed. A range such as 1k to 10k req/s is meant to hold nine
of ten cases; the answer is one too, with the inputs that move it most. Base rates and prices
are names: 100 GiB / disk.read.sequential. docs/estimate.md is the reference of the language.`,
		Example: `napkin estimate '1k..10k req/s * 2 kB in MB/s'
napkin estimate '100 GiB / disk.read.sequential'
napkin estimate capacity.napkin --break-even users
napkin estimate capacity.napkin --risk 0.2  exit with 1 unless the constraints hold
echo '3M users * 20 req/user/day in req/s' | napkin estimate -
napkin estimate                             a prompt, on a terminal`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			if opt.samples < 100 || opt.samples > dist.MaxSamples {
				return fmt.Errorf("--samples %d: give a number from 100 to %d", opt.samples, dist.MaxSamples)
			}
			if !(opt.risk >= 0 && opt.risk <= 1) {
				return fmt.Errorf("--risk %g: a probability is from 0 to 1", opt.risk)
			}
			profile, err := workspace.ThisMachine(f.getenv).Profile()
			if err != nil {
				return err
			}
			if len(args) == 0 && f.stdinTerminal() && !f.noInput && !opt.json {
				return f.estimatePrompt(cmd.Context(), profile, opt)
			}
			src, err := f.estimateSource(args, profile)
			if err != nil {
				return err
			}
			return f.estimate(cmd.Context(), src, profile, opt)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&opt.samples, "samples", dist.DefaultSamples, "draws where there is no closed form; four times as many halve the error at least")
	flags.Uint64Var(&opt.seed, "seed", 0, "choose other draws; the same seed gives the same answer")
	flags.BoolVar(&opt.sampled, "sampled", false, "draw also where there is a closed form, to check one against the other")
	flags.StringVar(&opt.breakEven, "break-even", "", "find the `name` of a definition at which each two options cross")
	flags.Float64Var(&opt.risk, "risk", 1, "exit with 1 when a constraint or claim fails with a `probability` above this, those on options when no option keeps all of its own")
	flags.BoolVar(&opt.json, "json", false, "print one JSON object")
	return cmd
}

func (f *face) stdinTerminal() bool {
	file, ok := f.stdin.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// negative makes arguments of expressions that begin with a minus sign, which look like flags.
func negative(args []string) []string {
	at := slices.Index(args, "estimate")
	if at < 0 {
		return args
	}
	out := slices.Clone(args)
	for i := at + 1; i < len(out); i++ {
		if out[i] == "--" {
			break
		}
		if a := out[i]; len(a) > 1 && a[0] == '-' && strings.ContainsRune("0123456789.($", rune(a[1])) && !slices.Contains([]string{"--samples", "--seed", "--risk", "--break-even", "--color"}, out[i-1]) {
			out[i] = " " + a
		}
	}
	return out
}

// estimateSource reads the text: an expression, a file that exists, or standard input.
func (f *face) estimateSource(args []string, profile *rate.Profile) (lang.Source, error) {
	if len(args) == 0 {
		return lang.Source{}, errors.New("say what to estimate: napkin estimate '1k..10k req/s * 2 kB in MB/s', a file, or - for standard input")
	}
	text := strings.Join(args, " ")
	if strings.TrimSpace(text) == "" {
		return lang.Source{}, errors.New("the expression is empty; write one such as '1k..10k req/s * 2 kB in MB/s'")
	}
	if len(args) > 1 {
		return lang.Source{Text: text}, nil
	}
	if text == "-" {
		if f.stdin == nil {
			return lang.Source{}, errors.New("estimate from standard input: there is none")
		}
		content, err := readBounded(f.stdin)
		if err != nil {
			return lang.Source{}, fmt.Errorf("estimate from standard input: %w", err)
		}
		return lang.Source{Name: "standard input", Text: content}, nil
	}
	info, err := os.Stat(text)
	switch {
	case err == nil && !info.IsDir() && (fileLike(text) || !f.means(text, profile)):
		file, err := os.Open(text)
		if err != nil {
			return lang.Source{}, fmt.Errorf("estimate %s: %w", text, err)
		}
		defer file.Close()
		content, err := readBounded(file)
		if err != nil {
			return lang.Source{}, fmt.Errorf("estimate %s: %w", text, err)
		}
		return lang.Source{Name: text, Text: content}, nil
	case err == nil && !info.IsDir():
		f.note("%s is computed as an expression; to read the file of that name write .%c%s", text, filepath.Separator, text)
	case err == nil && (fileLike(text) || !f.means(text, profile)):
		return lang.Source{}, fmt.Errorf("estimate %s: it is a folder; name a file in it", text)
	case err != nil && fileLike(text):
		return lang.Source{}, fmt.Errorf("estimate %s: there is no such file", text)
	}
	return lang.Source{Text: text}, nil
}

// fileLike says whether an argument can only be the name of a file: it begins as a path does, or ends as the name
// of a text file.
func fileLike(text string) bool {
	if strings.ContainsAny(text, " \n*=+()<>^;,") {
		return false
	}
	if strings.HasPrefix(text, "/") || strings.HasPrefix(text, "./") || strings.HasPrefix(text, "../") || strings.HasPrefix(text, "~") || filepath.IsAbs(text) {
		return true
	}
	switch ext := strings.ToLower(filepath.Ext(text)); ext {
	case ".txt", ".md", ".text":
		return true
	default:
		return strings.HasPrefix(ext, ".nap")
	}
}

// means says whether a text is an expression that can be computed, whatever files there are.
func (f *face) means(text string, profile *rate.Profile) bool {
	_, err := estimate.Parse(lang.Source{Text: text}, profile)
	return err == nil
}

func readBounded(r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxEstimate+1))
	if err != nil {
		return "", err
	}
	if len(data) > maxEstimate {
		return "", fmt.Errorf("the text is longer than %d kB", maxEstimate>>10)
	}
	return string(data), nil
}

// estimate computes a text and prints the answer with its napkin line.
func (f *face) estimate(ctx context.Context, src lang.Source, profile *rate.Profile, opt estimateFlags) error {
	model, err := estimate.Parse(src, profile)
	if err != nil {
		return err
	}
	result, err := model.Evaluate(ctx, opt.options(f))
	if err != nil {
		return err
	}
	work := estimateWork(result, profile)
	page := &estimatePage{model: model, result: result, opt: opt.options(f), over: opt.breakEven, width: f.width(f.stdout), colored: f.colored(f.stdout), verbose: f.verbose}
	if opt.json {
		document, err := page.document(ctx)
		if err != nil {
			return err
		}
		if err := printJSON(f.stdout, estimateJSON{document, f.sofar(work).JSON()}); err != nil {
			return err
		}
		f.judge(result, opt.risk)
		f.napkinLine(work)
		return nil
	}
	text, err := page.text(ctx)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(f.stdout, text); err != nil {
		return fmt.Errorf("write the estimate: %w", err)
	}
	for _, note := range result.Notes {
		f.note("%s", note)
	}
	f.judge(result, opt.risk)
	f.napkinLine(work)
	return nil
}

// estimateJSON is the document of a result with the limit of the run.
type estimateJSON struct {
	*estimate.Document
	Limit limit.RunJSON `json:"limit"`
}

// judge sets the exit code by the constraints and claims that fail with a probability above risk.
func (f *face) judge(r *estimate.Result, risk float64) {
	for _, v := range r.Broken(risk) {
		f.code = exitFindings
		of := ""
		if v.Option != "" {
			of = " of " + v.Option
		}
		f.note("line %d: %q%s fails with a probability of %s", v.Line, v.Text, of, probability(1-v.Probability))
	}
}

// estimateWork is the least work of drawing: each draw of an input and of a result is written once.
func estimateWork(r *estimate.Result, profile *rate.Profile) limit.Item {
	memory, ok := profile.Get(rate.MemoryReadSequential)
	if r.Sampled == 0 || !ok {
		return limit.Series{}
	}
	return limit.Work{Name: "memory", Amount: float64(8 * r.Samples * (r.Sampled + r.Inputs)), Rate: memory}
}
