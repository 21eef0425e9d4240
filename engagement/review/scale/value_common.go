package scale

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// integerWriter spreads d values evenly from the least to the greatest. Where unique values need more
// room than that, the greatest is raised; else there are as many as there is room for.
func integerWriter(base string, c *Column, l *limits, d *int64, unique bool) writer {
	least, most := map[string]float64{"int2": math.MinInt16, "int4": math.MinInt32, "int8": -1 << 62, "oid": 1}[base],
		map[string]float64{"int2": math.MaxInt16, "int4": math.MaxInt32, "int8": 1 << 62, "oid": math.MaxUint32}[base]
	low, high := bounds(c, l, 1, float64(*d), parseNumber, 1)
	low, high = math.Ceil(min(max(low, least), most)), math.Floor(min(max(high, least), most))
	if l.low == nil && l.high == nil && unique && high-low+1 < float64(*d) {
		if high = low + float64(*d) - 1; high > most {
			low, high = max(most-float64(*d)+1, least), most
		}
	}
	room := max(high-low, 0)
	if room+1 < float64(*d) {
		*d = int64(room) + 1
	}
	steps := float64(max(*d-1, 1))
	return func(dst []byte, index int64, _ int) []byte {
		return strconv.AppendInt(dst, int64(low)+int64(float64(index)*room/steps), 10)
	}
}

func decimalWriter(base string, c *Column, l *limits, d *int64) writer {
	places := 2
	switch {
	case base == "numeric" && c.Length > 0:
		places = c.Scale
	case base == "numeric" && c.Shape != nil:
		// Two bytes of header, and two for every four digits (numeric.c).
		places = max(min((c.Shape.Width-5)*2-4, 12), 0)
	case base == "float8":
		places = 6
	case base == "float4":
		places = 3
	}
	smallest := math.Pow(10, -float64(places))
	low, high := bounds(c, l, 0, float64(*d)*smallest, parseNumber, smallest)
	if base == "numeric" && c.Length > 0 {
		most := math.Pow(10, float64(c.Length-c.Scale)) - smallest
		low, high = max(low, -most), min(high, most)
	}
	room := max(high-low, 0)
	if base == "numeric" || base == "money" {
		*d = max(min(*d, int64(min(room/smallest+1.5, 1e18))), 1)
	}
	steps := float64(max(*d-1, 1))
	return func(dst []byte, index int64, _ int) []byte {
		return strconv.AppendFloat(dst, low+float64(index)*room/steps, 'f', max(places, 0), 64)
	}
}

var momentForms = []string{"2006-01-02 15:04:05.999999", "2006-01-02 15:04:05.999999-07", "2006-01-02 15:04:05.999999-07:00", "2006-01-02", time.RFC3339Nano}

// parseMoment reads a date or time as microseconds since 1970.
func parseMoment(text string) (float64, bool) {
	for _, form := range momentForms {
		if t, err := time.Parse(form, strings.TrimSpace(text)); err == nil {
			return float64(t.UnixMicro()), true
		}
	}
	return 0, false
}

func parseNumber(text string) (float64, bool) {
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}

