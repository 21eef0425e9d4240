package reference_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

func TestSaaSRevenue(t *testing.T) {
	r := example(t, "saas-revenue.nap", model.Options{Show: []string{"customers, revenue by Plan, month", "revenue_per_customer, yearly_growth, cost_per_signup, trailing_revenue by year", "mrr by Segment, month", "trailing_revenue"}})
	want(t, r, 0, map[string]float64{
		"Basic 2025-01/customers": 1050,                   // 1000 * 0.95 + 100
		"Basic 2025-02/customers": 1097.5,                 // 1050 * 0.95 + 100
		"Pro 2025-01/customers":   428,                    // 400 * 0.97 + 40
		"Scale 2025-01/customers": 26.75,                  // 25 * 0.99 + 2
		"Basic 2025-01/revenue":   21_000,                 // 1050 * 20
		"Pro 2025-02/revenue":     (428*0.97 + 40) * 50,   // 22,758
		"Scale 2025-02/revenue":   (26.75*0.99 + 2) * 400, // 11,393
	})
	// A constant inflow and a constant share that leaves: n months after the start there are f + (start-f) * keep^n,
	// where f = inflow / leave.
	after := func(start, inflow, leave float64, n int) float64 {
		f := inflow / leave
		return f + (start-f)*math.Pow(1-leave, float64(n))
	}
	basic, pro := after(1000, 100, 0.05, 12), after(400, 40, 0.03, 12)
	scale := after(after(25, 2, 0.01, 6), 4, 0.01, 6)
	want(t, r, 1, map[string]float64{
		"2025/revenue_per_customer": (20*basic + 50*pro + 400*scale) / (basic + pro + scale),
		"2025/yearly_growth":        0,
		"2025/cost_per_signup":      12 * 24_000.0 / (1200 + 480 + 36),
		"2026/cost_per_signup":      12 * 30_000.0 / (1440 + 720 + 48),
	})
	want(t, r, 2, map[string]float64{"SMB 2025-01/mrr": 42_400, "Enterprise 2025-01/mrr": 10_700})
	want(t, r, 3, map[string]float64{"2025-01/trailing_revenue": 53_100, "2025-02/trailing_revenue": 53_100 + 56_101})
}

func TestSaaSScenarios(t *testing.T) {
	for _, c := range []struct {
		scenario string
		figures  map[string]float64
	}{
		{"High churn", map[string]float64{"Basic 2025-01/customers": 1025, "Basic 2025-01/revenue": 20_500}},
		{"Price rise", map[string]float64{"Basic 2025-01/customers": 1050, "Basic 2025-01/revenue": 25_200, "Pro 2025-01/revenue": 21_400}},
	} {
		r := example(t, "saas-revenue.nap", model.Options{Scenarios: []string{c.scenario}, Show: []string{"customers, revenue by Plan, month"}})
		want(t, r, 0, c.figures)
	}
	r := example(t, "saas-revenue.nap", model.Options{Set: []string{"churn = 0%"}, Show: []string{"customers by Plan, month"}})
	want(t, r, 0, map[string]float64{"Basic 2025-12/customers": 2200})
}

func TestHeadcount(t *testing.T) {
	r := example(t, "headcount.nap", model.Options{Show: []string{"headcount by Team, Level, month", "cost by Team, month", "cost by Team, year", "cost by Function, year", "cost, headcount, cost_per_head by year"}})
	want(t, r, 0, map[string]float64{
		"Engineering Junior 2025-04/headcount": 12,             // nobody leaves before the first month
		"Engineering Junior 2025-05/headcount": 12 * (1 - .01), // a twelfth of 12 %
		"Founders Senior 2027-03/headcount":    2,
	})
	want(t, r, 1, map[string]float64{
		// Juniors: 12 * 7,000 * 1.22 + 2 * 2,500 + 12 * 500; seniors: 9 * 11,000 * 1.22 + 2,500 + 9 * 500.
		"Engineering 2025-04/cost": 102_480 + 5_000 + 6_000 + 120_780 + 2_500 + 4_500,
		// (6 * 7,000 + 3 * 11,000) * 1.1 * 1.22 + 9 * 500
		"Sales 2025-04/cost":    100_650 + 4_500,
		"Founders 2025-04/cost": 27_840,
		"Founders 2026-04/cost": 2*11_000*1.04*1.22 + 1_100,
	})
	want(t, r, 2, map[string]float64{"Founders FY2026/cost": 12 * 27_840, "Founders FY2027/cost": 12 * (2*11_000*1.04*1.22 + 1_100)})
	// Founders have no function.
	functions := figure(t, r, 3, "Product FY2026/cost") + figure(t, r, 3, "Go to market FY2026/cost")
	total := figure(t, r, 4, "FY2026/cost")
	if math.Abs(functions+334_080-total) > 1e-6 {
		t.Errorf("functions have %v and founders 334,080 of %v", functions, total)
	}
	want(t, r, 4, map[string]float64{"FY2026/cost_per_head": total / figure(t, r, 4, "FY2026/headcount")})
	// 334,080 and 348,163.2 = 12 * (2 * 11,000 * 1.04 * 1.22 + 1,100).
	if len(r.Notes) != 2 || r.Notes[1] != "cost: 682243.2 in all is in items of Team that belong to no Function" || r.Notes[0] != "1 of 5 items of Team belong to no Function and are in none of its groups: Founders" {
		t.Errorf("notes: %q", r.Notes)
	}
}

