package calendar

// Share is how one period of a source grain takes part in a period of a target grain.
type Share struct {
	Period int // of the source
	// Part is the share of the source's amount that falls into the target: what a sum is multiplied by.
	Part float64
	// Weight is the source's weight in an average over the target. The weights of a target add up to 1.
	Weight float64
}

// Shares appends to list how the periods of grain from make up a period of grain to, in the order of time.
//
// Where from nests in to, every source counts in full and all have the same weight. Where to nests in from, there is
// one source, and its amount is cut into equal parts over the target periods in it (a third of a quarter is a
// month's). Else, between weeks and months, quarters or years, both are taken by days: a week of which two days lie in
// a month gives two sevenths of its amount. Only days inside of the axis count, so that converting keeps the total.
// from may equal to.
func (a *Axis) Shares(list []Share, from, to Grain, period int) []Share {
	switch {
	case from == to:
		return append(list, Share{period, 1, 1})
	case from.Nests(to):
		lo, hi := a.Parts(to, period, from)
		for i := lo; i < hi; i++ {
			list = append(list, Share{i, 1, 1 / float64(hi-lo)})
		}
		return list
	case to.Nests(from):
		source := a.Within(to, period, from)
		lo, hi := a.Parts(from, source, to)
		return append(list, Share{source, 1 / float64(hi-lo), 1})
	}
	first, end := a.Days(to, period)
	for i := a.At(from, first); i <= a.At(from, end-1); i++ {
		lo, hi := a.Days(from, i)
		days := float64(min(hi, end) - max(lo, first))
		list = append(list, Share{i, days / float64(hi-lo), days / float64(end-first)})
	}
	return list
}
