package rate

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestPublishedTable(t *testing.T) {
	p, err := Parse(publishedJSON)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.All() {
		if r.What == "" || len(r.Source) < 20 || !strings.HasSuffix(r.Source, ".") {
			t.Errorf("%s: what and source must be said in a sentence", r.Name)
		}
		if _, err := time.Parse(time.DateOnly, r.Date); err != nil {
			t.Errorf("%s: date %q", r.Name, r.Date)
		}
		if r.Origin != Published {
			t.Errorf("%s: origin %q", r.Name, r.Origin)
		}
	}
}

// TestNamesInTable holds every name constant against the table: a rate that code looks up exists.
func TestNamesInTable(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "names.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			name, _ := strconv.Unquote(lit.Value)
			names++
			if _, ok := Embedded().Get(name); !ok {
				t.Errorf("names.go has %q, which the table lacks", name)
			}
		}
		return true
	})
	if table := len(Embedded().All()); names != table {
		t.Errorf("names.go has %d names, the table %d rates", names, table)
	}
}

func TestParseRefuses(t *testing.T) {
	row := func(value, low, high string) string {
		return `{"date":"2026-01-01","rates":[{"name":"a","value":"` + value + `","low":"` + low + `","high":"` + high + `"}]}`
	}
	for _, bad := range []string{
		`{`, row("1 ms", "2 ms", "3 ms"), row("1 ms", "1 MB/s", "3 ms"), row("1 ms", "0 ms", "3 ms"), row("fast", "1 ms", "1 ms"),
		`{"rates":[{"name":"a","value":"1 ms","low":"1 ms","high":"1 ms"},{"name":"a","value":"1 ms","low":"1 ms","high":"1 ms"}]}`,
	} {
		if _, err := Parse([]byte(bad)); err == nil {
			t.Errorf("Parse(%s) has no error", bad)
		}
	}
}

func TestRateArithmetic(t *testing.T) {
	p := Embedded()
	rtt, _ := p.Get(TCPRoundTrip)
	if got := rtt.Duration(50); got != 25*time.Millisecond {
		t.Errorf("50 round trips take %v, want 25ms", got)
	}
	scan, _ := p.Get(PostgresSeqScan)
	if got := scan.Seconds(2e9); got != 2 {
		t.Errorf("2 GB scan in %v s, want 2", got)
	}
	for name, want := range map[string]string{TCPRoundTrip: "500 µs", PostgresSeqScan: "1 GB/s", CloudEgress: "$0.09/GB", ORMRowBytes: "3 kB", RedisScanKeys: "2M/s"} {
		if r, _ := p.Get(name); r.String() != want {
			t.Errorf("%s prints as %q, want %q", name, r, want)
		}
	}
}

func TestProfileLayers(t *testing.T) {
	base := Embedded()
	measured := Rate{Name: Fsync, Kind: Latency, Value: 1e-4, Origin: Measured, Date: "2026-11-22"}
	merged := base.With(measured).RoundTrip(2*time.Millisecond, "--rtt")
	if r, _ := merged.Get(Fsync); r.Provenance() != "measured 2026-11-22, this machine" {
		t.Errorf("fsync: %s", r.Provenance())
	}
	if r, _ := merged.Get(TCPRoundTrip); r.Value != 0.002 || r.Origin != Given {
		t.Errorf("round trip: %+v", r)
	}
	if r, _ := base.Get(Fsync); r.Origin != Published {
		t.Error("With changed the profile that it was called on")
	}
	if _, err := merged.Match("postgres", "warp"); err == nil || !strings.Contains(err.Error(), "warp") {
		t.Errorf("Match of an unknown word: %v", err)
	}
	if rates, err := merged.Match("redis"); err != nil || len(rates) != 3 {
		t.Errorf("Match(redis) = %d rates, %v", len(rates), err)
	}
	if _, ok := (*Profile)(nil).Get(Fsync); ok {
		t.Error("the nil profile has rates")
	}
}

func TestMeasure(t *testing.T) {
	dir := t.TempDir()
	start := time.Now()
	rates, err := Measure(context.Background(), dir, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	// The promise is two seconds on an idle machine; a shared one is given room.
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	if len(rates) != 6 {
		t.Fatalf("%d rates, want 6", len(rates))
	}
	for _, r := range rates {
		published, ok := Embedded().Get(r.Name)
		if !ok || published.Kind != r.Kind || published.Of != r.Of {
			t.Errorf("%s: the published table has no rate of this kind to replace", r.Name)
		}
		if !(r.Low <= r.Value && r.Value <= r.High && r.Low > 0) {
			t.Errorf("%s: %v not within %v..%v", r.Name, r.Value, r.Low, r.High)
		}
		if r.Value < published.Low/100 || r.Value > published.High*100 {
			t.Errorf("%s: %s is out of this world; published %s", r.Name, r, published)
		}
		if r.Origin != Measured || r.Date != "2026-11-22" {
			t.Errorf("%s: origin %s, date %s", r.Name, r.Origin, r.Date)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%d files left behind", len(left))
	}
}

func TestMeasureFailures(t *testing.T) {
	rates, err := Measure(context.Background(), "/nonexistent", time.Now())
	if err == nil || len(rates) != 4 {
		t.Errorf("without a disk: %d rates, %v; want the other 4 and an error", len(rates), err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Measure(ctx, "", time.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
