package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/engine/calc/calcbench"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/workspace"
)

// benchPeers is where the repository has the programs that run the engines of others.
const benchPeers = "internal/calcbench/peers"

type benchJSON struct {
	Schema int `json:"schema_version"`
	*calcbench.Report
}

func (f *face) calcBenchVerb() *cobra.Command {
	o := calcbench.Options{}
	var asJSON, check bool
	var timeout float64
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "measure the engine against its bars, beside the engines found on the machine",
		Long: `Makes a model of a thousand million cells and workbooks of up to a million formulas, and measures computing, opening, editing and writing them:
CPU seconds of the process, because machines are shared. Before each measurement stands its limit from the machine's
base rates (napkin rates), after it the ratio. The engines of others that are found run on the same workbooks:
LibreOffice on the path, and excelize, HyperFormula and IronCalc where make bench-calc has put them. The part shapes
opens, recalculates and edits some sixty kinds of workbooks at 1, 2, 4 and 8 times their size, and tells how the time grows.

It takes some minutes, and 10 GB of memory for the model as float64 (--products makes it smaller), 1 GB of memory and disk for
workbooks.
--stored computes three variables of the model that do not fit into memory, and needs 20 GB of disk.`,
		Example: `napkin calc bench --only B2,B4
napkin calc bench --large --json
napkin calc bench --only shapes --match growing
make bench-calc`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			if timeout <= 0 {
				return fmt.Errorf("--peer-timeout %v: give CPU seconds", timeout)
			}
			if o.Products < 0 {
				return fmt.Errorf("--products %d: give how many the model has", o.Products)
			}
			o.PeerTimeout = time.Duration(timeout * float64(time.Second))
			return f.calcBench(cmd, o, asJSON, check)
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&o.Only, "only", nil, "run only these `parts`: B1, B2, B3, B4, B5, shapes")
	flags.StringVar(&o.Match, "match", "", "of the part shapes only those with this `text` in their name")
	flags.BoolVar(&o.Large, "large", false, "a workbook of 10 million formulas too")
	flags.IntVar(&o.Products, "products", 0, "a model of so many `products` (each a million cells) instead of 1000, without bars")
	flags.BoolVar(&o.Stored, "stored", false, "variables of the model that do not fit into memory, too")
	flags.IntVar(&o.Runs, "runs", 5, "how often each piece of work is done; the run with the least CPU counts")
	flags.StringVar(&o.Folder, "folder", "", "make the workbooks in this `folder` and leave them there")
	flags.StringVar(&o.Peers, "peers", "", "the `folder` of the programs that run other engines; without it "+benchPeers+", where it is there")
	flags.Float64Var(&timeout, "peer-timeout", 60, "stop another engine after so many CPU `seconds`")
	flags.BoolVar(&check, "check", false, "exit with 1 where a bar is missed")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func (f *face) calcBench(cmd *cobra.Command, o calcbench.Options, asJSON, check bool) error {
	var err error
	if o.Profile, err = workspace.ThisMachine(f.getenv).Profile(); err != nil {
		o.Profile = rate.Embedded()
	}
	if o.Peers == "" {
		if _, err := os.Stat(benchPeers); err == nil {
			o.Peers = benchPeers
		}
	} else if _, err := os.Stat(filepath.Join(o.Peers, "node")); err != nil {
		return fmt.Errorf("--peers: %w", err)
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	o.Command = []string{program, "calc", "run", "--quiet"}
	o.Say = f.note
	report, err := calcbench.Run(cmd.Context(), o)
	if err != nil {
		return err
	}
	if asJSON {
		if err := printJSON(f.stdout, benchJSON{calcSchema, report}); err != nil {
			return err
		}
	} else {
		report.Print(f.stdout)
	}
	if check && report.Missed() {
		f.code = exitFindings
	}
	return nil
}
