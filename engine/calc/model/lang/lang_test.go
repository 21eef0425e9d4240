package lang_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

const whole = `# A shop
model Corner "shop" 
`

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

func TestPrintIsStable(t *testing.T) {
	f, err := lang.Parse(lang.Source{Name: "shop.nap", Text: shop})
	if err != nil {
		t.Fatal(err)
	}
	text := lang.Print(f)
	t.Log(text)
	g, err := lang.Parse(lang.Source{Text: text})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if again := lang.Print(g); again != text {
		t.Errorf("printed again it differs:\n%s", again)
	}
}
