package xlsxtest

import (
	"math"
	"strconv"
)

// row is what a shape puts into one row.
type row struct {
	s      *sheet
	number int // from 1
}

// cells writes the XML of a sheet.
func (s *sheet) cells() {
	s.text(`<worksheet xmlns="` + nsMain + `"><sheetData>`)
	fill := s.shape()
	for i := 1; i <= max(s.Rows, s.dataRows()); i++ {
		s.text(`<row r="`)
		s.buf = strconv.AppendInt(s.buf, int64(i), 10)
		s.text(`">`)
		fill(row{s, i})
		s.text(`</row>`)
		if len(s.buf) > 64<<10 {
			s.flush()
		}
	}
	s.text(`</sheetData></worksheet>`)
}

func (s *sheet) dataRows() int {
	if s.Fill == nil && (s.Shape == Lookup || s.Shape == SumIfs) {
		return s.Data
	}
	return 0
}

// shape returns the function that fills a row.
func (s *sheet) shape() func(row) {
	if s.Fill != nil {
		put := &Cells{s: s}
		return func(r row) {
			put.row = r.number
			s.Fill(s.index, r.number, put)
		}
	}
	switch s.Shape {
	case Chain:
		return func(r row) {
			if r.number == 1 {
				r.input("A", 1)
			} else {
				r.formula("A", "A^+1", 2, float64(r.number))
			}
		}
	case Growing:
		sum := 0
		return func(r row) {
			n := scatter(r.number) % 1000
			sum += n
			r.input("A", float64(n))
			r.formula("B", "SUM($A$1:A#)", 1, float64(sum))
		}
	case Lookup:
		return s.lookup()
	case SumIfs:
		return s.sumIfs()
	}
	return s.local
}

func (s *sheet) local(r row) {
	a, b, c := localInputs(r.number)
	r.input("A", a)
	r.input("B", b)
	r.input("C", c)
	if r.s.Stale {
		a, b, c = localInputs(r.number + maxRows)
	}
	left, v := "", 0.0
	for j := range s.Formulas {
		text := "A#*B#"
		switch j % 4 {
		case 0:
			v = a * b
		case 1:
			text, v = left+"#+C#", v+c
		case 2:
			text, v = left+"#/B#", v/b
		case 3:
			text = "IF(" + left + "#&gt;C#," + left + "#-C#,0.5)"
			if v > c {
				v -= c
			} else {
				v = 0.5
			}
		}
		left = column(3 + j)
		r.formula(left, text, 1, v)
	}
}

func localInputs(i int) (a, b, c float64) {
	n := scatter(i)
	return float64(n%100_000) / 100, float64(n/7%99 + 1), float64(n/1000%10_000) / 8
}

// lookup has the keys 1 to n in a scattered order; the value of key k is 3k.
func (s *sheet) lookup() func(row) {
	step := coprime(s.Data)
	end := strconv.Itoa(s.Data)
	return func(r row) {
		if r.number <= s.Data {
			k := float64(r.number*step%s.Data + 1)
			r.input("A", k)
			r.input("B", 3*k)
		}
		if r.number <= s.Rows {
			k := float64(scatter(r.number)%s.Data + 1)
			r.formula("C", "VLOOKUP(D#,$A$1:$B$"+end+",2,FALSE)", 1, 3*k)
			r.input("D", k)
		}
	}
}

// sumIfs has the data of row i made of scatter(i), so that the sums can be known before they are asked for.
func (s *sheet) sumIfs() func(row) {
	const groups = 10
	parts := func(i int) (cat, group, value int) {
		n := scatter(i)
		return n % categories, n / 128 % groups, n / 4096 % 1000
	}
	var sums [categories][groups]int
	for i := 1; i <= s.Data; i++ {
		cat, group, value := parts(i)
		sums[cat][group] += value
	}
	end := strconv.Itoa(s.Data)
	return func(r row) {
		if r.number <= s.Data {
			cat, group, value := parts(r.number)
			r.category("A", cat)
			r.input("B", float64(group))
			r.input("C", float64(value))
		}
		if r.number <= s.Rows {
			cat, group := r.number%categories, r.number/categories%groups
			r.formula("D", "SUMIFS($C$1:$C$"+end+",$A$1:$A$"+end+",E#,$B$1:$B$"+end+",F#)", 1, float64(sums[cat][group]))
			r.category("E", cat)
			r.input("F", float64(group))
		}
	}
}

// scatter gives each row a number that looks drawn at random, from 0 to 2^31-1 (the finalizer of SplitMix64).
func scatter(i int) int {
	z := uint64(i) * 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return int((z ^ z>>31) >> 33)
}

// coprime returns a step that visits all of n places before it comes back.
func coprime(n int) int {
	step := max(int(float64(n)*0.618), 1)
	for gcd(step, n) != 1 {
		step++
	}
	return step
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func column(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return column(i/26-1) + string(rune('A'+i%26))
}

func (r row) open(col string) {
	s := r.s
	s.text(`<c r="`)
	s.text(col)
	s.buf = strconv.AppendInt(s.buf, int64(r.number), 10)
	s.text(`"`)
}

func (r row) value(v float64) {
	s := r.s
	s.text(`<v>`)
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		s.buf = strconv.AppendInt(s.buf, int64(v), 10)
	} else {
		s.buf = strconv.AppendFloat(s.buf, v, 'G', 17, 64) // as Excel writes them
	}
	s.text(`</v>`)
}

// input writes a cell with a number.
func (r row) input(col string, v float64) {
	r.open(col)
	r.s.text(`>`)
	r.value(v)
	r.s.text(`</c>`)
}

// category writes a cell with a shared string.
func (r row) category(col string, i int) {
	r.open(col)
	r.s.text(` t="s"><v>`)
	r.s.buf = strconv.AppendInt(r.s.buf, int64(i), 10)
	r.s.text(`</v></c>`)
}

// formula writes a cell with a formula, in whose text # is the row's number and ^ that of the row above. First is the
// row with which the column's formulas begin.
func (r row) formula(col, text string, first int, v float64) {
	s := r.s
	r.open(col)
	switch {
	case s.Shared && r.number > first:
		s.text(`><f t="shared" si="` + groupOf(col) + `"/>`)
	default:
		s.text(`><f`)
		if s.Shared {
			s.text(` t="shared" ref="` + col + strconv.Itoa(first) + ":" + col + strconv.Itoa(s.Rows) + `" si="` + groupOf(col) + `"`)
		}
		s.text(`>`)
		for i := range len(text) {
			switch text[i] {
			case '#':
				s.buf = strconv.AppendInt(s.buf, int64(r.number), 10)
			case '^':
				s.buf = strconv.AppendInt(s.buf, int64(r.number-1), 10)
			default:
				s.buf = append(s.buf, text[i])
			}
		}
		s.text(`</f>`)
	}
	if !s.NoValues {
		r.value(v)
	}
	s.text(`</c>`)
}

// groupOf numbers the shared formula of a column.
func groupOf(col string) string {
	n := 0
	for i := range len(col) {
		n = n*26 + int(col[i]-'A') + 1
	}
	return strconv.Itoa(n)
}
