package sqltoken

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

var kindNames = map[Kind]string{Word: "word", Quoted: "name", String: "string", Number: "number", Param: "param", Template: "template", Punct: "op", Comment: "comment", Unclosed: "unclosed"}

// shown is what a text is cut into, for comparison.
func shown(src string, opt Options, delimiter string) string {
	var out []string
	opt.Comment = func(t Token) { out = append(out, "comment:"+t.Text) }
	l := New(src, 0, len(src), 1, opt)
	l.Delimiter = delimiter
	for t := l.Next(); t.Kind != EOF; t = l.Next() {
		out = append(out, kindNames[t.Kind]+":"+t.Text)
	}
	return strings.Join(out, " ")
}

var (
	pg       = Options{Dialect: PostgreSQL, Columns: true}
	my       = Options{Dialect: MySQL, Columns: true}
	generic  = Options{Columns: true}
	tolerant = Options{Tolerant: true}
	tolerMy  = Options{Tolerant: true, Dialect: MySQL}
	query    = Options{Tolerant: true, Query: true}
)

func TestTokens(t *testing.T) {
	tests := []struct {
		name string
		opt  Options
		src  string
		want string
	}{
		{"words and operators", pg, "SELECT a$b->>'x'::text", "word:SELECT word:a$b op:->> string:'x' op::: word:text"},
		{"numbers", pg, "1 1.5 .5 1e-3 0x1F t.1 1..2", "number:1 number:1.5 number:.5 number:1e-3 number:0x1F word:t op:. number:1 number:1 op:. number:.2"},
		{"operators", pg, "a<=>b @> c !~~* d ?| e || f <> g", "word:a op:<=> word:b op:@> word:c op:!~~ op:* word:d op:?| word:e op:|| word:f op:<> word:g"},
		{"doubled quotes", pg, `'it''s' "a""b"`, `string:'it''s' name:"a""b"`},
		{"standard strings", pg, `'\' E'\''`, `string:'\' string:E'\''`},
		{"backslashes when said", Options{Dialect: PostgreSQL, Backslashes: true}, `'\'' "\"`, `string:'\'' name:"\"`},
		{"strings with a prefix", pg, `e'a' b'1' X'F' n'a' U&'\0061' u&"b" u & 1`, `string:e'a' string:b'1' string:X'F' string:n'a' string:U&'\0061' name:u&"b" word:u op:& number:1`},
		{"dollar quotes", pg, "$$a'$$ $f$ $$ $f$ $1 a$b$", "string:$$a'$$ string:$f$ $$ $f$ param:$1 word:a$b$"},
		{"nested comments", pg, "/* a /* b */ c */ d --e\r\n/*! f */", "comment:/* a /* b */ c */ word:d comment:--e comment:/*! f */"},
		{"# in PostgreSQL", pg, "a # b", "word:a op:# word:b"},
		{"arrays", pg, "ARRAY[a] x[i]", "word:ARRAY op:[ word:a op:] word:x op:[ word:i op:]"},
		{"psql's variables", pg, `:a :'b' :"c" d::e`, `param::a param::'b' param::"c" word:d op::: word:e`},
		{"@ in PostgreSQL", pg, "@ -1 a @@ b", "op:@ op:- number:1 word:a op:@@ word:b"},
		{"templates", pg, "${a}_b {{c}} <%= d %> t_${e}", "template:${a}_b template:{{c}} template:<%= d %> word:t_ template:${e}"},
		{"open templates", pg, "${a {{b <%c", "op:$ op:{ word:a op:{ op:{ word:b op:< op:% word:c"},

		{"MySQL's strings", my, `'a\'b' "c\"d" e'x'`, `string:'a\'b' string:"c\"d" word:e string:'x'`},
		{"MySQL's comments", my, "1--1 -- a\n#b\n/* /* c */ d", "number:1 op:- op:- number:1 comment:-- a comment:#b comment:/* /* c */ word:d"},
		{"-- at the end", my, "a --", "word:a comment:--"},
		{"versioned code", my, "/*!40101 SET a */ /*M!100100 b */", "word:SET word:a word:b"},
		{"MySQL's names", my, "`a``b` $c c$d @e @@global.f", "name:`a``b` word:$c word:c$d param:@e param:@@global.f"},
		{"definer", my, "`u`@`h`", "name:`u` op:@ name:`h`"},
		{"values in MySQL", my, "? :a", "param:? param::a"},

		{"SQLite", generic, "[a b] `c` \"d\\\" ?1 :e @f $g x'0a' $$", "name:[a b] name:`c` name:\"d\\\" param:?1 param::e param:@f param:$g string:x'0a' op:$ op:$"},
		{"SQLite's comments", generic, "/* /* a */ --b", "comment:/* /* a */ comment:--b"},

		{"all quotes at once", tolerant, "'a' \"b\" `c` [d] E'\\'' $$e$$ @f", "string:'a' name:\"b\" name:`c` name:[d] string:E'\\'' string:$$e$$ param:@f"},
		{"arrays are told from names", tolerant, "ARRAY[a] x[i] y [b c] text[]", "word:ARRAY op:[ word:a op:] word:x op:[ word:i op:] word:y name:[b c] word:text op:[ op:]"},
		{"comments of all products", tolerant, "#a\n//b\nc # d\n/*!40101 e */ --f", "comment:#a comment://b word:c op:# word:d word:e comment:--f"},
		{"a nested comment that does not close", tolerant, "/* /* a */ b", "comment:/* /* a */ word:b"},
		{"a comment that does not close", tolerant, "a /* b", "word:a comment:/* b"},
		{"foreign blanks", tolerant, "\uFEFFa \u00a0b", "word:a word:b"},
		{"an open string", tolerant, "a 'b; c", "word:a op:' word:b op:; word:c"},
		{"an open string behind a letter", tolerant, "E'b", "word:E op:' word:b"},
		{"an open dollar quote", tolerant, "$f$ a", "op:$ word:f$ word:a"},
		{"tolerant MySQL", tolerMy, `'a\'b' c # d`, `string:'a\'b' word:c comment:# d`},

		{"values of a query", query, "? ?1 $1 :a %s %(b)s %1$s {} {c} d?|e", "param:? param:?1 param:$1 param::a param:%s param:%(b)s param:%1$s template:{} template:{c} word:d op:?| word:e"},
		{"templates of a query", query, "#{a} $b ${c}", "template:#{a} template:$b template:${c}"},
		{"no comments by # or //", query, "# a\n// b", "op:# word:a op:/ op:/ word:b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := shown(tt.src, tt.opt, ""); got != tt.want {
				t.Errorf("%s\ngot  %s\nwant %s", tt.src, got, tt.want)
			}
		})
	}
}

