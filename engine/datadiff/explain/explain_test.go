package explain_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/explain"
)

type pairs [][2][]byte

func text(list ...string) (p pairs) {
	for i := 0; i < len(list); i += 2 {
		p = append(p, [2][]byte{canon.AppendText(nil, list[i]), canon.AppendText(nil, list[i+1])})
	}
	return p
}

func binary(list ...string) (p pairs) {
	for i := 0; i < len(list); i += 2 {
		p = append(p, [2][]byte{canon.AppendBytes(nil, list[i]), canon.AppendBytes(nil, list[i+1])})
	}
	return p
}

func ints(list ...int64) (p pairs) {
	for i := 0; i < len(list); i += 2 {
		p = append(p, [2][]byte{canon.AppendInt(nil, list[i]), canon.AppendInt(nil, list[i+1])})
	}
	return p
}

func doubles(list ...float64) (p pairs) {
	for i := 0; i < len(list); i += 2 {
		p = append(p, [2][]byte{canon.AppendFloat64(nil, list[i]), canon.AppendFloat64(nil, list[i+1])})
	}
	return p
}

func stamps(list ...int64) (p pairs) {
	for i := 0; i < len(list); i += 2 {
		p = append(p, [2][]byte{canon.AppendTimestamp(nil, list[i]), canon.AppendTimestamp(nil, list[i+1])})
	}
	return p
}

func dates(list ...int64) (p pairs) {
	for i := 0; i < len(list); i += 2 {
		p = append(p, [2][]byte{canon.AppendDate(nil, list[i]), canon.AppendDate(nil, list[i+1])})
	}
	return p
}

