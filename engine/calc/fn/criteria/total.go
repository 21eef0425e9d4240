package criteria

import "github.com/napkin-infra/napkin/engine/calc/cell"

// Total is what is made of the matching values.
type Total uint8

// The totals. Of no number at all, Sum and Count are 0, and Min and Max are empty.
const (
	Sum Total = iota
	Count
	Min
	Max
)

// start is the total of nothing.
func (t Total) start() cell.Box {
	if t == Min || t == Max {
		return cell.BoxEmpty()
	}
	return 0
}

// add puts one more value to a total: this is the only place that does. Numbers count, the first error stays, and
// everything else is passed over.
func (t Total) add(total, b cell.Box) cell.Box {
	if b != b {
		if cell.BoxKind(b) == cell.Error && !failed(total) {
			return b
		}
		return total
	}
	if total != total && cell.BoxKind(total) != cell.Empty {
		return total
	}
	switch t {
	case Sum:
		return total + b
	case Count:
		return total + 1
	case Min:
		if cell.BoxKind(total) == cell.Empty || b < total {
			return b
		}
	case Max:
		if cell.BoxKind(total) == cell.Empty || b > total {
			return b
		}
	}
	return total
}

// addEach puts each of some boxes to the total of its group. There may be more groups than boxes, or fewer.
func (t Total) addEach(totals []cell.Box, groups []int32, boxes []cell.Box) {
	n := min(len(groups), len(boxes))
	groups, boxes = groups[:n], boxes[:n]
	for i, b := range boxes {
		g := groups[i]
		if old := totals[g]; t == Sum && b == b && old == old {
			totals[g] = old + b
		} else {
			totals[g] = t.add(old, b)
		}
	}
}

// failed reports whether a total is an error. A sum that has become a NaN on the way, as infinity less infinity is, is
// none yet, and stays a NaN.
func failed(total cell.Box) bool {
	return total != total && cell.BoxKind(total) == cell.Error && cell.BoxedError(total) != 0
}

// value is the total as a formula sees it.
func value(total cell.Box) cell.Value {
	switch {
	case failed(total):
		return cell.Err(cell.BoxedError(total))
	case total != total && cell.BoxKind(total) == cell.Empty:
		return cell.Value{}
	}
	return cell.Num(total)
}
