package rate

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/napkin-infra/napkin/foundation/unit"
)

//go:embed published.json
var publishedJSON []byte

//go:embed prices.json
var pricesJSON []byte

// Embedded returns the table that ships with the program. It is read on first use, so that commands
// which need no rate do not pay for it.
var Embedded = sync.OnceValue(func() *Profile {
	p, err := Parse(publishedJSON)
	if err != nil {
		// The tables are part of the program and a test reads them: an error here cannot reach a user.
		return NewProfile()
	}
	prices, err := parsePrices(pricesJSON)
	if err != nil {
		return p
	}
	return p.With(prices...)
})

// parsePrices reads a price list: a date, a source, and products with a price each.
func parsePrices(data []byte) ([]Rate, error) {
	var list struct {
		Date   string `json:"date"`
		Source string `json:"source"`
		Prices []struct {
			Name  string `json:"name"`
			What  string `json:"what"`
			Price string `json:"price"`
		} `json:"prices"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("read price list: %w", err)
	}
	rates := make([]Rate, len(list.Prices))
	for i, e := range list.Prices {
		rates[i] = Rate{Name: e.Name, What: e.What, Origin: Published, Source: list.Source, Date: list.Date}
		if err := rates[i].setValues(e.Price, e.Price, e.Price); err != nil {
			return nil, fmt.Errorf("read price list: %s: %w", e.Name, err)
		}
	}
	return rates, nil
}

// entry is one rate as a person writes it: values with their units.
type entry struct {
	Name    string `json:"name"`
	What    string `json:"what"`
	Of      string `json:"of"` // of a size: what has it
	Value   string `json:"value"`
	Low     string `json:"low"`
	High    string `json:"high"`
	Source  string `json:"source"`
	Network bool   `json:"network"` // the figure has a network between client and server in it
	Date    string `json:"date"`    // of this entry, where it differs from the table's
}

// Parse reads a table of rates in the form of published.json: a date and a list of entries whose
// values are written with units ("0.5 ms", "350 MB/s", "2 kB", "$0.09/GB"), which decide the kind.
func Parse(data []byte) (*Profile, error) {
	var table struct {
		Date  string  `json:"date"`
		Rates []entry `json:"rates"`
	}
	if err := json.Unmarshal(data, &table); err != nil {
		return nil, fmt.Errorf("read table of rates: %w", err)
	}
	p := &Profile{rates: make(map[string]Rate, len(table.Rates))}
	for _, e := range table.Rates {
		if _, twice := p.rates[e.Name]; twice {
			return nil, fmt.Errorf("read table of rates: %s stands there twice", e.Name)
		}
		r := Rate{Name: e.Name, What: e.What, Origin: Published, Source: e.Source, Date: table.Date, Network: e.Network}
		if e.Date != "" {
			r.Date = e.Date
		}
		if err := r.setValues(e.Value, e.Low, e.High); err != nil {
			return nil, fmt.Errorf("read table of rates: %s: %w", e.Name, err)
		}
		if e.Of != "" {
			if r.Kind != Size {
				return nil, fmt.Errorf("read table of rates: %s: only the value of a size does not say what it is of", e.Name)
			}
			r.Of = e.Of
		}
		p.rates[r.Name] = r
	}
	return p, nil
}

func (r *Rate) setValues(value, low, high string) error {
	for i, text := range []string{value, low, high} {
		kind, of, v, err := parseValue(text)
		if err != nil {
			return err
		}
		if i > 0 && (kind != r.Kind || of != r.Of) {
			return fmt.Errorf("%q is not of the kind of %q", text, value)
		}
		r.Kind, r.Of = kind, of
		*[]*float64{&r.Value, &r.Low, &r.High}[i] = v
	}
	if r.Low > r.Value || r.Value > r.High || r.Low <= 0 {
		return fmt.Errorf("%s is not between %s and %s", value, low, high)
	}
	return nil
}

func parseValue(text string) (Kind, string, float64, error) {
	if strings.HasPrefix(text, "$") {
		price, err := unit.ParsePrice(text)
		if err != nil {
			return "", "", 0, err
		}
		_, per, _ := strings.Cut(text, "/")
		return Price, strings.TrimSpace(per), float64(price.Amount), nil
	}
	if strings.Contains(text, "/") {
		r, err := unit.ParseRate(text)
		return Throughput, r.Of, r.PerSecond, err
	}
	if d, err := unit.ParseDuration(text); err == nil {
		return Latency, "", d.Seconds(), nil
	}
	b, err := unit.ParseBytes(text)
	return Size, "", float64(b), err
}
