package data_test

import (
	"context"
	"math"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/data"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// FuzzCSV holds that no file of rows makes a panic, or a figure that is no number, and that it is read twice the same.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"A,date,x\nI1,2024-01,5\nI2,2024-02-29,1e3\n", "\ufeffA;date;x\n\"I1\";2024;\n", "A\tdate\tx\r\nI3\t2024-W05\t-0\r\n", "x,A,date\nNaN,I1,2024-03\ninf,I1,2024-03\n", "A,date,x\n\"I1\n"} {
		for repeated := range uint8(4) {
			f.Add(s, repeated)
		}
	}
	f.Fuzz(func(t *testing.T, text string, repeated uint8) {
		dir := t.TempDir()
		write(t, dir, "a.csv", text)
		setting := []string{"", "\n    repeated: sum", "\n    repeated: average\n    unknown: skip", "\n    repeated: last"}[repeated%4]
		parsed, err := lang.Parse(lang.Source{Text: "time month 2024-01 to 2024-06\ndimension A = I1..I3\ninput x[A, month] from csv \"a.csv\"" + setting + "\nshow x by A"})
		if err != nil {
			t.Fatal(err)
		}
		files := data.Files{Dir: dir}
		m, err := model.Check(context.Background(), parsed, model.Options{Rows: files})
		if err != nil {
			t.Fatal(err)
		}
		first, report, err := data.Collect(context.Background(), m, m.Var("x"), files, 1000)
		again, report2, err2 := data.Collect(context.Background(), m, m.Var("x"), files, 1000)
		if (err == nil) != (err2 == nil) || err == nil && report.String() != report2.String() || len(first) != len(again) {
			t.Fatalf("%v, %v, then %v, %v", report, err, report2, err2)
		}
		for number, x := range first {
			if math.IsNaN(x) || math.IsInf(x, 0) || again[number] != x {
				t.Fatalf("cell %d is %v, and then %v", number, x, again[number])
			}
		}
	})
}
