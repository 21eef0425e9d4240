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

//go:embed run.py
var runPython string

// Database is a DuckDB or a ClickHouse that runs scripts. It may be used by several goroutines: each run has a database of its
// own.
type Database struct {
	dialect Dialect
	program string // duckdb, node, or python
	folder  string // of node: where node_modules is
}

// Name is that of the product.
func (d *Database) Name() string { return d.dialect.product() }

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
		return &Database{dialect: DuckDB, program: node, folder: absolute}, err
	}
	if path, err := exec.LookPath("duckdb"); err == nil {
		return &Database{dialect: DuckDB, program: path}, nil
	}
	return nil, ErrNoDuckDB
}

// ErrNoClickHouse is the error where no folder is named that has a ClickHouse.
var ErrNoClickHouse = errors.New("there is no ClickHouse: name in NAPKIN_CLICKHOUSE_PYTHON a virtual environment of Python in which pip installed chdb-core, ClickHouse as a library")

// FindClickHouse finds ClickHouse as a library in a virtual environment of Python.
func FindClickHouse(folder string) (*Database, error) {
	if folder == "" {
		return nil, ErrNoClickHouse
	}
	program, err := filepath.Abs(filepath.Join(folder, "bin", "python"))
	if err != nil {
		return nil, err
	}
	found, err := filepath.Glob(filepath.Join(folder, "lib", "python3*", "site-packages", "chdb", "session"))
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("%s is no virtual environment of Python in which pip installed chdb-core", folder)
	}
	if _, err := os.Stat(program); err != nil {
		return nil, fmt.Errorf("the virtual environment has no Python: %w", err)
	}
	return &Database{dialect: ClickHouse, program: program}, nil
}

// Figures runs a script in a new database and returns the figures of each view: a list for each of its columns, in the order of
// rows. labels says how many columns of labels each view has.
func (d *Database) Figures(ctx context.Context, s *Script, labels []int) ([][][]float64, error) {
	if s.Dialect != d.dialect {
		return nil, fmt.Errorf("the script is for %s, and the database is %s", s.Dialect.product(), d.Name())
	}
	dir, err := os.MkdirTemp("", "napkin-sql-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	results := make([][2]string, len(s.Views)) // query, file
	for i, view := range s.Views {
		results[i] = [2]string{"SELECT * FROM " + name(view) + " ORDER BY n", filepath.Join(dir, fmt.Sprintf("view%d.csv", i))}
	}
	if err := d.run(ctx, dir, s.Statements, results); err != nil {
		return nil, err
	}
	out := make([][][]float64, len(s.Views))
	for i := range s.Views {
		if out[i], err = d.readFigures(results[i][1], 1+labels[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// run executes statements one after the other, and then queries, whose results go to files.
func (d *Database) run(ctx context.Context, dir string, statements []string, results [][2]string) error {
	var cmd *exec.Cmd
	write := func(file string, content []byte) (path string, err error) {
		path = filepath.Join(dir, file)
		return path, os.WriteFile(path, content, 0o600)
	}
	if d.dialect == ClickHouse {
		work, err := json.Marshal(map[string]any{"statements": statements, "results": results})
		if err != nil {
			return err
		}
		script, err := write("script.json", work)
		if err != nil {
			return err
		}
		program, err := write("run.py", []byte(runPython))
		if err != nil {
			return err
		}
		cmd = exec.CommandContext(ctx, d.program, program, filepath.Join(dir, "tables"), script)
	} else {
		statements = append([]string{}, statements...)
		for _, r := range results {
			statements = append(statements, fmt.Sprintf("COPY (%s) TO %s (FORMAT csv, HEADER)", r[0], d.dialect.quoted(r[1])))
		}
		var err error
		if cmd, err = d.duckDB(ctx, write, statements); err != nil {
			return err
		}
	}
	said, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%s refuses the script: %s (%w)", d.Name(), strings.TrimSpace(string(said)), err)
	}
	return nil
}

// duckDB is the command that runs statements in a DuckDB in memory.
func (d *Database) duckDB(ctx context.Context, write func(file string, content []byte) (string, error), statements []string) (*exec.Cmd, error) {
	if d.folder == "" {
		path, err := write("script.sql", []byte(strings.Join(statements, ";\n")+";\n"))
		return exec.CommandContext(ctx, d.program, "-bail", ":memory:", "-c", ".read "+path), err
	}
	list, err := json.Marshal(statements)
	if err != nil {
		return nil, err
	}
	path, err := write("script.json", list)
	if err != nil {
		return nil, err
	}
	module, err := write("run.mjs", []byte(runModule))
	return exec.CommandContext(ctx, d.program, module, d.folder, path), err
}

func (d *Database) readFigures(path string, skip int) ([][]float64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s wrote no result: %w", d.Name(), err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || len(rows[0]) < skip {
		return nil, fmt.Errorf("the result of %s has too few columns", d.Name())
	}
	out := make([][]float64, len(rows[0])-skip)
	for _, row := range rows[1:] {
		for i, text := range row[skip:] {
			v, err := strconv.ParseFloat(text, 64)
			if text == "-nan" { // NaN has a sign there
				v, err = math.NaN(), nil
			}
			if err != nil {
				return nil, fmt.Errorf("%s says %q where a number should be", d.Name(), text)
			}
			out[i] = append(out[i], v)
		}
	}
	return out, nil
}
