package calcbench

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// The bars of B2.
const (
	localRows     = 250_000 // of four formulas each
	mostLocal     = 2 * time.Second
	mostMemory    = 400 * unit.MB
	mostRecompute = 20 * time.Millisecond
	leastExcelize = 30
)

// local is B2: a million formulas that read their own row. The file has the values of other inputs, so that each changes and has to be written; of a
// file in which they are right nothing would be compressed.
func (b *bench) local() error {
	path, err := b.make("stale-1M", xlsxtest.Options{Shape: xlsxtest.Local, Rows: localRows, Stale: true})
	if err != nil {
		return err
	}
	const formulas, cells = 4 * localRows, 7 * localRows
	whole, err := b.stages(path, "1 M row-local formulas", formulas, cells, mostRecompute)
	if err != nil {
		return err
	}
	if whole, err = b.command(path, "1 M row-local formulas", whole, mostLocal, mostMemory); err != nil {
		return err
	}
	if err := b.unchanged(); err != nil {
		return err
	}
	value, err := b.computed(path, formulas, localRows-1, 6)
	if err != nil {
		return err
	}
	if err := b.beside(task{bar: "B2", what: "1 M row-local formulas: open, recalculate, write", path: path, least: leastExcelize, every: 10,
		firstRow: 1, lastRow: localRows, firstCol: 3, lastCol: 6, value: value, whole: whole.CPU, only: "excelize"}); err != nil {
		return err
	}
	if !b.Large {
		return nil
	}
	return b.large()
}

// large is a workbook of ten million formulas on ten sheets.
func (b *bench) large() error {
	path, err := b.make("stale-10M", xlsxtest.Options{Shape: xlsxtest.Local, Rows: localRows, Sheets: 10, Stale: true})
	if err != nil {
		return err
	}
	runs := b.Runs
	b.Runs = 1
	defer func() { b.Runs = runs }()
	const formulas, cells = 40 * localRows, 70 * localRows
	whole, err := b.stages(path, "10 M row-local formulas", formulas, cells, 0)
	if err != nil {
		return err
	}
	if _, err = b.command(path, "10 M row-local formulas", whole, 0, 0); err != nil {
		return err
	}
	return os.Remove(path) // 140 MB that nothing else reads
}

// unchanged measures writing a workbook whose values are those of the file: the XML is compared, and its compressed form is copied.
func (b *bench) unchanged() error {
	k, err := b.million()
	if err != nil {
		return err
	}
	defer k.file.Close()
	out := b.path("out.xlsx")
	defer os.Remove(out)
	_, err = b.measure(Row{Bar: "B2", What: "write them where no value has changed"}, b.compareLimit(k.file.Bytes()), min(b.Runs, 3), nil, func() error {
		return k.Save(b.ctx, k.file, out, nil)
	})
	return err
}

// stages measures opening, recalculating and writing one after the other in this process, and returns a row with the limit of all three.
func (b *bench) stages(path, what string, formulas, cells int64, most time.Duration) (*Row, error) {
	k, err := b.open(path)
	if err != nil {
		return nil, err
	}
	xml := k.file.Bytes()
	k.file.Close()
	opening, computing, saving := b.openLimit(xml, cells), b.cellsLimit(2*formulas, formulas), b.saveLimit(xml)
	if _, err = b.measure(Row{Bar: "B2", What: "open " + what}, opening, b.Runs, func() error { k = nil; return nil }, func() error {
		k, err = b.open(path)
		return err
	}); err != nil {
		return nil, err
	}
	defer func() { k.file.Close() }()
	row, err := b.measure(Row{Bar: "B2", What: "recalculate " + what}, computing, 4*b.Runs, nil, func() error { return k.recalculate(b, formulas) })
	if err != nil {
		return nil, err
	}
	if most > 0 {
		row.within(most)
	}
	out := b.path("out.xlsx")
	defer os.Remove(out)
	if _, err = b.measure(Row{Bar: "B2", What: "write " + what}, saving, min(b.Runs, 3), nil, func() error { return k.Save(b.ctx, k.file, out, nil) }); err != nil {
		return nil, err
	}
	least := limit.Series{opening, computing, saving}.Least()
	return &Row{Limit: least.Seconds, By: least.By}, nil
}

