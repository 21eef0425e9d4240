package lang_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

const shop = `
model "Corner shop"

time month 2024-01 to 2025-12   # two years
    fiscal: April
    week: Sunday

dimension Region = North, "South East"
dimension Store = S1..S40, Online
dimension Product from csv "products.csv" columns Product = "product id"
dimension Nothing = none
map Store -> Region = S1..S30: North,
    S31..S40: "South East"
map Product -> Region from database "sqlite:shop.db" query "select a, b from c where d = ""x""" columns Product = a, Region = b

input price[Store] = S1..S20: 12.5, others: 11
input rent[Store, month] = table
                2024-01 2024-02 2024-03..
    S1             1k     1_100      1.2k
    S2..S40        -      -5%        2M
input step[month]
    2024-01: 5
    2024-06..: 7
    outside: 3
input sales[Store, day] from csv "sales.csv" columns date = day, value = "amount net"
    repeated: sum
input leads[Region, month] = normal(p5 = 80, p95 = 120) independent over Region, month
input noise = max(0, normal(1, 2) independent over (Region, month), 3)

revenue[Store, month] = units * price
    categories: sum
margin = (revenue - cost) / revenue
    rollup: formula
stock = stock[previous] + made -
    sum(sold[t-6:t-1]) / 2 ^ -3 ^ 2 - -x
flag = if(Product = Basic and not (a < 3) or b[first] != c[final-1], 1, x[2024-03, by Region, Store=S1])
total[] = sum(revenue over Store, time) + cumulative(a * b) + min(a, b) + min(a over Store) + sum(x[all])

scenario "Worse"
    price = S1: 3, others: 2
    leads = base * 0.9
        + 4
scenario Better
    leads = 5

simulate 1000
    seed: 7
    percentiles: 5, 50, 95

show revenue, margin[Store=S1] by Region, year
show revenue
`

