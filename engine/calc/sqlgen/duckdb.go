package sqlgen

import (
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

//go:embed run.mjs
var runModule string

// Database is a DuckDB that runs scripts.
type Database struct {
	program string // duckdb, or node
	folder  string // of node: where node_modules is
}

// ErrNoDuckDB is the error where there is no DuckDB to be found.
var ErrNoDuckDB = errors.New("there is no DuckDB: put duckdb on the PATH, or name in NAPKIN_DUCKDB_NODE a folder in which npm installed @duckdb/node-api")

// FindDuckDB finds the program duckdb on the PATH, or a folder with the npm package, of which a program node is needed too.
func FindDuckDB(folder string) (*Database, error) {
	if folder != "" {
		if _, err := os.Stat(filepath.Join(folder, "node_modules", "@duckdb", "node-api")); err != nil {
			return nil, fmt.Errorf("%s has no npm package @duckdb/node-api: %w", folder, err)
		}
		node, err := exec.LookPath("node")
		if err != nil {
			return nil, fmt.Errorf("the npm package of DuckDB needs node: %w", err)
		}
		absolute, err := filepath.Abs(folder)
		return &Database{program: node, folder: absolute}, err
	}
	if path, err := exec.LookPath("duckdb"); err == nil {
		return &Database{program: path}, nil
	}
	return nil, ErrNoDuckDB
}

// Figures runs a script in a new database in memory and returns the figures of each view: a list for each of its columns, in
// the order of rows. labels says how many columns of labels each view has.
func (d *Database) Figures(ctx context.Context, s *Script, labels []int) ([][][]float64, error) {
	dir, err := os.MkdirTemp("", "napkin-duckdb-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	statements := append([]string{}, s.Statements...)
	file := func(i int) string { return filepath.Join(dir, fmt.Sprintf("view%d.csv", i)) }
	for i, view := range s.Views {
		statements = append(statements, fmt.Sprintf("COPY (SELECT * FROM %s ORDER BY n) TO %s (FORMAT csv, HEADER)", name(view), s.Dialect.quoted(file(i))))
	}
	if err := d.run(ctx, dir, statements); err != nil {
		return nil, err
	}
	out := make([][][]float64, len(s.Views))
	for i := range s.Views {
		if out[i], err = readFigures(file(i), 1+labels[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// run executes statements one after the other.
func (d *Database) run(ctx context.Context, dir string, statements []string) error {
	var cmd *exec.Cmd
	if d.folder == "" {
		path := filepath.Join(dir, "script.sql")
		if err := os.WriteFile(path, []byte(strings.Join(statements, ";\n")+";\n"), 0o600); err != nil {
			return err
		}
		cmd = exec.CommandContext(ctx, d.program, "-bail", ":memory:", "-c", ".read "+path)
	} else {
		list, err := json.Marshal(statements)
		if err != nil {
			return err
		}
		path, module := filepath.Join(dir, "script.json"), filepath.Join(dir, "run.mjs")
		if err := os.WriteFile(path, list, 0o600); err != nil {
			return err
		}
		if err := os.WriteFile(module, []byte(runModule), 0o600); err != nil {
			return err
		}
		cmd = exec.CommandContext(ctx, d.program, module, d.folder, path)
	}
	said, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("DuckDB refuses the script: %s (%w)", strings.TrimSpace(string(said)), err)
	}
	return nil
}

func readFigures(path string, skip int) ([][]float64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("DuckDB wrote no result: %w", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || len(rows[0]) < skip {
		return nil, fmt.Errorf("the result of DuckDB has too few columns")
	}
	out := make([][]float64, len(rows[0])-skip)
	for _, row := range rows[1:] {
		for i, text := range row[skip:] {
			v, err := strconv.ParseFloat(text, 64)
			if text == "-nan" { // NaN has a sign there
				v, err = math.NaN(), nil
			}
			if err != nil {
				return nil, fmt.Errorf("DuckDB says %q where a number should be", text)
			}
			out[i] = append(out[i], v)
		}
	}
	return out, nil
}