func momentWriter(base string, c *Column, l *limits, d *int64) writer {
	form, smallest := "2006-01-02 15:04:05.000000", 1.0
	switch base {
	case "date":
		form, smallest = time.DateOnly, 86400e6
	case "timestamptz":
		form = "2006-01-02 15:04:05.000000+00"
	}
	first := float64(time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
	low, high := bounds(c, l, first, first+max(4*365*86400e6, float64(*d)*smallest), parseMoment, smallest)
	// What Go's calendar and PostgreSQL's both write with four digits of the year.
	year0, year9999 := -62135596800e6, 253402300799e6
	low, high = min(max(low, year0), year9999), min(max(high, year0), year9999)
	room := max(high-low, 0)
	*d = max(min(*d, int64(room/smallest)+1), 1)
	steps := float64(max(*d-1, 1))
	return func(dst []byte, index int64, _ int) []byte {
		at := low + math.Floor(float64(index)*room/steps/smallest)*smallest
		return time.UnixMicro(int64(at)).UTC().AppendFormat(dst, form)
	}
}

// bounds are the least and the greatest value: those of the statistics, else the given ones, cut to what
// constraints allow. smallest is the step from a bound that is excluded.
func bounds(c *Column, l *limits, low, high float64, parse func(string) (float64, bool), smallest float64) (float64, float64) {
	if s := c.Shape; s != nil {
		if v, ok := parse(s.Low); ok {
			low = v
		}
		if v, ok := parse(s.High); ok {
			high = v
		}
	}
	high = max(high, low)
	if l.low != nil {
		if v, ok := parse(l.low.text); ok {
			if l.low.exclusive {
				v += smallest
			}
			if low < v {
				high, low = max(high, v+(high-low)), v
			}
		}
	}
	if l.high != nil {
		if v, ok := parse(l.high.text); ok {
			if l.high.exclusive {
				v -= smallest
			}
			if high > v {
				high, low = v, min(low, v)
				if l.low != nil {
					if floor, ok := parse(l.low.text); ok {
						low = max(low, floor)
					}
				}
			}
		}
	}
	return low, high
}

// textWriter begins each value with a code in the order of its index and goes on with words. Values that
// need not be unique may be shorter than their code.
func textWriter(base string, c *Column, l *limits, d *int64, unique bool, seed uint64) writer {
	letters := lettersFor(*d)
	least := 0
	if unique {
		least = letters
	}
	column := *c
	switch base {
	case "name":
		column.Length = 63
	case "char":
		column.Length = 1
	}
	w := newLengths(&column, l, least, seed)
	if unique && w.greatest < letters { // a short column holds fewer values
		letters = w.greatest
		*d = min(*d, int64(math.Pow(36, float64(letters))))
	}
	count := *d
	return func(dst []byte, index int64, common int) []byte {
		n := w.draw(index, common)
		code := min(letters, n)
		dst = appendOrdered(dst, index, count, code)
		return appendWords(dst, n-code, mix(seed^uint64(index)))
	}
}

// jsonWriter writes an object with a number, two short members and a text that fills the width.
func jsonWriter(c *Column, l *limits, d *int64, seed uint64) writer {
	w := newLengths(c, l, 2, seed)
	count, letters := *d, lettersFor(*d)
	return func(dst []byte, index int64, common int) []byte {
		n := w.draw(index, common)
		from := len(dst)
		if n < 14+letters {
			dst = append(dst, `{"a": "`...)
			dst = appendOrdered(dst, index, count, letters)
			return append(dst, `"}`...)
		}
		h := mix(seed ^ uint64(index))
		dst = append(dst, `{"a": "`...)
		dst = append(appendOrdered(dst, index, count, letters), '"')
		if n >= 60 {
			dst = strconv.AppendUint(append(dst, `, "count": `...), h%1000, 10)
			dst = append(dst, `, "open": `...)
			dst = strconv.AppendBool(dst, h>>20&1 == 0)
		}
		if left := n - (len(dst) - from) - len(`, "text": ""}`); left > 0 {
			dst = append(appendWords(append(dst, `, "text": "`...), left, h), '"')
		}
		return append(dst, '}')
	}
}

// arrayWriter writes as many elements as fit the width. An array has 24 bytes before its elements
// (arrays.sgml, array.h).
func arrayWriter(c *Column, l *limits, d *int64, seed uint64) writer {
	element := Column{Name: c.Name, Base: c.Element, Labels: c.Labels, Length: c.Length, Scale: c.Scale}
	size := map[string]int{"int2": 2, "int4": 4, "int8": 8, "float4": 4, "float8": 8, "bool": 1, "uuid": 16, "date": 4, "timestamp": 8, "timestamptz": 8}[c.Element]
	width := 40
	if c.Shape != nil && c.Shape.Width > 0 {
		width = c.Shape.Width
	}
	if size == 0 {
		size = 12
		element.Shape = &Shape{Width: 9}
	}
	var write writer
	many := *d
	if len(c.Labels) > 0 {
		write = labelled(c.Labels)
	} else {
		write = scalarWriter(c.Element, &element, &limits{}, &many, false, seed)
	}
	if write == nil {
		return nil
	}
	// Arrays inside COPY double what escapes; elements of these types hold no quotes but JSON does.
	if element.Base == "json" || element.Base == "jsonb" || element.Base == "bytea" || strings.HasSuffix(element.Base, "range") || element.Base == "point" {
		return func(dst []byte, _ int64, _ int) []byte { return append(dst, "{}"...) }
	}
	// The lengths of the texts of arrays go with their numbers of elements.
	w := newLengths(c, l, 2, seed)
	mean, meanLength := float64(max(width-24, 0))/float64(size), 0.0
	if s := c.Shape; s != nil {
		all, weight := 0.0, 1-s.NullFraction
		for i, f := range s.Frequencies {
			if i < len(s.CommonLengths) {
				all, weight = all+f*float64(s.CommonLengths[i]), weight-f
			}
		}
		for _, n := range s.Lengths {
			all += max(weight, 0) * float64(n) / float64(len(s.Lengths))
		}
		meanLength = all / max(1-s.NullFraction, 1e-9)
	}
	return func(dst []byte, index int64, common int) []byte {
		h := mix(seed ^ uint64(index))
		n := int(mean + share(h))
		if meanLength > 2 {
			length := w.draw(index, common)
			n = int(math.Round(mean * float64(length-2) / (meanLength - 2)))
			if length > 2 {
				n = max(n, 1)
			}
		}
		dst = append(dst, '{')
		for i := range n {
			if i > 0 {
				dst = append(dst, ',')
			}
			at := index
			if i > 0 {
				at = int64(mix(h+uint64(i)) % uint64(max(many, 1)))
			}
			dst = append(dst, '"')
			dst = append(write(dst, at, -1), '"')
		}
		return append(dst, '}')
	}
}

func momentText(micro int64) string {
	return time.UnixMicro(micro).UTC().Format("2006-01-02 15:04:05.000000")
}