func decimals(t *testing.T, list ...string) (p pairs) {
	t.Helper()
	cell := func(s string) []byte {
		b, err := canon.AppendDecimal(nil, s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for i := 0; i < len(list); i += 2 {
		p = append(p, [2][]byte{cell(list[i]), cell(list[i+1])})
	}
	return p
}

func documents(t *testing.T, list ...string) (p pairs) {
	t.Helper()
	cell := func(s string) []byte {
		b, err := canon.AppendJSON(nil, []byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for i := 0; i < len(list); i += 2 {
		p = append(p, [2][]byte{cell(list[i]), cell(list[i+1])})
	}
	return p
}

func null(other []byte, inA bool) pairs {
	if inA {
		return pairs{{canon.AppendNull(nil), other}}
	}
	return pairs{{other, canon.AppendNull(nil)}}
}

const hour = 3_600_000_000

const none = "no common cause found"

func TestFindings(t *testing.T) {
	empty, word := canon.AppendText(nil, ""), canon.AppendText(nil, "x")
	uuid := "\x6c\xcd\x78\x0c\xba\xba\x10\x26\x95\x64\x5b\x8c\x65\x60\x24\xdb"
	guid := "\x0c\x78\xcd\x6c\xba\xba\x26\x10\x95\x64\x5b\x8c\x65\x60\x24\xdb"
	swap := "\x10\x26\xba\xba\x6c\xcd\x78\x0c\x95\x64\x5b\x8c\x65\x60\x24\xdb"
	many := func(p pairs, n int) (all pairs) {
		for range n {
			all = append(all, p...)
		}
		return all
	}
	for name, c := range map[string]struct {
		pairs pairs
		want  []string // sentences, in any order; others may stand beside them
		never string   // a word that no sentence may hold
	}{
		"NULL in A":                        {null(word, true), []string{"the only one is NULL in A and not in B"}, "empty"},
		"NULL in B":                        {many(null(word, false), 2), []string{"all 2 are NULL in B and not in A"}, "empty"},
		"NULL and empty":                   {many(null(empty, true), 2), []string{"all 2 are NULL in A and empty in B"}, ""},
		"empty and NULL":                   {many(null(empty, false), 2), []string{"all 2 are empty in A and NULL in B"}, ""},
		"empty and some":                   {text("a", "", "b", ""), []string{"all 2 are empty in B and not in A"}, "cut"},
		"blanks at the end":                {text("a", "a ", "b  ", "b"), []string{"all 2 are equal without blanks at the end"}, "cut"},
		"blanks at the start":              {text("a", " a"), []string{"the only one is equal without blanks at the start"}, ""},
		"blanks around":                    {text("a ", " a"), []string{"the only one is equal without blanks at both ends"}, ""},
		"blanks inside":                    {text("a b", "a  b"), []string{none}, ""},
		"line ends":                        {text("a\r\nb", "a\nb"), []string{"the only one is equal when CR LF counts as LF"}, ""},
		"more lines":                       {text("a\r\n\r\nb", "a\nb"), []string{none}, ""},
		"case":                             {text("Straße", "STRAßE", "a", "A"), []string{"all 2 are equal without regard to case"}, ""},
		"case and a letter":                {text("ab", "AC"), []string{none}, ""},
		"normal form":                      {text("é", "e\u0301"), []string{"the only one is equal in Unicode's normal form C"}, ""},
		"an accent":                        {text("é", "e"), []string{none}, ""},
		"encoded twice":                    {text("café", "cafÃ©", "“x”", "â€œxâ€\u009d"), []string{"all 2 hold in B the UTF-8 of A, read as Latin-1 and encoded again"}, ""},
		"encoded twice in A":               {text("cafÃ©", "café"), []string{"the only one holds in A the UTF-8 of B, read as Latin-1 and encoded again"}, ""},
		"nearly encoded twice":             {text("café", "cafÃª"), []string{none}, ""},
		"question marks":                   {text("naïve 😀", "na?ve ?", "é", "\uFFFD", "é", "??"), []string{"all 3 have ? or U+FFFD in B for characters of A"}, ""},
		"question marks in A":              {text("na?ve", "naïve"), []string{"the only one has ? or U+FFFD in A for characters of B"}, ""},
		"a question":                       {text("no.", "no?"), []string{none}, ""},
		"cut at bytes":                     {text("abcdef", "abc", "xyzzy", "xyz"), []string{"all 2 are cut to 3 bytes in B"}, ""},
		"cut at characters":                {text("äöüß", "äöü", "abcd", "abc"), []string{"all 2 are cut to 3 characters in B"}, ""},
		"cut at various":                   {text("abcdef", "abc", "xyzzy", "x"), []string{"all 2 hold in B only the start of A, 1 to 3 bytes of it"}, ""},
		"cut at one byte":                  {text("abc", "a"), []string{"the only one is cut to 1 byte in B"}, ""},
		"cut at one character":             {text("äöü", "ä"), []string{"the only one is cut to 1 character in B"}, ""},
		"cut in A":                         {text("abc", "abcd"), []string{"the only one is cut to 3 bytes in A"}, ""},
		"no prefix":                        {text("abc", "abd"), []string{none}, ""},
		"entities":                         {text("a & b", "a &amp; b", `"x"`, "&quot;x&#34;"), []string{"all 2 are quoted or escaped in B and not in A"}, ""},
		"backslashes":                      {text("a\n\"b\"", `a\n\"b\"`, "é", `\u00e9`), []string{"all 2 are quoted or escaped in B and not in A"}, ""},
		"quotes":                           {text(`"a"`, "a", `"a ""b"""`, `a "b"`), []string{"all 2 are quoted or escaped in A and not in B"}, ""},
		"another entity":                   {text("a < b", "a &amp; b"), []string{none}, ""},
		"numbers in text":                  {text("007", "7", "1.50", "1.5"), []string{"all 2 are the same number, written differently"}, ""},
		"other numbers in text":            {text("008", "7"), []string{none}, ""},
		"one word for all":                 {text("a", "b", "c", "d", "e", "f"), []string{none}, ""},
		"rounded":                          {decimals(t, "1.2345", "1.23", "9.999", "10", "-1.005", "-1.01"), []string{"all 3 hold in B the value of A rounded to 2 decimals"}, "cut"},
		"cut decimals":                     {decimals(t, "1.239", "1.23", "9.999", "9.99", "-1.006", "-1"), []string{"all 3 hold in B the value of A cut to 2 decimals"}, ""},
		"equal after rounding":             {decimals(t, "1.2341", "1.2339", "5.6782", "5.6781"), []string{"all 2 are equal after rounding to 3 decimals"}, "value of"},
		"not rounded":                      {decimals(t, "1.23", "1.9", "5.1", "7.77"), []string{none}, ""},
		"float noise":                      {doubles(0.30000000000000004, 0.3, 1.2100000000000002, 1.21), []string{"all 2 are equal after rounding to 16 significant digits"}, ""},
		"single precision":                 {doubles(0.1, float64(float32(0.1)), 1234.5678, float64(float32(1234.5678))), []string{"all 2 are equal in single precision (a float of four bytes)"}, ""},
		"difference":                       {ints(1, 8, 100, 107), []string{"all 2 differ by exactly +7 (B is greater)"}, "times"},
		"difference of decimals":           {decimals(t, "1.5", "1.25", "7", "6.75"), []string{"all 2 differ by exactly -0.25 (B is less)"}, ""},
		"differences":                      {ints(1, 8, 100, 108), []string{none}, ""},
		"factor 100":                       {decimals(t, "1.5", "150", "7.25", "725"), []string{"all 2 are in B exactly 100 times what they are in A"}, ""},
		"factor 1024 down":                 {ints(2048, 2, 7168, 7), []string{"all 2 are in A exactly 1,024 times what they are in B"}, ""},
		"factor 3/2":                       {ints(2, 3, 4, 6, 20, 30), []string{"all 3 are in B exactly 3/2 times what they are in A"}, ""},
		"sign":                             {ints(5, -5, -7, 7, 1, -1), []string{"all 3 have the opposite sign"}, "times"},
		"nearly the sign":                  {ints(5, -6, -7, 9), []string{none}, ""},
		"booleans":                         {ints(0, 1, 0, 1), []string{"all 2 are 0 in A and 1 in B (false and true, if it is a boolean)"}, "differ"},
		"booleans both ways":               {ints(0, 1, 1, 0), []string{"1 of 2 (50 %) is 0 in A and 1 in B (false and true, if it is a boolean)"}, "differ"},
		"an hour":                          {stamps(7, hour+7, 1e15, 1e15+hour), []string{"all 2 differ by exactly +1 h (B is later)"}, "equal"},
		"earlier":                          {stamps(1e15, 1e15-hour*49/2), []string{"the only one differs by exactly -1 d 30 min (B is earlier)"}, ""},
		"daylight saving":                  {stamps(1, hour+1, 2, hour+2, 3, 2*hour+3, 4, 2*hour+4), []string{"all 4 differ by exactly +1 h (2) or +2 h (2), as a time zone with daylight saving does (B is later)"}, ""},
		"time zones":                       {stamps(1, hour+1, 2, hour/2+2, 3, 5*hour+3), []string{"all 3 differ by whole quarter hours, from +30 min to +5 h, as time zones do"}, ""},
		"nearly time zones":                {stamps(1, 25*hour+2, 2, 25*hour/2+hour*24, 3, 50*hour+3+1), []string{none}, ""},
		"milliseconds":                     {stamps(1_000_123, 1_000_000, 2_500_999, 2_500_000), []string{"all 2 are equal to the millisecond"}, ""},
		"seconds":                          {stamps(1_900_123, 1_000_000, 2_500_999, 2_000_000), []string{"all 2 are equal to the second"}, ""},
		"rounded seconds":                  {stamps(1_900_123, 2_000_000, 3_500_999, 4_000_000, 3_100_000, 3_000_000), []string{"all 3 are equal after one side was rounded to the second"}, ""},
		"days":                             {stamps(10*hour+5, 0, 25*hour+6, 24*hour), []string{"all 2 are equal to the day"}, ""},
		"an hour in text":                  {text("2026-02-01 10:00:00", "2026-02-01 11:00:00", "2026-12-31 23:30:00.5", "2027-01-01 00:30:00.5"), []string{"all 2 differ by exactly +1 h (B is later)"}, "equal"},
		"moments written differently":      {text("2026-02-01T10:00:00Z", "2026-02-01 10:00:00+00", "2026-02-01T10:00:00.120Z", "2026-02-01 10:00:00.12"), []string{"all 2 are the same moment, written differently"}, "differ by"},
		"text that begins like a moment":   {text("2026-02-01 10:00:00 UTC", "2026-02-01 11:00:00 UTC"), []string{none}, ""},
		"infinity":                         {stamps(canon.PositiveInfinity, 0), []string{none}, ""},
		"a day of dates":                   {dates(5, 6, 100, 101), []string{"all 2 differ by exactly +1 d (B is later)"}, "equal"},
		"keys":                             {documents(t, `{"a":1,"b":2}`, `{"a":1}`, `{"a":2,"b":3,"c":4}`, `{"a":2}`), []string{`all 2 are equal in all keys that both sides have ("b", "c" only in A)`}, ""},
		"keys of both":                     {documents(t, `{"a":1,"b":2}`, `{"a":1,"z":9}`), []string{`the only one is equal in all keys that both sides have ("b" only in A; "z" only in B)`}, ""},
		"other values":                     {documents(t, `{"a":1,"b":2}`, `{"a":2}`), []string{none}, ""},
		"no key in common":                 {documents(t, `{"a":1}`, `{"b":1}`), []string{none}, ""},
		"numbers in quotes":                {documents(t, `{"a":"1.50","b":[true]}`, `{"a":1.5,"b":["true"]}`, `"7"`, `7`), []string{"all 2 are the same document when numbers in quotes count as numbers"}, ""},
		"other numbers in quotes":          {documents(t, `{"a":"1.51"}`, `{"a":1.5}`), []string{none}, ""},
		"reversed bytes":                   {binary("\x01\x02\x03", "\x03\x02\x01"), []string{"the only one holds the same bytes in reverse order"}, ""},
		"GUID":                             {binary(uuid, guid), []string{"the only one holds the same UUID with its first three fields byte-swapped, as a Windows GUID is stored"}, ""},
		"time first":                       {binary(uuid, swap), []string{"the only one holds in B the UUID of A with its time swapped, as UUID_TO_BIN(u, 1) does"}, ""},
		"time first in A":                  {binary(swap, uuid), []string{"the only one holds in A the UUID of B with its time swapped, as UUID_TO_BIN(u, 1) does"}, ""},
		"another UUID":                     {binary(uuid, strings.Replace(guid, "\x24", "\x25", 1)), []string{none}, ""},
		"almost all":                       {append(many(text("a", "A"), 19), text("a", "b")...), []string{"almost all (19 of 20) are equal without regard to case"}, ""},
		"a third":                          {append(text("a", "A"), text("a", "b", "a", "c")...), []string{"1 of 3 (33 %) is equal without regard to case"}, ""},
		"too few":                          {append(many(text("a", "b"), 19), text("a", "A")...), []string{none}, ""},
		"a hash of a long value":           {pairs{{append([]byte{byte(canon.Digest), 99}, make([]byte, 16)...), word}}, []string{none}, ""},
		"bytes that are no cells":          {pairs{{[]byte("?"), nil}}, []string{none}, ""},
		"the greatest and the least value": {ints(math.MaxInt64, math.MinInt64), []string{none}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			// Once whole and once in two parts: the sentences are the same.
			var whole, left, right explain.Column
			for i, p := range c.pairs {
				whole.Add(p[0], p[1])
				if i%2 == 0 {
					left.Add(p[0], p[1])
				} else {
					right.Add(p[0], p[1])
				}
			}
			left.Merge(&right)
			for _, column := range []*explain.Column{&whole, &left} {
				var said []string
				for _, f := range column.Findings() {
					said = append(said, f.Text)
					if f.Kind != explain.None && (f.Rows < 1 || len(f.Examples) == 0 || len(f.Examples) > 3) {
						t.Errorf("%q: %d rows, %d examples", f.Text, f.Rows, len(f.Examples))
					}
				}
				all := strings.Join(said, "\n")
				for _, want := range c.want {
					if !strings.Contains("\n"+all+"\n", "\n"+want+"\n") {
						t.Errorf("said\n%s\nand not\n%s", all, want)
					}
				}
				if c.never != "" && strings.Contains(all, c.never) {
					t.Errorf("said\n%s\nwith %q", all, c.never)
				}
			}
		})
	}
}

func TestThousands(t *testing.T) {
	var c explain.Column
	for i := range int64(12_000) {
		c.Add(canon.AppendTimestamp(nil, i*77), canon.AppendTimestamp(nil, i*77+hour))
	}
	if got := c.Findings()[0].Text; got != "all 12,000 differ by exactly +1 h (B is later)" {
		t.Error(got)
	}
}

// TestBounds: a parameter that comes after more others than the table holds is counted too low, never
// too high, and the sentence says so.
func TestBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var whole, left, right explain.Column
	const noise, same = 500, 9_500
	for i := range int64(noise + same) {
		v := r.Int64N(1 << 40)
		d := int64(7)
		if i < noise {
			d = 1000 + i
		}
		a, b := canon.AppendInt(nil, v), canon.AppendInt(nil, v+d)
		whole.Add(a, b)
		if i%2 == 0 {
			left.Add(a, b)
		} else {
			right.Add(a, b)
		}
	}
	left.Merge(&right)
	for _, c := range []*explain.Column{&whole, &left} {
		f := c.Findings()[0]
		if f.Kind != explain.Delta || f.Detail != "+7" || !f.AtLeast || f.Rows > same || f.Rows < same-noise || !strings.HasPrefix(f.Text, "at least ") {
			t.Errorf("%+v", f)
		}
	}
}

func TestEmpty(t *testing.T) {
	var c explain.Column
	if f := c.Findings(); f != nil {
		t.Errorf("%v of no pairs", f)
	}
}

func TestAllocs(t *testing.T) {
	for name, p := range map[string]pairs{
		"numbers": ints(1, 8), "decimals": decimals(t, "12.345", "12.35"), "moments": stamps(1, hour), "texts": text("some words", "Some other words"),
	} {
		var c explain.Column
		for range 10 {
			c.Add(p[0][0], p[0][1])
		}
		if n := testing.AllocsPerRun(100, func() { c.Add(p[0][0], p[0][1]) }); n != 0 {
			t.Errorf("%s: %v allocations for a pair", name, n)
		}
	}
}

// FuzzAdd reads foreign bytes, and bytes that are cells.
func FuzzAdd(f *testing.F) {
	f.Add([]byte("a"), []byte("b"), byte(0))
	f.Add([]byte("12.5"), []byte("13"), byte(3))
	f.Add([]byte(`{"a":[1]}`), []byte(`{"a":["1"],"b":2}`), byte(4))
	f.Add(canon.AppendInt(nil, math.MinInt64), canon.AppendInt(nil, math.MaxInt64), byte(9))
	f.Fuzz(func(t *testing.T, a, b []byte, kind byte) {
		cell := func(v []byte) []byte {
			switch kind % 10 {
			case 0:
				return canon.AppendText(nil, v)
			case 1:
				return canon.AppendBytes(nil, v)
			case 2:
				return canon.AppendInexact(nil, v)
			case 3:
				c, _ := canon.AppendDecimal(nil, v)
				return c
			case 4:
				c, _ := canon.AppendJSON(nil, v)
				return c
			case 5, 6, 7, 8:
				var n [9]byte
				copy(n[:], v)
				n[0] = []byte{byte(canon.Timestamp), byte(canon.Date), byte(canon.Float64), byte(canon.NegativeInt)}[kind%10-5]
				return n[:]
			}
			return v
		}
		var c, d explain.Column
		c.Add(cell(a), cell(b))
		d.Add(cell(b), cell(a))
		c.Merge(&d)
		for _, f := range c.Findings() {
			if f.Rows < 0 || f.Rows > 2 || f.Text == "" || f.Share > 1 {
				t.Errorf("%+v", f)
			}
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, pair := range map[string]func() ([]byte, []byte){
		"integers": func() ([]byte, []byte) {
			return canon.AppendInt(nil, r.Int64N(1<<40)), canon.AppendInt(nil, r.Int64N(1<<40))
		},
		"doubles": func() ([]byte, []byte) {
			return canon.AppendFloat64(nil, r.Float64()), canon.AppendFloat64(nil, r.Float64())
		},
		"moments": func() ([]byte, []byte) {
			return canon.AppendTimestamp(nil, r.Int64N(1<<50)), canon.AppendTimestamp(nil, r.Int64N(1<<50))
		},
		"texts": func() ([]byte, []byte) {
			return canon.AppendText(nil, "an address of some length, with a city"), canon.AppendText(nil, "an address of some length, without one")
		},
	} {
		b.Run(name, func(b *testing.B) {
			var cells [1024][2][]byte
			for i := range cells {
				cells[i][0], cells[i][1] = pair()
			}
			var c explain.Column
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				c.Add(cells[i%1024][0], cells[i%1024][1])
				i++
			}
		})
	}
}
