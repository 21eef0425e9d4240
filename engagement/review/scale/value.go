package scale

import (
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// writer appends the text of the value of an index, of d values in their order, as the type's input
// function reads it. Equal indexes give equal texts. common is the place among the common values, or -1.
type writer func(dst []byte, index int64, common int) []byte

// words is text to cut values from: words of a small vocabulary, so that it compresses about as prose
// does, in lower case and without what COPY, JSON and arrays quote.
// It is made when it is first needed, since most commands need none.
var words = sync.OnceValue(func() []byte { return makeWords(1 << 17) })

func makeWords(size int) []byte {
	const vowels, consonants = "aeiou", "bcdfghjklmnprstvwz"
	vocabulary := make([][]byte, 1500)
	for i := range vocabulary {
		for j := range 2 + mix(uint64(i))%3 {
			h := mix(uint64(i)<<8 + j)
			vocabulary[i] = append(vocabulary[i], consonants[h%uint64(len(consonants))], vowels[h>>8%64%uint64(len(vowels))])
			if h>>40%3 == 0 {
				vocabulary[i] = append(vocabulary[i], consonants[h>>48%uint64(len(consonants))])
			}
		}
	}
	text := make([]byte, 0, size+16)
	for i := uint64(0); len(text) < size; i++ {
		// Few words are common and most are rare, as in language (Zipf).
		u := share(mix(i ^ 0x5151))
		text = append(append(text, vocabulary[int(float64(len(vocabulary))*u*u*u)]...), ' ')
	}
	return text[:size]
}

// appendWords appends n bytes that depend on the hash.
func appendWords(dst []byte, n int, hash uint64) []byte {
	text := words()
	for n > 0 {
		at := int(hash % uint64(len(text)-256))
		part := text[at:min(at+n, len(text))]
		dst, n, hash = append(dst, part...), n-len(part), mix(hash)
	}
	return dst
}

const digits36 = "0123456789abcdefghijklmnopqrstuvwxyz"

// appendOrdered appends a code of so many letters that stands in the order of its index among d: spread
// over all codes, so that first letters differ as those of names do.
func appendOrdered(dst []byte, index, d int64, letters int) []byte {
	code := uint64(float64(index) / float64(max(d, 1)) * math.Pow(36, float64(min(letters, 12))))
	from := len(dst)
	for range min(letters, 12) {
		dst = append(dst, digits36[code%36])
		code /= 36
	}
	for i, j := from, len(dst)-1; i < j; i, j = i+1, j-1 {
		dst[i], dst[j] = dst[j], dst[i]
	}
	return dst
}

// lettersFor is how many letters tell d values apart.
func lettersFor(d int64) int {
	n := 1
	// One letter more than needed keeps rounding from giving two indexes one code.
	for room := 36.0; room < float64(d)*1.01; room *= 36 {
		n++
	}
	return n
}

// lengths draws how long a value is.
type lengths struct {
	seed            uint64
	common, others  []int
	mean            float64
	wide            float64 // share of values that statistics leave out because they are wide
	wideLength      int
	least, greatest int
}

// newLengths makes the widths of a column. The header of a value takes one byte up to 126 and four above
// (PostgreSQL manual, 73.6.2). The histogram leaves out values wider than 1024 bytes (analyze.c,
// WIDTH_THRESHOLD) and the mean does not, so the difference is that of wide values.
func newLengths(c *Column, l *limits, least int, seed uint64) lengths {
	w := lengths{seed: seed, mean: 12, least: least, greatest: 1 << 24}
	if s := c.Shape; s != nil {
		w.common, w.others = s.CommonLengths, s.Lengths
		w.mean = float64(s.Width) - 1
		if s.Width > 127 {
			w.mean = float64(s.Width) - 4
		}
		seen, weight := 0.0, 1-s.NullFraction
		rest := weight
		for i, f := range s.Frequencies {
			if i < len(s.CommonLengths) {
				seen, rest = seen+f*float64(s.CommonLengths[i]), rest-f
			}
		}
		for _, n := range s.Lengths {
			seen += max(rest, 0) * float64(n) / float64(len(s.Lengths))
		}
		switch {
		case weight <= 0 || len(s.Lengths) == 0:
		case seen/weight < w.mean*0.9:
			w.wideLength = 1400
			w.wide = min(max((w.mean-seen/weight)/(float64(w.wideLength)-seen/weight), 0), 1)
		case rest > 0:
			// What the common values leave of the mean is the mean of the others.
			w.others = tilted(s.Lengths, mean(s.Lengths)+(w.mean*weight-seen)/rest)
		}
	}
	if c.Length > 0 {
		w.greatest = c.Length
	}
	if l.maxLength > 0 {
		w.greatest = min(w.greatest, l.maxLength)
	}
	w.least = min(max(w.least, l.minLength), w.greatest)
	return w
}

func mean(lengths []int) float64 {
	sum := 0.0
	for _, n := range lengths {
		sum += float64(n)
	}
	return sum / float64(len(lengths))
}

// tilted returns lengths out of the given ones with about the given mean. The bounds of a histogram are
// a hundred values, so their mean is off by a tenth where widths are skewed; that of the column was taken
// over the server's whole sample. Each length is weighted by exp(r n), which changes the shares least for
// a mean (exponential tilting, of all distributions with that mean the nearest by relative entropy).
func tilted(lengths []int, want float64) []int {
	least, greatest := float64(slices.Min(lengths)), float64(slices.Max(lengths))
	if least == greatest || math.Abs(want-mean(lengths)) < 0.01*want {
		return lengths
	}
	want = min(max(want, least+0.02*(greatest-least)), greatest-0.02*(greatest-least))
	weights := make([]float64, len(lengths))
	total := 0.0
	low, high := -1e3/(greatest-least), 1e3/(greatest-least)
	for range 60 {
		r, sum := (low+high)/2, 0.0
		total = 0
		for i, n := range lengths {
			pivot := least // of the greatest weight, so that no weight overflows
			if r > 0 {
				pivot = greatest
			}
			weights[i] = math.Exp(r * (float64(n) - pivot))
			total, sum = total+weights[i], sum+weights[i]*float64(n)
		}
		if sum/total < want {
			low = r
		} else {
			high = r
		}
	}
	const size = 1024
	out := make([]int, 0, size)
	upTo := 0.0
	for i, n := range lengths {
		upTo += weights[i] / total * size
		for float64(len(out)) < upTo-0.5 {
			out = append(out, n)
		}
	}
	return out
}

func (w *lengths) draw(index int64, common int) int {
	h := mix(w.seed ^ uint64(index))
	n := int(w.mean * (0.6 + 0.8*share(h)))
	switch {
	case common >= 0 && common < len(w.common):
		n = w.common[common]
	case share(mix(h)) < w.wide:
		n = w.wideLength
	case len(w.others) > 0:
		n = w.others[h%uint64(len(w.others))]
	}
	return min(max(n, w.least), w.greatest)
}

// writerOf chooses how the values of a column are written, and may change the number of distinct values
// to what the type holds. It returns nil for a type that it has no value of.
func writerOf(c *Column, l *limits, d *int64, unique bool, seed uint64) writer {
	if s := c.Shape; s != nil && len(s.Common)+len(s.Histogram) > 0 && !unique && l.none() {
		if w := givenValues(c, *d, seed); w != nil {
			return w
		}
	}
	if labels := l.allowed; len(labels) > 0 {
		*d = min(*d, int64(len(labels)))
		return labelled(labels)
	}
	if len(c.Labels) > 0 && c.Category == "E" {
		*d = min(*d, int64(len(c.Labels)))
		return labelled(c.Labels)
	}
	if c.Category == "A" {
		return arrayWriter(c, l, d, seed)
	}
	return scalarWriter(c.Base, c, l, d, unique, seed)
}

func (l *limits) none() bool {
	return l.low == nil && l.high == nil && l.minLength == 0 && l.maxLength == 0 && len(l.allowed) == 0 && l.after == ""
}

func labelled(labels []string) writer {
	return func(dst []byte, index int64, _ int) []byte { return append(dst, labels[index%int64(len(labels))]...) }
}

func scalarWriter(base string, c *Column, l *limits, d *int64, unique bool, seed uint64) writer {
	switch base {
	case "int2", "int4", "int8", "oid":
		return integerWriter(base, c, l, d, unique)
	case "numeric", "float4", "float8", "money":
		return decimalWriter(base, c, l, d)
	case "bool":
		*d = min(*d, 2)
		return func(dst []byte, index int64, _ int) []byte { return append(dst, "ft"[index&1]) }
	case "date", "timestamp", "timestamptz":
		return momentWriter(base, c, l, d)
	case "time", "timetz":
		return func(dst []byte, index int64, _ int) []byte {
			second := time.Duration(float64(index) / float64(max(*d, 1)) * 86399e9).Round(time.Microsecond)
			return time.Time{}.Add(second).AppendFormat(dst, "15:04:05.000000")
		}
	case "interval":
		return func(dst []byte, index int64, _ int) []byte {
			return append(strconv.AppendInt(dst, index*37, 10), " s"...)
		}
	case "uuid":
		return func(dst []byte, index int64, _ int) []byte {
			// The first 60 bits stand in the order of the index, the others do not.
			var b [16]byte
			high := uint64(float64(index)/float64(max(*d, 1))*(1<<52))<<12 | mix(seed^uint64(index))>>52
			low := mix(seed + uint64(index))
			for i := range 8 {
				b[i], b[8+i] = byte(high>>(56-8*i)), byte(low>>(56-8*i))
			}
			b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
			return hex.AppendEncode(dst, b[:])
		}
	case "text", "varchar", "bpchar", "citext", "name", "char":
		return textWriter(base, c, l, d, unique, seed)
	case "json", "jsonb":
		return jsonWriter(c, l, d, seed)
	case "bytea":
		letters := 8
		w := newLengths(c, l, letters, seed)
		return func(dst []byte, index int64, common int) []byte {
			n := w.draw(index, common)
			dst = append(dst, `\\x`...)
			order := uint64(float64(index) / float64(max(*d, 1)) * (1 << 56))
			for i := range n {
				if i%8 == 0 && i > 0 {
					order = mix(order)
				}
				dst = hex.AppendEncode(dst, []byte{byte(order >> (56 - 8*(i%8)))})
			}
			return dst
		}
	}
	return rareWriter(base, c, l, d, seed)
}

// rareWriter knows types that are less common in tables.
func rareWriter(base string, c *Column, l *limits, d *int64, seed uint64) writer {
	number := func(dst []byte, hash uint64, below uint64) []byte { return strconv.AppendUint(dst, hash%below, 10) }
	join := func(dst []byte, index int64, before, between, after string, count int, below uint64) []byte {
		dst = append(dst, before...)
		for i := range count {
			if i > 0 {
				dst = append(dst, between...)
			}
			dst = number(dst, mix(seed^uint64(index)<<3+uint64(i)), below)
		}
		return append(dst, after...)
	}
	switch base {
	case "inet", "cidr":
		return func(dst []byte, index int64, _ int) []byte {
			at := uint64(float64(index) / float64(max(*d, 1)) * (1 << 32))
			for i := range 4 {
				if i > 0 {
					dst = append(dst, '.')
				}
				dst = strconv.AppendUint(dst, at>>(24-8*i)&255, 10)
			}
			return dst
		}
	case "macaddr", "macaddr8":
		return func(dst []byte, index int64, _ int) []byte {
			at := uint64(float64(index) / float64(max(*d, 1)) * (1 << 48))
			dst = hex.AppendEncode(dst, []byte{byte(at >> 40), byte(at >> 32), byte(at >> 24), byte(at >> 16), byte(at >> 8), byte(at)})
			if base == "macaddr8" {
				dst = append(dst, "0000"...)
			}
			return dst
		}
	case "bit", "varbit":
		bits := max(c.Length, 1)
		if base == "varbit" && c.Length == 0 {
			bits = 16
		}
		return func(dst []byte, index int64, _ int) []byte {
			h := mix(seed ^ uint64(index))
			for i := range bits {
				dst = append(dst, '0'+byte(h>>(i%64)&1))
			}
			return dst
		}
	case "tsvector":
		w := newLengths(c, l, 3, seed)
		return func(dst []byte, index int64, common int) []byte {
			// A lexeme takes its letters and about eight bytes.
			for i := range max(w.draw(index, common)/14, 1) {
				dst = append(appendOrdered(append(dst, "'w"...), int64(mix(uint64(index)+uint64(i))%5000), 5000, 4), "' "...)
			}
			return dst
		}
	case "tsquery", "ltree", "xml":
		return func(dst []byte, index int64, _ int) []byte {
			return strconv.AppendInt(append(dst, 'w'), index, 36)
		}
	case "hstore":
		w := newLengths(c, l, 8, seed)
		return func(dst []byte, index int64, common int) []byte {
			dst = strconv.AppendInt(append(dst, "id=>"...), index, 10)
			return append(appendWords(append(dst, `,v=>"`...), max(w.draw(index, common)-24, 1), mix(uint64(index))), '"')
		}
	case "point":
		return func(dst []byte, index int64, _ int) []byte { return join(dst, index, "(", ",", ")", 2, 1000) }
	case "box", "lseg":
		return func(dst []byte, index int64, _ int) []byte { return join(dst, index, "", ",", "", 4, 1000) }
	case "circle":
		return func(dst []byte, index int64, _ int) []byte { return join(dst, index, "<(1,2),", "", ">", 1, 1000) }
	case "line":
		return func(dst []byte, index int64, _ int) []byte { return join(dst, index, "{1,", ",", "}", 2, 1000) }
	case "path", "polygon":
		return func(dst []byte, index int64, _ int) []byte {
			return append(join(dst, index, "((0,0),(", ",", "),", 2, 1000), "(1,5))"...)
		}
	case "geometry", "geography":
		return func(dst []byte, index int64, _ int) []byte { return join(dst, index, "POINT(", " ", ")", 2, 80) }
	case "int4range", "int8range", "numrange":
		return func(dst []byte, index int64, _ int) []byte {
			dst = strconv.AppendInt(append(dst, '['), index*10, 10)
			return append(strconv.AppendInt(append(dst, ','), index*10+5, 10), ')')
		}
	case "daterange", "tsrange", "tstzrange":
		return func(dst []byte, index int64, _ int) []byte {
			from := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(index%5000)*2)
			dst = from.AppendFormat(append(dst, '['), time.DateOnly)
			return append(from.AddDate(0, 0, 1).AppendFormat(append(dst, ','), time.DateOnly), ')')
		}
	case "pg_lsn":
		return func(dst []byte, index int64, _ int) []byte {
			return strconv.AppendInt(append(dst, "0/"...), index&0xfffffff, 16)
		}
	}
	return nil
}

