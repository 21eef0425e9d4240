package quantity_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
)

// families are units of one dimension: ours, and how GNU units writes the same. Every one is converted
// into every other of its family. GNU's year is the tropical one; ours is the Julian.
var families = [][][2]string{
	{{"B", "byte"}, {"kB", "kilobyte"}, {"MB", "megabyte"}, {"GB", "gigabyte"}, {"TB", "terabyte"}, {"PB", "petabyte"}, {"EB", "exabyte"},
		{"KiB", "kibibyte"}, {"MiB", "mebibyte"}, {"GiB", "gibibyte"}, {"TiB", "tebibyte"}, {"bit", "bit"}, {"kbit", "kilobit"}, {"Mbit", "megabit"}, {"Gbit", "gigabit"}, {"Gb", "gigabit"}, {"Mibit", "mebibit"}},
	{{"ns", "nanosecond"}, {"us", "microsecond"}, {"µs", "microsecond"}, {"ms", "millisecond"}, {"s", "second"}, {"min", "minute"}, {"h", "hour"}, {"d", "day"}, {"week", "week"}, {"month", "julianyear/12"}, {"year", "julianyear"}},
	{{"B/s", "byte/second"}, {"MB/s", "megabyte/second"}, {"GiB/h", "gibibyte/hour"}, {"Gbps", "gigabit/second"}, {"Mbps", "megabit/second"}, {"TB/month", "terabyte/(julianyear/12)"}, {"kB/d", "kilobyte/day"}, {"KiB per min", "kibibyte/minute"}},
	{{"$/month", "dollar/(julianyear/12)"}, {"$/h", "dollar/hour"}, {"cents/min", "cent/minute"}, {"$/year", "dollar/julianyear"}},
	{{"$/GB", "dollar/gigabyte"}, {"$/GiB", "dollar/gibibyte"}, {"cent/MB", "cent/megabyte"}},
	{{"$/GB-month", "dollar/(gigabyte julianyear/12)"}, {"$/GiB-h", "dollar/(gibibyte hour)"}, {"$/(TB year)", "dollar/(terabyte julianyear)"}},
	{{"J", "joule"}, {"kJ", "kilojoule"}, {"Wh", "watt hour"}, {"kWh", "kilowatt hour"}, {"MW h", "megawatt hour"}},
	{{"W", "watt"}, {"kW", "kilowatt"}, {"kWh/d", "kilowatt hour/day"}, {"MJ/h", "megajoule/hour"}},
	{{"Hz", "hertz"}, {"kHz", "kilohertz"}, {"GHz", "gigahertz"}, {"1/min", "1/minute"}},
	{{"metre", "meter"}, {"km", "kilometer"}, {"mm", "millimeter"}, {"mile", "mile"}},
	{{"km/ms", "kilometer/millisecond"}, {"metre/s", "meter/second"}, {"mile/h", "mile/hour"}},
	{{"%", "percent"}, {"ppm", "ppm"}, {"k", "1000"}, {"million", "1e6"}, {"Mi", "1048576"}},
	{{"s^2", "second^2"}, {"min^2", "minute^2"}},
	{{"MB^2/s", "megabyte^2/second"}, {"GB*kB/h", "gigabyte kilobyte/hour"}},
}

// TestAgainstGNUUnits converts by this package and by the program units of the Debian package of that
// name, and finds no difference.
func TestAgainstGNUUnits(t *testing.T) {
	program, err := exec.LookPath("units")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("GNU units is not installed; scripts/setup-test installs it")
		}
		t.Skip("GNU units is not installed; scripts/setup-test installs it as root")
	}
	type conversion struct {
		from, to string
		ours     float64
	}
	var list []conversion
	var input strings.Builder
	for _, family := range families {
		for _, from := range family {
			for _, to := range family {
				if from == to {
					continue
				}
				a, err := quantity.ParseUnit(from[0])
				if err != nil {
					t.Fatal(err)
				}
				b, err := quantity.ParseUnit(to[0])
				if err != nil {
					t.Fatal(err)
				}
				if a.Dim != b.Dim {
					t.Fatalf("%s is %s and %s is %s", from[0], a.Dim, to[0], b.Dim)
				}
				list = append(list, conversion{from[0], to[0], a.Factor / b.Factor})
				fmt.Fprintf(&input, "%s\n%s\n", from[1], to[1])
			}
		}
	}
	if len(list) < 300 {
		t.Errorf("%d conversions, want at least 300", len(list))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "--quiet", "--terse", "--one-line", "--strict", "--digits", "17")
	cmd.Stdin = strings.NewReader(input.String())
	cmd.Env = append(os.Environ(), "LC_ALL=C", "HOME="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("units: %v", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(list) {
		t.Fatalf("%d answers to %d questions: %q", len(lines), len(list), lines[:min(len(lines), 5)])
	}
	for i, c := range list {
		theirs, err := strconv.ParseFloat(strings.TrimSpace(lines[i]), 64)
		if err != nil || math.Abs(theirs/c.ours-1) > 1e-12 {
			t.Errorf("1 %s is %v %s, and GNU units says %s", c.from, c.ours, c.to, lines[i])
		}
	}
	t.Logf("%d conversions agree", len(list))
}
