package sqltoken

import (
	"strings"
	"testing"
)

func cursorOf(src string) *Cursor {
	c := &Cursor{}
	l := New(src, 0, len(src), 1, pg)
	for t := l.Next(); t.Kind != EOF; t = l.Next() {
		c.Tokens = append(c.Tokens, t)
	}
	return c
}

func texts(tokens []Token) string {
	out := make([]string, len(tokens))
	for i := range tokens {
		out[i] = tokens[i].Text
	}
	return strings.Join(out, " ")
}

func TestCursor(t *testing.T) {
	c := cursorOf("ALTER table t (a, f(b, c)) = x (WHERE) WHERE y")
	if c.Accept("ALTER", "VIEW") || !c.Is("ALTER", "TABLE") || !c.Accept("alter", "table") || c.Pos != 2 || !c.Peek(-1).Is("TABLE") || c.Peek(-3).Kind != EOF {
		t.Fatalf("at %d", c.Pos)
	}
	if c.Parens() != nil || c.IsAny("A", "B") || !c.AcceptAny("s", "t") {
		t.Fatalf("at %d", c.Pos)
	}
	if got := texts(c.Parens()); got != "a , f ( b , c )" {
		t.Errorf("inside is %q", got)
	}
	if c.AcceptOp("(") || !c.AcceptOp("=") {
		t.Errorf("at %d", c.Pos)
	}
	if got := texts(c.Until("WHERE")); got != "x ( WHERE )" {
		t.Errorf("until WHERE stands %q", got)
	}
	if c.Skip(); c.Done() || !c.Is("Y") {
		t.Errorf("at %d", c.Pos)
	}
	if got := texts(c.Until("Z")); got != "y" || !c.Done() || c.Peek(0).Kind != EOF || c.AcceptAny("y") || c.AcceptOp("=") {
		t.Errorf("at the end stands %q", got)
	}
}

func TestOpenParenthesis(t *testing.T) {
	c := cursorOf("( a ( b )")
	if got := texts(c.Parens()); got != "a ( b )" || !c.Done() {
		t.Errorf("inside is %q", got)
	}
	c.Skip()
	if got := c.Until("X"); len(got) != 0 {
		t.Errorf("behind the end stands %q", texts(got))
	}
}

func TestItems(t *testing.T) {
	var got []string
	for _, item := range Items(cursorOf(", a b, f(c, d), , [e, g] h").Tokens) {
		got = append(got, texts(item))
	}
	if want := "a b|f ( c , d )|[ e , g ] h"; strings.Join(got, "|") != want {
		t.Errorf("items are %q", got)
	}
}
