package calendar

// Grain is the length of the periods on which a variable lives.
type Grain uint8

// Grains from fine to coarse. None is that of what does not vary with time.
const (
	None Grain = iota
	Day
	Week
	Month
	Quarter
	Year
)

var grainNames = [...]string{"none", "day", "week", "month", "quarter", "year"}

// String gives the word of the language: "month".
func (g Grain) String() string { return grainNames[g] }

// ParseGrain reads the word of a grain. It does not know "none".
func ParseGrain(word string) (Grain, bool) {
	for g := Day; g <= Year; g++ {
		if grainNames[g] == word {
			return g, true
		}
	}
	return None, false
}

// Nests reports whether every period of g lies within one period of coarse. Days nest in everything, weeks only in
// weeks. None nests in nothing, and nothing in None.
func (g Grain) Nests(coarse Grain) bool {
	switch {
	case g == None || coarse == None:
		return false
	case g == coarse || g == Day:
		return true
	case g == Week || coarse == Week:
		return false
	}
	return g < coarse
}

// Coarser returns the grain in which shifts between the two are counted: the one that the other nests in, and else the
// first.
func Coarser(a, b Grain) Grain {
	if a.Nests(b) {
		return b
	}
	return a
}