func TestDelimiter(t *testing.T) {
	for _, c := range []struct{ delimiter, src, want string }{
		{"$$", "END$$ a; b$$", "word:END op:$$ word:a op:; word:b op:$$"},
		{"//", "a // b", "word:a op:// word:b"},
		{"--", "a -- b", "word:a op:-- word:b"},
	} {
		if got := shown(c.src, my, c.delimiter); got != c.want {
			t.Errorf("%s: %s, not %s", c.src, got, c.want)
		}
	}
}

func TestPlaces(t *testing.T) {
	src := "x;ä 'é\n' b\n\n  c /*\n*/ d"
	var got []string
	l := New(src, 2, len(src), 7, Options{Dialect: PostgreSQL, Columns: true, Comment: func(t Token) { got = append(got, fmt.Sprintf("%d:%d-%d", t.Line, t.Column, t.EndLine())) }})
	for k := l.Next(); k.Kind != EOF; k = l.Next() {
		if src[k.Start:k.End()] != k.Text {
			t.Errorf("%+v", k)
		}
		mark := ""
		if k.First {
			mark += "^"
		}
		if k.Spaced {
			mark += "_"
		}
		got = append(got, fmt.Sprintf("%s%s%d:%d-%d", k.Text[:1], mark, k.Line, k.Column, k.EndLine()))
	}
	if want := "\xc3^7:1-7 '_7:3-8 b_8:3-8 c^_10:3-10 10:5-11 d^_11:4-11"; strings.Join(got, " ") != want {
		t.Errorf("got  %q\nwant %q", strings.Join(got, " "), want)
	}
	if l.Pos() != len(src) || l.Line() != 11 || l.Column() != 5 {
		t.Errorf("the end is at %d, %d:%d", l.Pos(), l.Line(), l.Column())
	}
}