func TestInventory(t *testing.T) {
	r := example(t, "inventory.nap", model.Options{Show: []string{"stock, orders, arrivals by Product, week", "demand by Product, month", "demand by Product, week", "sales, demand, fill_rate by Product, quarter"}})
	figures := map[string]float64{}
	// Kettles: 100 a week. Below 400 an order of 500 is placed, and is there three weeks later.
	for week, stock := range []float64{400, 300, 200, 100, 500, 400, 300, 200, 100, 500} {
		figures[fmt.Sprintf("Kettle 2025-W%02d/stock", week+1)] = stock
	}
	for week, stock := range []float64{250, 200, 150, 100, 50, 250, 200, 150} { // toasters: 50 a week, 250 below 200
		figures[fmt.Sprintf("Toaster 2025-W%02d/stock", week+1)] = stock
	}
	figures["Kettle 2025-W02/orders"], figures["Kettle 2025-W03/orders"], figures["Kettle 2025-W05/arrivals"] = 500, 0, 500
	want(t, r, 0, figures)
	want(t, r, 1, map[string]float64{
		"Kettle 2024-12/demand": 100 * 2.0 / 7, // the first week has two days in December
		"Kettle 2025-01/demand": 100 * (5.0/7 + 3 + 5.0/7),
		"Kettle 2025-02/demand": 100 * 28 / 7,
	})
	// The week from 27 October has five days of season 1 and two of season 1.5.
	want(t, r, 2, map[string]float64{"Kettle 2025-W44/demand": math.Round(100 * 8.0 / 7), "Kettle 2025-W45/demand": 150})
	for _, quarter := range []string{"2025-Q3", "2025-Q4"} {
		want(t, r, 3, map[string]float64{"Kettle " + quarter + "/fill_rate": figure(t, r, 3, "Kettle "+quarter+"/sales") / figure(t, r, 3, "Kettle "+quarter+"/demand")})
	}
}

func TestInfrastructureCost(t *testing.T) {
	shows := []string{"servers, on_demand, compute, egress by Service, Region, day", "stored, storage by Service, day", "servers by Region, month", "cost_per_million, cost by month", "rate by Service, Region, day"}
	r := example(t, "infrastructure-cost.nap", model.Options{Show: shows})
	want(t, r, 0, map[string]float64{
		"api us_east 2025-01-01/servers":   9, // 2,000 * 2.5 * 1.3 / 800 = 8.125
		"api us_east 2025-01-01/on_demand": 4, // 60 % of 9 are 5
		"api us_east 2025-01-01/compute":   (5*0.6 + 4) * 0.34 * 24,
		"api us_east 2025-01-01/egress":    172.8 * 4 * 0.08,
	})
	want(t, r, 1, map[string]float64{
		"api 2025-01-01/stored":  4000 + 380.16*2, // 4,400 requests a second
		"api 2025-01-01/storage": (4000 + 380.16*2) * 0.023 / 31,
	})
	// Saturday 4 January: 70 % of the traffic, three days of growth by 14/3 % in 30.4 days.
	want(t, r, 4, map[string]float64{"api us_east 2025-01-04/rate": 2000 * math.Pow(1+0.14/3, 3/30.4) * 0.7})
	r = example(t, "infrastructure-cost.nap", model.Options{Show: shows[:1], Scenarios: []string{"All on demand"}})
	want(t, r, 0, map[string]float64{"api us_east 2025-01-01/compute": 9 * 0.34 * 24})
}

// TestBillionCells computes a cut of the model in plain loops.
func TestBillionCells(t *testing.T) {
	const products, stores, days = 4, 5, 1024
	r := example(t, "billion-cells.nap", model.Options{Dims: map[string]int{"Product": products, "Store": stores}})
	product, store := model.NameKey("Product"), model.NameKey("Store")
	first := calendar.DayNumber(2024, 1, 1)
	byProduct, byStore, byDay := [products]float64{}, [stores]float64{}, [days]float64{}
	final := 0.0 // what is expected on the last day
	for p := range int32(products) {
		for s := range int32(stores) {
			expected := 0.0
			for d := range days {
				units := math.Floor(20 * model.HashOf(1, []uint64{product, store}, []int32{p, s}, true, first+d))
				base := 5 + 45*model.HashOf(2, []uint64{product}, []int32{p}, false, 0)
				price := math.Round(base*(1+0.1*model.HashOf(3, []uint64{product}, []int32{p}, true, first+d))*100) / 100
				byProduct[p] += units * price
				byStore[s] += units * price
				byDay[d] += units * price
				expected = 0.9*expected + 0.1*units
			}
			final += expected
		}
	}
	for p, x := range byProduct {
		want(t, r, 0, map[string]float64{fmt.Sprintf("P%d/revenue", p+1): x})
	}
	for s, x := range byStore {
		want(t, r, 1, map[string]float64{fmt.Sprintf("S%d/revenue", s+1): x})
	}
	want(t, r, 2, map[string]float64{"2024-01-01/revenue": byDay[0], "2024-02-29/revenue": byDay[59], "2026-10-20/revenue": byDay[days-1]})
	want(t, r, 3, map[string]float64{"2026-10/expected": final})

	// A smaller cut has the same values.
	small := example(t, "billion-cells.nap", model.Options{Dims: map[string]int{"Product": 2, "Store": 3}, Show: []string{"revenue[Store=S2, Product=P2]"}})
	large := example(t, "billion-cells.nap", model.Options{Dims: map[string]int{"Product": 5, "Store": 7}, Show: []string{"revenue[Store=S2, Product=P2]"}})
	for i, x := range small.Tables[0].Columns[0].Values {
		if x != large.Tables[0].Columns[0].Values[i] {
			t.Fatalf("day %d: %v and %v", i, x, large.Tables[0].Columns[0].Values[i])
		}
	}
}
