package calcbench

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
	"github.com/napkin-infra/napkin/foundation/rate"
)

func TestOutcome(t *testing.T) {
	value := 7.0
	for _, c := range []struct {
		name  string
		said  told
		phase string
		want  outcome
	}{
		{"done", told{version: "1", total: 9, phases: map[string]message{"open": {CPU: 2}, "recalculate": {CPU: 3, Value: &value}}}, "recalculate",
			outcome{version: "1", phase: phaseRecalculate, cpu: 3, value: 7}},
		{"stopped in the phase", told{total: 9, stopped: true, phases: map[string]message{"open": {CPU: 2}}}, "recalculate",
			outcome{phase: phaseRecalculate, cpu: 7, atLeast: true, note: "stopped"}},
		{"stopped behind it", told{total: 9, stopped: true, phases: map[string]message{"recalculate": {CPU: 3, Value: &value}}}, "recalculate",
			outcome{phase: phaseRecalculate, cpu: 3, value: 7}},
	} {
		got, err := c.said.outcome(c.phase, phaseRecalculate)
		if got.atLeast {
			got.value = 0 // not a number
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
	if _, err := (told{}).outcome("recalculate", phaseRecalculate); err == nil {
		t.Error("a program that ended without an answer is no error")
	}
}

// TestChild stops a program that takes too much CPU, with what it has started.
func TestChild(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh")
	}
	b := &bench{ctx: context.Background(), Options: Options{PeerTimeout: 300 * time.Millisecond}}
	said, err := b.child(sh, "-c", `echo '{"phase":"open","cpu":0.01}'; sh -c 'while :; do :; done'; echo never`)
	if err != nil || !said.stopped || said.total < 0.2 || said.phases["open"].CPU != 0.01 {
		t.Errorf("%+v, %v", said, err)
	}
	if _, err := b.child(sh, "-c", "echo broken >&2; exit 3"); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("a program that fails: %v", err)
	}
}

// TestSmall goes through a shape, its doubling and the edits at small sizes, without other engines.
func TestSmall(t *testing.T) {
	b := &bench{ctx: context.Background(), Options: Options{Runs: 1, Folder: t.TempDir(), Profile: rate.Embedded(), Say: func(string, ...any) {}}}
	for _, s := range shapes {
		s.rows, s.data = 400, 4*min(s.data, 100)
		if err := b.doubling(&s); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
	}
	if len(b.report.Rows) != len(shapes)*(doublings+2) {
		t.Errorf("%d rows", len(b.report.Rows))
	}
	if err := b.parity(300); err != nil {
		t.Fatal(err)
	}
	if last := b.report.Rows[len(b.report.Rows)-2]; last.Amount != 0 {
		t.Errorf("%s: %s", last.What, last.Note)
	}
	var out bytes.Buffer
	b.report.Print(&out)
	for _, want := range []string{"| bar | measured", "twice the cells, the worst of four: chain of A1+1", "| none"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
}

// TestGrowth goes through all shapes at small sizes: each must be computed whole, without circles.
func TestGrowth(t *testing.T) {
	b := &bench{ctx: context.Background(), Options: Options{Runs: 1, Folder: t.TempDir(), Profile: rate.Embedded(), Say: func(string, ...any) {}}}
	names := map[string]bool{}
	for i := range growthShapes {
		s := &growthShapes[i]
		var m measured
		if err := b.growthAt(s, max(s.n/40, 26), &m); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		if m.cells < 20 || m.edited == 0 && !strings.Contains(s.name, "250") && !strings.Contains(s.name, "500") {
			t.Errorf("%s: %d cells were computed, and %d after an edit", s.name, m.cells, m.edited)
		}
		if names[s.name] {
			t.Errorf("%s: two shapes have this name", s.name)
		}
		names[s.name] = true
	}
	b.Match = "sheets, each"
	if err := b.growth(); err != nil || len(b.report.Rows) != len(growthPhases)+1 {
		t.Errorf("%d rows, %v", len(b.report.Rows), err)
	}
}

// TestModels goes through the model at a small size, with variables on disk.
func TestModels(t *testing.T) {
	var said strings.Builder
	b := &bench{ctx: context.Background(), Options: Options{Runs: 1, Products: 2, Stored: true, Folder: t.TempDir(), Profile: rate.Embedded(), Say: func(format string, args ...any) { fmt.Fprintf(&said, format+"\n", args...) }}}
	if err := b.models(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"from float64", "from coded integers", "a recurrence along time", "stored"} {
		i := slices.IndexFunc(b.report.Rows, func(r Row) bool { return strings.Contains(r.What, want) && r.Wall > 0 })
		if i < 0 || b.report.Rows[i].Limit <= 0 {
			t.Errorf("no row with a limit for %q", want)
		}
		if !strings.Contains(said.String(), want) {
			t.Errorf("nothing was said before %q", want)
		}
	}
	for _, row := range b.report.Rows {
		if row.Of == "digests" && row.Amount != 0 {
			t.Errorf("%s: %s", row.What, row.Note)
		}
		if row.Wall > 0 && row.Target != "" {
			t.Errorf("%s: there is no bar for this size", row.What)
		}
	}
	b.Products, b.Stored = 1<<30, false
	b.report = Report{}
	if err := b.models(); err != nil || len(b.report.Rows) != 1 || len(b.report.Missing) != 3 || !strings.Contains(b.report.Missing[0], "--products") {
		t.Errorf("a model for which there is no memory: %v, %+v", err, b.report)
	}
}

// TestRows reads a workbook as it is given to engines that cannot read it.
func TestRows(t *testing.T) {
	b := &bench{ctx: context.Background(), Options: Options{Folder: t.TempDir(), Say: func(string, ...any) {}}}
	path, err := b.make("sumifs", xlsxtest.Options{Shape: xlsxtest.SumIfs, Rows: 2, Data: 2, NoValues: true})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := b.rowsOf(path)
	if err != nil || len(rows) != 2 || len(rows[1]) != 6 {
		t.Fatalf("%v, %v", rows, err)
	}
	if text := rows[1][3]; text != "=SUMIFS($C$1:$C$2,$A$1:$A$2,E2,$B$1:$B$2,F2)" {
		t.Errorf("D2 is %v", text)
	}
	if text, ok := rows[1][4].(string); !ok || !strings.HasPrefix(text, "category ") {
		t.Errorf("E2 is %v", rows[1][4])
	}
}
