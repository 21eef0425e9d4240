package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/engine/calc/model/compute"
	"github.com/napkin-infra/napkin/engine/calc/sqlgen"
	"github.com/napkin-infra/napkin/foundation/limit"
)

// exportFlags are the flags of `calc export`.
type exportFlags struct {
	to     choice
	output string
	prove  bool
	json   bool
	asked  opening
}

func (f *face) calcExportVerb() *cobra.Command {
	o := exportFlags{to: choice{allowed: sqlgen.Dialects}}
	cmd := &cobra.Command{
		Use:   "export MODEL.nap --to duckdb",
		Short: "write a model as SQL for an analytical database, and prove it on a part",
		Long: `Writes a model as SQL: a table for each variable, and a view for each table that the model shows. This is the
way past one machine; docs/calc-model.md says from which size on. Distributions are refused, as SQL draws no samples:
give them a value by --set.

With --prove the engine and the database compute the model, of which --dim cuts a part, and every figure is compared;
what -o writes is the whole model. DuckDB is the program duckdb on the PATH, or the npm package @duckdb/node-api in a
folder that NAPKIN_DUCKDB_NODE names. ClickHouse is the Python package chdb-core in a virtual environment that
NAPKIN_CLICKHOUSE_PYTHON names. Exits with 1 where a figure differs.`,
		Example: `napkin calc export plan.nap --to duckdb -o plan.sql
napkin calc export plan.nap --to duckdb --prove --dim Store=20
napkin calc export plan.nap --to clickhouse --set 'churn_factor = 1' | clickhouse local`,
		ValidArgsFunction: completeInput("nap", "json"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("say which model: napkin calc export MODEL.nap --to duckdb")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.configure(cmd, ""); err != nil {
				return err
			}
			return f.calcExport(cmd.Context(), args[0], &o)
		},
	}
	flags := cmd.Flags()
	flags.Var(&o.to, "to", "the `database`: "+strings.Join(sqlgen.Dialects, " or "))
	flags.StringVarP(&o.output, "output", "o", "", "write the SQL to this `file`; without it and --prove it is printed")
	flags.BoolVar(&o.prove, "prove", false, "compare every figure of the engine with the database's")
	flags.StringArrayVar(&o.asked.scenarios, "scenario", nil, "apply the scenario of this `name`; may be given several times, in order")
	flags.StringArrayVar(&o.asked.sets, "set", nil, "replace what a variable is: `'churn = 3%'`; may be given several times")
	flags.StringArrayVar(&o.asked.dims, "dim", nil, "cut a dimension to its first items: `Store=100`; with --prove only for the proof")
	flags.StringArrayVar(&o.asked.shows, "show", nil, "show another `table`: 'revenue by Region, year'; may be given several times")
	flags.StringVar(&o.asked.by, "by", "", "show everything by these dimensions and this grain: `Product,year`")
	flags.BoolVar(&o.json, "json", false, "print one JSON object about what was written and proved")
	_ = cmd.RegisterFlagCompletionFunc("to", cobra.FixedCompletions(sqlgen.Dialects, cobra.ShellCompDirectiveNoFileComp))
	completeNames(cmd)
	return cmd
}

type exportJSON struct {
	Schema     int           `json:"schema_version"`
	Model      string        `json:"model"`
	To         string        `json:"to"`
	Statements int           `json:"statements"`
	Views      []string      `json:"views"`
	Written    string        `json:"written,omitempty"`
	Proof      *proofJSON    `json:"proof,omitempty"`
	Notes      []string      `json:"notes"`
	Limit      limit.RunJSON `json:"limit"`
}

type proofJSON struct {
	Cut       []string `json:"cut"`
	Figures   int      `json:"figures"`
	Different int      `json:"different"`
	Examples  []string `json:"examples"`
}

