package fn

import (
	"math"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

func aggregateMedian(x []float64) cell.Value {
	if len(x) == 0 {
		return cell.Err(cell.ErrNum)
	}
	slices.Sort(x)
	return aggregateAt(x, float64(len(x)-1)/2)
}

// aggregateMode is the number that occurs most often, of several the one that comes first.
func aggregateMode(x []float64) cell.Value {
	count := make(map[float64]int, len(x))
	most := 1
	for _, f := range x {
		count[f]++
		most = max(most, count[f])
	}
	if most > 1 {
		for _, f := range x {
			if count[f] == most {
				return cell.Num(f)
			}
		}
	}
	return cell.Err(cell.ErrNA)
}

// aggregateRank is the statistic with a number from 14 to 19, which takes a rank or a share k.
func aggregateRank(n int, x []float64, k float64) cell.Value {
	bad := cell.Err(cell.ErrNum)
	if len(x) == 0 {
		return bad
	}
	x = slices.Clone(x)
	slices.Sort(x)
	count := float64(len(x))
	switch n {
	case 14: // LARGE
		if k = math.Ceil(k); k < 1 || k > count {
			return bad
		}
		return cell.Num(x[len(x)-int(k)])
	case 15: // SMALL
		if k = math.Floor(k); k < 1 || k > count {
			return bad
		}
		return cell.Num(x[int(k)-1])
	case 17, 19: // quartiles
		k = math.Trunc(k) / 4
	}
	if n >= 18 { // exclusive
		at := k*(count+1) - 1
		if k <= 0 || k >= 1 || at < 0 || at > count-1 {
			return bad
		}
		return aggregateAt(x, at)
	}
	if k < 0 || k > 1 {
		return bad
	}
	return aggregateAt(x, k*(count-1))
}

// aggregateAt is the number at a place from 0 on in sorted ones, between two of them in proportion.
func aggregateAt(x []float64, at float64) cell.Value {
	i := int(at)
	if i+1 >= len(x) {
		return cell.Num(x[len(x)-1])
	}
	return cell.Num(x[i] + float64((at-float64(i))*(x[i+1]-x[i])))
}
