package cell_test

import (
	"math"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

func TestFormatGeneral(t *testing.T) {
	for _, c := range []struct {
		number float64
		want   string
	}{
		{0, "0"},
		{math.Copysign(0, -1), "0"},
		{1, "1"},
		{-1.5, "-1.5"},
		{0.1 + 0.2, "0.3"},
		{1.0 / 3, "0.333333333333333"},
		{-2.0 / 3, "-0.666666666666667"},
		{100, "100"},
		{1e15, "1000000000000000"},
		{123456789012345678, "123456789012346000"},
		{1e20, "100000000000000000000"},
		{1e21, "1E+21"},
		{-1.25e100, "-1.25E+100"},
		{0.0001, "0.0001"},
		{1e-9, "0.000000001"},
		{1.23456789012345e-10, "1.23456789012345E-10"},
		{1e-100, "1E-100"},
		{12345.678, "12345.678"},
		{999999999999999.9, "1000000000000000"},
	} {
		if got := cell.FormatGeneral(c.number); got != c.want {
			t.Errorf("%v is %q, want %q", c.number, got, c.want)
		}
	}
}