// command measures the command itself, in a process of its own: the start, opening, recalculating and writing.
func (b *bench) command(path, what string, limit *Row, most time.Duration, memory unit.Bytes) (*Row, error) {
	row := *limit
	row.Bar, row.What = "B2", "open, recalculate and write "+what
	if len(b.Command) == 0 {
		return &row, nil
	}
	b.say("%s %s: limit %s (%s)", row.Bar, row.What, unit.Seconds(row.Limit), row.By)
	out := b.path("out.xlsx")
	defer os.Remove(out)
	peak := unit.Bytes(0)
	for row.Runs = range min(b.Runs, 3) {
		c, used, err := process(exec.CommandContext(b.ctx, b.Command[0], append(b.Command[1:len(b.Command):len(b.Command)], path, "-o", out)...))
		if err != nil {
			return nil, err
		}
		if row.Runs == 0 || c.cpu < row.CPU {
			row.CPU, row.Wall = c.cpu, c.wall
		}
		peak = max(peak, used)
	}
	row.Runs++
	row.Note = "the whole process"
	added := b.add(row)
	if most > 0 {
		added.within(most)
	}
	whole := *added
	high := Row{Bar: "B2", What: "peak memory of the same", Amount: float64(peak), Of: "B"}
	if memory > 0 {
		high.Target = fmt.Sprint("at most ", memory)
		holds := peak <= memory
		high.Holds = &holds
	}
	b.add(high)
	return &whole, nil
}

// valueOf returns the number in a cell of the first sheet, as the file has it.
func (b *bench) valueOf(path string, row, col int32) (float64, error) {
	k, err := b.open(path)
	if err != nil {
		return 0, err
	}
	defer k.file.Close()
	return k.number(path, row, col)
}

// computed returns the number in a cell of the first sheet after all formulas, of which there are so many, were recalculated.
func (b *bench) computed(path string, formulas int64, row, col int32) (float64, error) {
	k, err := b.open(path)
	if err != nil {
		return 0, err
	}
	defer k.file.Close()
	if err := k.recalculate(b, formulas); err != nil {
		return 0, err
	}
	return k.number(path, row, col)
}

func (k *book) number(path string, row, col int32) (float64, error) {
	v := k.Value(0, row, col)
	if v.Kind() != cell.Number {
		return 0, fmt.Errorf("%s holds %v in %s", path, v, cell.Address(row, col))
	}
	return v.Float(), nil
}

// process runs a command and returns what it took and its peak memory. What it prints is thrown away but for an error.
//
// Linux counts what the parent held when it started a process to the peak of that, so that the parent gives back what it does not use.
func process(cmd *exec.Cmd) (cost, unit.Bytes, error) {
	debug.FreeOSMemory()
	began := time.Now()
	said := &tail{}
	if cmd.Stdout == nil {
		cmd.Stdout = said
	}
	cmd.Stderr = said
	err := cmd.Run()
	c := cost{wall: time.Since(began).Seconds()}
	var peak unit.Bytes
	if s := cmd.ProcessState; s != nil {
		c.cpu = (s.UserTime() + s.SystemTime()).Seconds()
		if u, ok := s.SysUsage().(*syscall.Rusage); ok {
			peak = unit.Bytes(u.Maxrss)
			if runtime.GOOS != "darwin" {
				peak *= unit.KiB
			}
		}
	}
	if err != nil {
		err = fmt.Errorf("%s: %w %s", cmd.Args[0], err, said.text)
	}
	return c, peak, err
}

// tail keeps the last kilobyte that is written to it.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if n := len(t.text) - 1024; n > 0 {
		t.text = append(t.text[:0], t.text[n:]...)
	}
	return len(p), nil
}
