package rate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestPublishedTable(t *testing.T) {
	for name, read := range map[string]func() error{
		"published.json": func() error { _, err := Parse(publishedJSON); return err },
		"prices.json":    func() error { _, err := parsePrices(pricesJSON); return err },
	} {
		if err := read(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for _, r := range Embedded().All() {
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
	table, err := Parse(publishedJSON)
	if err != nil || names != len(table.All()) {
		t.Errorf("names.go has %d names, the table %d rates, %v", names, len(table.All()), err)
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
	for name, want := range map[string]string{TCPRoundTrip: "500 µs", PostgresSeqScan: "1 GB/s", CloudEgress: "$0.09/GB", ORMRowBytes: "3 kB", RedisScanKeys: "2M keys/s"} {
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
	if rates, err := merged.Match("redis.scan", "redis.round", "redis.command"); err != nil || len(rates) != 3 {
		t.Errorf("Match(redis) = %d rates, %v", len(rates), err)
	}
	if _, ok := (*Profile)(nil).Get(Fsync); ok {
		t.Error("the nil profile has rates")
	}
}

func TestVerdictAndAge(t *testing.T) {
	r := Rate{Name: Fsync, Kind: Latency, Value: 1e-4, Origin: Measured, Date: "2026-11-22", Verdict: Noisy}
	if got := r.Provenance(); got != "measured 2026-11-22, this machine, noisy" {
		t.Errorf("a noisy rate says %q", got)
	}
	price, ok := Embedded().Get("cloud.aws.ec2.m7i.large")
	if !ok || price.String() != "$0.1008/h" && price.String() != "$0.101/h" {
		t.Errorf("price %s, %v", price, ok)
	}
	date, _ := time.Parse(time.DateOnly, price.Date)
	if price.Stale(date.Add(StaleAfter)) || !price.Stale(date.Add(StaleAfter+time.Hour)) || !r.Stale(date.AddDate(9, 0, 0)) {
		t.Error("prices and measurements are old after 180 days")
	}
	if day, _ := time.Parse(time.DateOnly, r.Date); r.Stale(day.AddDate(0, 1, 0)) || !r.Stale(day.AddDate(-1, 0, 0)) {
		t.Error("a measurement is of the last months, and not of days to come")
	}
	if published, _ := Embedded().Get(Fsync); published.Stale(date.AddDate(9, 0, 0)) {
		t.Error("published figures other than prices have no age")
	}
}

// TestCheckRefusesWhatIsNoRate changes one field of a good rate at a time.
func TestCheckRefusesWhatIsNoRate(t *testing.T) {
	good := Rate{Name: Fsync, Kind: Latency, Value: 1e-4, Low: 5e-5, High: 1e-3, Origin: Measured, Date: "2026-11-22", Verdict: Quiet}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Rate){
		"name": func(r *Rate) { r.Name = "" }, "value": func(r *Rate) { r.Value = 0 }, "kind": func(r *Rate) { r.Kind = "speed" },
		"range": func(r *Rate) { r.Low, r.High = 1e-3, 1e-9 }, "verdict": func(r *Rate) { r.Verdict = "splendid" }, "date": func(r *Rate) { r.Date = "once" },
	} {
		r := good
		if change(&r); r.Check() == nil {
			t.Errorf("a bad %s is a rate", name)
		}
	}
}
