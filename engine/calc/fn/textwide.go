package fn

import (
	"strings"
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// textWideTable are the functions between the two widths of characters in East Asian text.
var textWideTable = []*Func{
	{Name: "ASC", Category: "Text", Takes: "t", Doc: "text with full-width letters, digits and katakana made half-width", Body: func(c *Call) cell.Value {
		return fitText(widths().narrow.Replace(c.Str(0)))
	}},
	{Name: "DBCS", Category: "Text", Takes: "t", Doc: "text with half-width letters, digits and katakana made full-width", Body: dbcs},
	{Name: "JIS", Category: "Text", Takes: "t", Doc: "DBCS, as it is called in Japanese", Body: dbcs},
}

func dbcs(c *Call) cell.Value { return fitText(widths().widen.Replace(c.Str(0))) }

// The katakana and their marks of half width, and those of full width in the same order.
const (
	halfKana = "｡｢｣､･ｦｧｨｩｪｫｬｭｮｯｰｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ"
	fullKana = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜"
)

type widthPair struct{ narrow, widen *strings.Replacer }

// widths are the two conversions. A letter with a voicing mark is one character of full width and two of half width.
var widths = sync.OnceValue(func() widthPair {
	var narrow, widen []string
	pair := func(half, full string) {
		narrow = append(narrow, full, half)
		widen = append(widen, half, full)
	}
	half, full := []rune(halfKana), []rune(fullKana)
	for i, f := range full {
		h := string(half[i])
		// In Unicode the voiced letter follows the plain one, and the half-voiced one that.
		if strings.ContainsRune("カキクケコサシスセソタチツテトハヒフヘホ", f) {
			pair(h+"ﾞ", string(f+1))
		}
		if strings.ContainsRune("ハヒフヘホ", f) {
			pair(h+"ﾟ", string(f+2))
		}
		if f == 'ウ' {
			pair(h+"ﾞ", "ヴ")
		}
	}
	for i, f := range full {
		pair(string(half[i]), string(f))
	}
	// Some signs have the full width of the Japanese code page, which is not the one that Unicode names so. That is read too.
	for _, p := range []string{"\"”", "'’", "`‘", "\\￥", "ｰ―"} {
		r := []rune(p)
		narrow = append(narrow, string(r[1]), string(r[0]))
		if r[0] < 0x80 {
			widen = append(widen, string(r[0]), string(r[1]))
		}
	}
	pair(" ", "\u3000")
	for r := rune(0x21); r < 0x7F; r++ {
		pair(string(r), string(r+0xFEE0))
	}
	return widthPair{strings.NewReplacer(narrow...), strings.NewReplacer(widen...)}
})