// same demands that a model written out is the same model, as text and in JSON.
func same(t *testing.T, f *lang.File) {
	t.Helper()
	text := lang.Print(f)
	g, err := lang.Parse(lang.Source{Text: text})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if again := lang.Print(g); again != text {
		t.Fatalf("printed\n%s\nand printed again\n%s", text, again)
	}
	data, err := lang.MarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	h, err := lang.ParseJSON("m.json", data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	back, err := lang.MarshalJSON(h)
	if err != nil {
		t.Fatal(err)
	}
	if string(back) != string(data) {
		t.Fatalf("in JSON\n%s\nand again\n%s", data, back)
	}
	// The JSON keeps the settings and columns of a statement in an order of its own.
	k, err := lang.ParseJSON("m.json", back)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := lang.Print(h), lang.Print(k); a != b {
		t.Fatalf("from JSON\n%s\nand again\n%s", a, b)
	}
}

func TestPrintedModelsAreTheSame(t *testing.T) {
	f, err := lang.Parse(lang.Source{Name: "shop.nap", Text: shop})
	if err != nil {
		t.Fatal(err)
	}
	same(t, f)
	paths, err := filepath.Glob("../../../../examples/models/*.nap")
	if err != nil || len(paths) < 5 {
		t.Fatalf("%d examples: %v", len(paths), err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if f, err = lang.Parse(lang.Source{Name: path, Text: string(text)}); err != nil {
			t.Fatal(err)
		}
		same(t, f)
	}
}

func TestPrintedTextStays(t *testing.T) {
	for _, line := range []string{
		`x = -2 ^ 2`, `x = (-2) ^ 2`, `x = 2 ^ 3 ^ 2`, `x = (2 ^ 3) ^ 2`, `x = a - (b - c) - d`, `x = not (a = b and c)`, `x = a - -b`,
		`x = if(Region = "North America" or Region != South, 5%, 1.5M)`, `x = y[previous] + y[next] + y[t-12] + y[first] + y[final-2] + y[2024-03] + y[FY2025-Q2]`,
		`x = sum(y[t-6:t-1]) + average(y[all] over Store) + max(y[2024-01:final])`, `x = y[by Region, Product=Basic, t+2]`, `x = sum(a * b over Product, time)`,
		`x = if(time >= 2024-03 and not time = FY2025-Q2, 1, 0)`, `x = (time < 2024) + 1`, `x = not time != 2024-W09`,
		`x = floor(20 * hash(1 over Product, time))`, `x[] = sum(y over all)`, `input x = normal(p5 = 1, p95 = 2) independent over (A, B)`,
		`input x[A, month] = B 2024-01..: 5, "C D" 2024-01..2024-03: -1.5k, others others: 0`, `dimension A = "a b", c, 1, 2024`,
	} {
		f, err := lang.Parse(lang.Source{Text: line})
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if got := strings.TrimSpace(lang.Print(f)); got != line {
			t.Errorf("%s is printed as %s", line, got)
		}
	}
}

// TestDocumentation holds that the indented blocks of the reference which are models are ones.
func TestDocumentation(t *testing.T) {
	text, err := os.ReadFile("../../../../docs/calc-model.md")
	if err != nil {
		t.Fatal(err)
	}
	models, blocks := 0, []string{""}
	for line := range strings.SplitSeq(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "    "); ok || strings.TrimSpace(line) == "" {
			blocks[len(blocks)-1] += rest + "\n"
		} else {
			blocks = append(blocks, "")
		}
	}
	for _, b := range blocks {
		b = strings.Trim(b, "\n")
		var f *lang.File
		switch {
		case strings.HasPrefix(b, "{"):
			f, err = lang.ParseJSON("docs", []byte(b))
		case strings.HasPrefix(b, "model \""), strings.HasPrefix(b, "input "), strings.HasPrefix(b, "scenario "):
			f, err = lang.Parse(lang.Source{Text: b})
		default:
			continue
		}
		if err != nil {
			t.Errorf("%v\n%s", err, b)
			continue
		}
		same(t, f)
		models++
	}
	if models < 6 {
		t.Errorf("%d models in the reference", models)
	}
}

func TestLinesOfOtherSystems(t *testing.T) {
	f, err := lang.Parse(lang.Source{Text: "\ufeffmodel x\r\ninput a[P] =\r\n\tB: 5\r\n\r\n  # nothing\r\n\tC: 6\r\n"})
	if err != nil || len(f.Variables) != 1 || len(f.Variables[0].Table.Entries) != 2 || f.Name.Name != "x" {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestJSONRefused(t *testing.T) {
	for name, text := range map[string]string{
		"another field":   `{"modell": "x"}`,
		"a line break":    `{"model": "x", "variables": [{"name": "a", "formula": "1\nb = 2"}]}`,
		"a wrong formula": `{"variables": [{"name": "a", "formula": "1 +"}]}`,
		"text behind":     `{} {}`,
		"no formula":      `{"variables": [{"name": "a"}]}`,
		"no JSON":         `model x`,
	} {
		if f, err := lang.ParseJSON("m.json", []byte(text)); err == nil {
			t.Errorf("%s: accepted: %s", name, lang.Print(f))
		}
	}
}

// FuzzJSON holds that reading JSON never panics, and that what it accepts is written and read as the same.
func FuzzJSON(f *testing.F) {
	model, err := lang.Parse(lang.Source{Text: shop})
	if err != nil {
		f.Fatal(err)
	}
	data, err := lang.MarshalJSON(model)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"variables": [{"name": "a", "over": [], "values": [{"key": "A", "value": 5}]}], "show": [{"variables": ["a"], "by": ["B"]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := lang.ParseJSON("m.json", data); err == nil {
			same(t, m)
		}
	})
}

// FuzzParse holds that the parser never panics, and that what it accepts is the same model when it is printed.
func FuzzParse(f *testing.F) {
	f.Add(shop)
	for _, text := range []string{
		"x = 5", "a[month] = b[t-1:t] + sum(c over D)", "input x[A]\n  B: 5\n  C..: 6", "dimension A = x1..x5, \"b\"", "map A -> B = a: b", "show a by b", "simulate 5\n  seed: 1",
		"scenario s\n  a = base", "input a = table\n", "x = 2024-01", "time week FY2024 to 2025", "x = ((((1))))", "x = 1e5k", "model a b",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := lang.Parse(lang.Source{Text: text})
		if err != nil {
			if !strings.Contains(err.Error(), "^") {
				t.Errorf("no place in %v", err)
			}
			return
		}
		same(t, m)
	})
}