func TestSkipping(t *testing.T) {
	l := New("COPY;\r\n1\tä\n\\.\nb c", 0, 18, 1, pg)
	l.Next()
	if l.RestOfLine() != ";\r" {
		t.Errorf("the rest of the line is %q", l.RestOfLine())
	}
	l.SkipLine()
	if l.Line() != 2 || l.Column() != 1 {
		t.Errorf("at %d:%d", l.Line(), l.Column())
	}
	l.SkipTo(10)
	if l.Line() != 2 || l.Column() != 4 {
		t.Errorf("at %d:%d", l.Line(), l.Column())
	}
	l.SkipLine()
	l.SkipLine()
	if k := l.Next(); k.Text != "b" || !k.First || k.Line != 4 || k.Column != 1 {
		t.Errorf("%+v", k)
	}
	l.SkipLine()
	l.SkipLine()
	if k := l.Next(); k.Kind != EOF || k.Start != 18 {
		t.Errorf("%+v", k)
	}
}

func TestUnclosed(t *testing.T) {
	tests := []struct {
		opt     Options
		src     string
		text    string
		closing string
		kind    Kind
	}{
		{pg, "a 'b\n", "'b\n", "'", String},
		{pg, "a E'b", "E'b", "'", String},
		{pg, "a \"b", "\"b", "\"", Quoted},
		{pg, "a $f$ b $g$", "$f$ b $g$", "$f$", String},
		{pg, "a /* /* */", "/* /* */", "*/", Comment},
		{pg, "a :'b", ":'b", "'", Param},
		{my, "a \"b\\\"", "\"b\\\"", "\"", String},
		{my, "a `b", "`b", "`", Quoted},
		{generic, "a /*", "/*", "*/", Comment},
	}
	for _, tt := range tests {
		l := New(tt.src, 0, len(tt.src), 1, tt.opt)
		l.Next()
		k := l.Next()
		closing, kind := l.Missing()
		if k.Kind != Unclosed || k.Text != tt.text || k.Line != 1 || k.Column != 3 || closing != tt.closing || kind != tt.kind {
			t.Errorf("%q: %+v lacks %q of kind %d", tt.src, k, closing, kind)
		}
		if k = l.Next(); k.Kind != EOF {
			t.Errorf("%q: %+v follows", tt.src, k)
		}
	}
}

func TestValues(t *testing.T) {
	tests := []struct {
		opt         Options
		src         string
		value, body string // body is - when the content does not stand in the source as it is
	}{
		{pg, "Abc", "Abc", "-"},
		{pg, `"a""b"`, `a"b`, "-"},
		{pg, `U&"a"`, "a", "-"},
		{my, "`a``b`", "a`b", "-"},
		{tolerant, "[a]", "a", "-"},
		{pg, "'a'", "a", "a"},
		{pg, "''", "", ""},
		{pg, "''''", "'", "-"},
		{pg, "n'n'", "n", "n"},
		{pg, `E'a\n'`, `a\n`, "-"},
		{my, `"a"`, "a", "a"},
		{pg, "$$$$", "", ""},
		{pg, "$f$ f '' $f$", " f '' ", " f '' "},
	}
	for _, tt := range tests {
		src := "  " + tt.src
		k := New(src, 0, len(src), 1, tt.opt)
		tok := k.Next()
		body, start, ok := tok.Body()
		if !ok {
			body = "-"
		} else if src[start:start+len(body)] != body || start <= 2 {
			t.Errorf("%s: the body is not at %d", tt.src, start)
		}
		if tok.Text != tt.src || tok.Value() != tt.value || body != tt.body {
			t.Errorf("%s: %s, value %q, body %q", tt.src, tok.Text, tok.Value(), body)
		}
	}
}

// TestNoAllocations: a token is a slice of the text.
func TestNoAllocations(t *testing.T) {
	src := strings.Repeat("SELECT a, 'b', \"c\", $$d$$, 1.5 /* e */ -- f\n;", 20)
	for _, opt := range []Options{pg, my, generic, tolerant, query} {
		l := New(src, 0, len(src), 1, opt)
		if n := testing.AllocsPerRun(100, func() { l.Next() }); n != 0 {
			t.Errorf("%+v: %v allocations a token", opt, n)
		}
	}
}

