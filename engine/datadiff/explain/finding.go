package explain

import (
	"slices"
	"strconv"
	"strings"
)

// Finding is one thing that a part of the pairs have in common.
type Finding struct {
	Kind Kind
	// Rows is the number of pairs that the rule explains; with AtLeast, a lower bound.
	Rows    int64
	AtLeast bool
	Share   float64 // Rows of all pairs, 0 to 1
	// Text is a sentence without a full stop: "all 12,000 differ by exactly +1 h (B is later)".
	Text string
	// Detail is the rule's parameter, when it has one: "+1 h", "100", "255 characters".
	Detail   string
	Examples []Pair // at most three
}

// Kind names a rule. The words are part of the report's format.
type Kind string

// Kinds.
const (
	None            Kind = "no common cause"
	NullA           Kind = "NULL in A"
	NullB           Kind = "NULL in B"
	EmptyNull       Kind = "empty and NULL"
	EmptyA          Kind = "empty in A"
	EmptyB          Kind = "empty in B"
	Blanks          Kind = "blanks around"
	LineEnds        Kind = "line ends"
	Case            Kind = "case"
	Unicode         Kind = "Unicode normal form"
	Mojibake        Kind = "encoded twice"
	Replaced        Kind = "characters replaced"
	Truncated       Kind = "truncated"
	Escaped         Kind = "escaped"
	Spelling        Kind = "spelling of numbers"
	Rounded         Kind = "rounded"
	SinglePrecision Kind = "single precision"
	Delta           Kind = "constant difference"
	Factor          Kind = "constant factor"
	Sign            Kind = "sign"
	Boolean         Kind = "boolean"
	Shift           Kind = "shift of time"
	TimeZone        Kind = "time zone"
	Respelled       Kind = "spelling of moments"
	SubsetOfKeys    Kind = "keys of documents"
	NumbersAsText   Kind = "numbers as text"
	ByteOrder       Kind = "order of bytes"
)

// rule is what a pair is tested for.
type rule uint8

const (
	nullA rule = iota
	nullB
	nullEmpty
	emptyNull
	emptyA
	emptyB
	trailingBlanks
	leadingBlanks
	blanksAround
	lineEnds
	equalFold
	equalNFC
	mojibakeA
	mojibakeB
	replacedA
	replacedB
	cutA
	cutB
	escapedA
	escapedB
	equalNumber
	singlePrecision
	signFlipped
	falseTrue
	trueFalse
	keySubset
	numbersAsText
	bytesReversed
	guidSwapped
	timeSwappedA
	timeSwappedB
	// The pairs of those below are counted by parameter; only examples are kept here.
	constantDelta
	constantFactor
	roundedNumber
	constantShift
	ruleCount
)