func (f *face) calcExport(ctx context.Context, path string, o *exportFlags) error {
	switch {
	case !isModel(path):
		return fmt.Errorf("%s is no model (.nap, .json); only models are written as SQL", path)
	case o.to.value == "":
		return fmt.Errorf("say for which database: --to %s", strings.Join(sqlgen.Dialects, " or --to "))
	case o.json && o.output == "" && !o.prove:
		return errors.New("--json tells of what was written or proved; give -o or --prove")
	}
	whole := o.asked
	var db *sqlgen.Database
	if o.prove {
		whole.dims = nil
		var err error
		if o.to.value == string(sqlgen.ClickHouse) {
			db, err = sqlgen.FindClickHouse(f.getenv("NAPKIN_CLICKHOUSE_PYTHON"))
		} else {
			db, err = sqlgen.FindDuckDB(f.getenv("NAPKIN_DUCKDB_NODE"))
		}
		if err != nil {
			return fmt.Errorf("--prove: %w", err)
		}
	}
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return err
	}
	options := sqlgen.Options{Dialect: sqlgen.Dialect(o.to.value), Folder: folder}
	doc := exportJSON{Schema: calcSchema, To: o.to.value, Notes: []string{}}
	if o.output != "" || !o.prove {
		l, err := loadModel(ctx, path, whole)
		if err != nil {
			return err
		}
		script, err := sqlgen.Generate(ctx, l.Model, options)
		if err != nil {
			return err
		}
		doc.Model, doc.Statements, doc.Views, doc.Notes = l.Name, len(script.Statements), script.Views, orNone(script.Notes)
		if err := f.writeScript(script, o.output); err != nil {
			return err
		}
		doc.Written = o.output
		for _, note := range script.Notes {
			f.note("%s", note)
		}
	}
	var work limit.Item = limit.Series{}
	if o.prove {
		if work, err = f.proveModel(ctx, path, o, options, db, &doc); err != nil {
			return err
		}
	}
	if o.json {
		doc.Limit = f.sofar(work).JSON()
		if err := printJSON(f.stdout, doc); err != nil {
			return err
		}
	}
	f.napkinLine(work)
	return nil
}

// writeScript writes the SQL to a file, or prints it.
func (f *face) writeScript(script *sqlgen.Script, output string) error {
	if output == "" {
		_, err := script.WriteTo(f.stdout)
		return err
	}
	var b bytes.Buffer
	if _, err := script.WriteTo(&b); err != nil {
		return err
	}
	if err := replaceFile(output, b.Bytes()); err != nil {
		return fmt.Errorf("write %s: %w", output, err)
	}
	f.note("wrote %s statements to %s", countOf(int64(len(script.Statements))), output)
	return nil
}

// proveModel computes a part of the model by the engine and by a database.
func (f *face) proveModel(ctx context.Context, path string, o *exportFlags, options sqlgen.Options, db *sqlgen.Database, doc *exportJSON) (limit.Item, error) {
	l, err := loadModel(ctx, path, o.asked)
	if err != nil {
		return nil, err
	}
	script, err := sqlgen.Generate(ctx, l.Model, options)
	if err != nil {
		return nil, err
	}
	result, work, err := f.compute(ctx, l, compute.Options{Rows: l.rows, Samples: -1})
	if err != nil {
		return nil, err
	}
	stage := f.progress().Stage("running the SQL in "+db.Name(), 0)
	proof, err := sqlgen.Prove(ctx, script, result.Tables, db)
	stage.End()
	if err != nil {
		return nil, err
	}
	doc.Model = l.Name
	doc.Proof = &proofJSON{orNone(l.cut), proof.Figures, proof.Different, orNone(proof.Examples)}
	if doc.Views == nil {
		doc.Views, doc.Statements = script.Views, len(script.Statements)
	}
	if proof.Different > 0 {
		f.code = exitFindings
	}
	if o.json {
		return work, nil
	}
	part := "the whole model"
	if l.cut != nil {
		part = "a part of the model (" + strings.Join(l.cut, ", ") + ")"
	}
	if proof.Different == 0 {
		fmt.Fprintf(f.stdout, "proved: all %s of %s are the same in %s\n", plural(int64(proof.Figures), "figure"), part, db.Name())
		return work, nil
	}
	fmt.Fprintf(f.stdout, "not proved: %s of %s of %s differ\n", countOf(int64(proof.Different)), plural(int64(proof.Figures), "figure"), part)
	for _, e := range proof.Examples {
		fmt.Fprintf(f.stdout, "  %s\n", e)
	}
	return work, nil
}
