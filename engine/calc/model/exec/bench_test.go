package exec_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/exec"
)

func BenchmarkBillion(b *testing.B) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "examples", "models", "billion-cells.nap"))
	if err != nil {
		b.Fatal(err)
	}
	m := check(b, string(text), model.Options{Dims: map[string]int{"Product": 100}})
	for b.Loop() {
		r, err := exec.Run(b.Context(), m, exec.Options{Sample: -1})
		if err != nil {
			b.Fatal(err)
		}
		b.Log(r.Stats)
		r.Close()
	}
	_ = time.Now
}
