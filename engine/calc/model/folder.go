package model

import (
	"math"
	"slices"
)

// Summer adds numbers with the compensation of Neumaier (Rundungsfehleranalyse einiger Verfahren zur Summation endlicher
// Summen, ZAMM 54, 1974): the error of the result does not grow with how many they are. The zero value is an empty sum,
// which is +0.
type Summer struct{ sum, lost float64 }

// Add adds one number.
func (s *Summer) Add(x float64) {
	t := s.sum + x
	if math.Abs(s.sum) >= math.Abs(x) {
		s.lost += (s.sum - t) + x
	} else {
		s.lost += (x - t) + s.sum
	}
	s.sum = t
}

// Value is the sum so far. A sum that is infinite, or is none, is that of plain adding.
func (s *Summer) Value() float64 {
	if math.IsInf(s.sum, 0) || math.IsNaN(s.sum) {
		return s.sum
	}
	return s.sum + s.lost
}

// Folder aggregates values one after the other. Make one with [NewFolder].
type Folder struct {
	agg    Agg
	n      int64
	weight float64 // of an average
	sum    Summer
	one    float64   // the least, greatest, first or last
	values []float64 // of a median
}

// NewFolder returns a folder without values. The aggregation is not Formula.
func NewFolder(agg Agg) *Folder { return &Folder{agg: agg} }

// Add adds one value of weight 1.
func (f *Folder) Add(x float64) { f.AddWeighted(x, 1) }

// AddWeighted adds one value. The weight counts in an average only.
func (f *Folder) AddWeighted(x, weight float64) {
	f.n++
	switch f.agg {
	case Sum:
		f.sum.Add(x)
	case Average:
		f.sum.Add(float64(x * weight)) // no fused multiply and add on any processor
		f.weight += weight
	case Min:
		if f.n == 1 || x < f.one || math.IsNaN(x) {
			f.one = x
		}
	case Max:
		if f.n == 1 || x > f.one || math.IsNaN(x) {
			f.one = x
		}
	case Median:
		f.values = append(f.values, x)
	case Count:
		if x != 0 {
			f.one++
		}
	case First:
		if f.n == 1 {
			f.one = x
		}
	case Last:
		f.one = x
	}
}

// Value is the aggregate of what was added.
func (f *Folder) Value() float64 {
	switch f.agg {
	case Sum:
		return f.sum.Value()
	case Count:
		return f.one
	case Average:
		if f.n == 0 {
			return math.NaN()
		}
		return f.sum.Value() / f.weight
	case Median:
		return median(f.values)
	}
	if f.n == 0 {
		return math.NaN()
	}
	return f.one
}

func median(values []float64) float64 {
	if len(values) == 0 || slices.ContainsFunc(values, math.IsNaN) {
		return math.NaN()
	}
	slices.Sort(values)
	half := len(values) / 2
	if len(values)%2 == 1 {
		return values[half]
	}
	return values[half-1]/2 + values[half]/2
}