// givenValues writes the values that the statistics hold, and between two bounds of the histogram the
// lower one with a number behind it, or for numbers and times the value that lies between.
func givenValues(c *Column, d int64, seed uint64) writer {
	s := c.Shape
	text := c.Category == "S" && c.Base != "name" && c.Base != "char"
	if !text && len(s.Histogram) > 0 {
		return nil // shapes of numbers and times are kept by their bounds
	}
	w := newLengths(c, &limits{}, 1, seed)
	letters := lettersFor(d)
	return func(dst []byte, index int64, common int) []byte {
		if common >= 0 && common < len(s.Common) {
			return appendEscaped(dst, s.Common[common])
		}
		if len(s.Histogram) == 0 {
			return appendEscaped(dst, s.Common[index%int64(len(s.Common))])
		}
		base := s.Histogram[int(float64(index)/float64(max(d, 1))*float64(len(s.Histogram)))%len(s.Histogram)]
		if keep := w.draw(index, common) - letters; len(base) > keep {
			base = strings.ToValidUTF8(base[:max(keep, 0)], "")
		}
		return appendOrdered(appendEscaped(dst, base), index, d, letters)
	}
}

// appendEscaped writes a text as COPY reads it.
func appendEscaped(dst []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; c {
		case '\\':
			dst = append(dst, `\\`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