// simple are the rules without a parameter. In a text, {are} and the like stand for the verb in the
// number that the count asks for.
var simple = [constantDelta]struct {
	kind Kind
	text string
}{
	nullA:           {NullA, "{are} NULL in A and not in B"},
	nullB:           {NullB, "{are} NULL in B and not in A"},
	nullEmpty:       {EmptyNull, "{are} NULL in A and empty in B"},
	emptyNull:       {EmptyNull, "{are} empty in A and NULL in B"},
	emptyA:          {EmptyA, "{are} empty in A and not in B"},
	emptyB:          {EmptyB, "{are} empty in B and not in A"},
	trailingBlanks:  {Blanks, "{are} equal without blanks at the end"},
	leadingBlanks:   {Blanks, "{are} equal without blanks at the start"},
	blanksAround:    {Blanks, "{are} equal without blanks at both ends"},
	lineEnds:        {LineEnds, "{are} equal when CR LF counts as LF"},
	equalFold:       {Case, "{are} equal without regard to case"},
	equalNFC:        {Unicode, "{are} equal in Unicode's normal form C"},
	mojibakeA:       {Mojibake, "{hold} in A the UTF-8 of B, read as Latin-1 and encoded again"},
	mojibakeB:       {Mojibake, "{hold} in B the UTF-8 of A, read as Latin-1 and encoded again"},
	replacedA:       {Replaced, "{have} ? or U+FFFD in A for characters of B"},
	replacedB:       {Replaced, "{have} ? or U+FFFD in B for characters of A"},
	escapedA:        {Escaped, "{are} quoted or escaped in A and not in B"},
	escapedB:        {Escaped, "{are} quoted or escaped in B and not in A"},
	equalNumber:     {Spelling, "{are} the same number, written differently"},
	singlePrecision: {SinglePrecision, "{are} equal in single precision (a float of four bytes)"},
	signFlipped:     {Sign, "{have} the opposite sign"},
	falseTrue:       {Boolean, "{are} 0 in A and 1 in B (false and true, if it is a boolean)"},
	trueFalse:       {Boolean, "{are} 1 in A and 0 in B (true and false, if it is a boolean)"},
	numbersAsText:   {NumbersAsText, "{are} the same document when numbers in quotes count as numbers"},
	bytesReversed:   {ByteOrder, "{hold} the same bytes in reverse order"},
	guidSwapped:     {ByteOrder, "{hold} the same UUID with its first three fields byte-swapped, as a Windows GUID is stored"},
	timeSwappedA:    {ByteOrder, "{hold} in A the UUID of B with its time swapped, as UUID_TO_BIN(u, 1) does"},
	timeSwappedB:    {ByteOrder, "{hold} in B the UUID of A with its time swapped, as UUID_TO_BIN(u, 1) does"},
}

const (
	reported  = 0.10 // a smaller share is not worth a sentence
	almostAll = 0.90
)

// Findings says what the pairs have in common, the rule that explains most of them first. When no rule
// explains a tenth of them, the one finding is [None]; without pairs there is none.
func (c *Column) Findings() []Finding {
	if c.pairs == 0 {
		return nil
	}
	s := sentences{column: c}
	for r, rule := range simple {
		if rule.text != "" {
			s.add(Finding{Kind: rule.kind, Rows: c.counts[r], Examples: c.kept[r]}, rule.text)
		}
	}
	s.truncated()
	s.keys()
	if c.counts[falseTrue]+c.counts[trueFalse] < c.numbers {
		s.numbers()
	}
	s.moments()
	slices.SortStableFunc(s.found, func(a, b Finding) int { return int(min(max(b.Rows-a.Rows, -1), 1)) })
	if len(s.found) == 0 {
		return []Finding{{Kind: None, Rows: c.pairs, Share: 1, Text: "no common cause found"}}
	}
	return s.found
}

type sentences struct {
	column *Column
	found  []Finding
}

// add completes a finding and keeps it, when it explains enough.
func (s *sentences) add(f Finding, text string) {
	total := s.column.pairs
	f.Share = float64(f.Rows) / float64(total)
	if f.Rows == 0 || f.Share < reported {
		return
	}
	f.Text = quantity(f, total) + " " + inNumber(text, f.Rows == 1)
	s.found = append(s.found, f)
}

func quantity(f Finding, total int64) string {
	some := exact(f.Rows) + " of " + exact(total)
	switch {
	case f.AtLeast:
		return "at least " + some + " (" + percent(f.Share) + ")"
	case total == 1:
		return "the only one"
	case f.Rows == total:
		return "all " + exact(total)
	case f.Share >= almostAll:
		return "almost all (" + some + ")"
	}
	return some + " (" + percent(f.Share) + ")"
}

// percent cuts and does not round, so that only all are 100 %.
func percent(share float64) string { return strconv.Itoa(int(share*100)) + " %" }

var verbs = [2]*strings.Replacer{
	strings.NewReplacer("{are}", "are", "{hold}", "hold", "{have}", "have", "{differ}", "differ"),
	strings.NewReplacer("{are}", "is", "{hold}", "holds", "{have}", "has", "{differ}", "differs"),
}

func inNumber(text string, singular bool) string {
	if singular {
		return verbs[1].Replace(text)
	}
	return verbs[0].Replace(text)
}

// exact prints a count with its thousands set apart.
func exact(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// numbered is a number of things whose plural takes an s.
func numbered(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return exact(n) + " " + noun + "s"
}
