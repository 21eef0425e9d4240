package eval_test

import (
	"fmt"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/eval/evaltest"
)

// TestSweepLastDigits holds that sweeps compare as operators do, by 15 digits, with one value and with another column.
func TestSweepLastDigits(t *testing.T) {
	b := evaltest.New()
	tenth, fifth := 0.1, 0.2
	for i := range 1000 {
		b.Fill(fmt.Sprintf("A%d", i+1), []any{float64(i%7) / 10, tenth + fifth})
	}
	b.Run(t, []evaltest.Case{
		{"SUMPRODUCT((A1:A1000=0.1+0.2)*1)", "143"},
		{"SUMPRODUCT((A1:A1000=B1:B1000)*1)", "143"},
		{"SUMPRODUCT((A1:A1000<B1:B1000)*1)", "429"},
		{"SUMPRODUCT((A1:A1000>=0.1+0.2)*1)", "571"},
		{"SUMPRODUCT((A1:A1000<>0.3)*1)", "857"},
	})
}