// TestLinear reads shapes that invite quadratic work. A quadratic reader does not come back from this
// within the test's time.
func TestLinear(t *testing.T) {
	const size = 1 << 20
	for _, unit := range []string{"a ", "ä", "'", "\"", "`a ", "E'", "U&'", "$$a", "$a$ ", "$ ", "/*", "/*!", "*/", "[a ", "{{ ", "${", "#{", "<% ", "{", "%(", ":'", "@", "-", "''", "\\'", "$a$b"} {
		src := strings.Repeat(unit, size/len(unit))
		for _, opt := range []Options{pg, my, tolerant, query} {
			l := New(src, 0, len(src), 1, opt)
			for t := l.Next(); t.Kind != EOF; t = l.Next() {
			}
		}
	}
}

// FuzzLexer holds the promises to every input and reading: progress, texts as they stand, lines and
// columns that counting from the start finds too, and nothing but white space and comments in between.
func FuzzLexer(f *testing.F) {
	for _, seed := range []string{"SELECT 1;", "DO $$ x; $$;", "E'\\''", "/*!40101 a */ b", "{{a}}${b}#{c}<%= d %>", "[a] ARRAY[b] @@c :d %(e)s ?1", "\uFEFF-- ä\r\n'é\n' b", "U&\"a\" U&'", "/* /* */"} {
		f.Add(seed, uint8(0), "")
		f.Add(seed, uint8(0xff), ";;")
		f.Add(seed, uint8(4), "\n")
	}
	f.Fuzz(func(t *testing.T, src string, how uint8, delimiter string) {
		comments := 0
		opt := Options{Dialect: Dialect(how % 3), Tolerant: how&4 != 0, Query: how&8 != 0, Backslashes: how&16 != 0, Columns: true}
		opt.Comment = func(c Token) {
			if c.Kind != Comment || !strings.HasPrefix(src[c.Start:], c.Text) || c.Text == "" {
				t.Fatalf("comment %+v", c)
			}
			comments++
		}
		l := New(src, 0, len(src), 1, opt)
		l.Delimiter = delimiter
		last, unclosed := 0, false
		whole := utf8.ValidString(src) && utf8.ValidString(delimiter) // no token ends inside a character
		for {
			before := comments
			k := l.Next()
			if k.Start < last || src[k.Start:k.End()] != k.Text {
				t.Fatalf("token %+v behind %d", k, last)
			}
			if between := src[last:k.Start]; comments == before && !unclosed && strings.TrimFunc(between, func(r rune) bool {
				return r == utf8.RuneError || strings.ContainsRune(" \t\r\n\f\v\x00\uFEFF\u00a0*/!M0123456789", r)
			}) != "" {
				t.Fatalf("%q was skipped", between)
			}
			begun := strings.LastIndexByte(src[:k.Start], '\n') + 1
			if line := 1 + strings.Count(src[:k.Start], "\n"); k.Line != line {
				t.Fatalf("token %+v is in line %d", k, line)
			}
			if column := 1 + utf8.RuneCountInString(src[begun:k.Start]); k.Column != column && whole {
				t.Fatalf("token %+v is in column %d", k, column)
			}
			if k.Kind == EOF {
				if k.Start != len(src) {
					t.Fatalf("the end is at %d of %d", k.Start, len(src))
				}
				return
			}
			if k.Text == "" || unclosed {
				t.Fatalf("token %+v", k)
			}
			unclosed = k.Kind == Unclosed
			if unclosed && opt.Tolerant {
				t.Fatalf("token %+v", k)
			}
			k.Value()
			if body, at, ok := k.Body(); ok && src[at:at+len(body)] != body {
				t.Fatalf("body of %+v", k)
			}
			last = k.End()
		}
	})
}

func BenchmarkNext(b *testing.B) {
	src := strings.Repeat("INSERT INTO orders (id, \"state\", total) VALUES (1, 'it''s new', 10.5), ($1, $$paid$$, NULL::numeric); -- two\n", 1000)
	for _, c := range []struct {
		name string
		opt  Options
	}{{"postgres", pg}, {"mysql", my}, {"tolerant", tolerant}, {"query", query}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				l := New(src, 0, len(src), 1, c.opt)
				for t := l.Next(); t.Kind != EOF; t = l.Next() {
				}
			}
		})
	}
}
