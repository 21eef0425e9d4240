package sqltoken

// Cursor walks over the tokens of a statement, or of a part of one.
type Cursor struct {
	Tokens []Token
	Pos    int // index of the next token
}

// outside stands before the first and behind the last token. Nobody writes to it.
var outside Token

// Peek is the token n places ahead of the next, or behind it with a negative n; its kind is [EOF] where
// there is none. It is for reading only.
func (c *Cursor) Peek(n int) *Token {
	if c.Pos+n >= 0 && c.Pos+n < len(c.Tokens) {
		return &c.Tokens[c.Pos+n]
	}
	return &outside
}

// Done says whether all tokens were consumed.
func (c *Cursor) Done() bool { return c.Pos >= len(c.Tokens) }

// Is says whether the next tokens are these keywords.
func (c *Cursor) Is(keywords ...string) bool {
	for n, k := range keywords {
		if !c.Peek(n).Is(k) {
			return false
		}
	}
	return true
}

// Accept consumes the keywords when they are next.
func (c *Cursor) Accept(keywords ...string) bool {
	if !c.Is(keywords...) {
		return false
	}
	c.Pos += len(keywords)
	return true
}

// IsAny says whether the next token is one of these keywords.
func (c *Cursor) IsAny(keywords ...string) bool {
	for _, k := range keywords {
		if c.Peek(0).Is(k) {
			return true
		}
	}
	return false
}

// AcceptAny consumes the next token when it is one of these keywords.
func (c *Cursor) AcceptAny(keywords ...string) bool {
	if !c.IsAny(keywords...) {
		return false
	}
	c.Pos++
	return true
}

// AcceptOp consumes the operator or delimiter when it is next.
func (c *Cursor) AcceptOp(op string) bool {
	if !c.Peek(0).Op(op) {
		return false
	}
	c.Pos++
	return true
}

// Parens consumes a parenthesis and returns what stands inside, or nil when none is next. One without
// an end reaches to the last token.
func (c *Cursor) Parens() []Token {
	if !c.Peek(0).Op("(") {
		return nil
	}
	depth := 0
	for j := c.Pos; j < len(c.Tokens); j++ {
		if c.Tokens[j].Op("(") {
			depth++
		} else if c.Tokens[j].Op(")") {
			depth--
			if depth == 0 {
				inside := c.Tokens[c.Pos+1 : j]
				c.Pos = j + 1
				return inside
			}
		}
	}
	inside := c.Tokens[c.Pos+1:]
	c.Pos = len(c.Tokens)
	return inside
}

// Skip consumes a token, or a whole parenthesis.
func (c *Cursor) Skip() {
	if c.Peek(0).Op("(") {
		c.Parens()
		return
	}
	c.Pos++
}

// Until consumes the tokens up to one of the keywords outside of parentheses, or to the end.
func (c *Cursor) Until(keywords ...string) []Token {
	start := min(c.Pos, len(c.Tokens))
	for !c.Done() && !c.IsAny(keywords...) {
		c.Skip()
	}
	c.Pos = min(c.Pos, len(c.Tokens))
	return c.Tokens[start:c.Pos]
}

// Items cuts tokens at the commas outside of parentheses and brackets. Empty items are left out.
func Items(tokens []Token) [][]Token {
	var items [][]Token
	depth, start := 0, 0
	for i := range tokens {
		switch {
		case tokens[i].Op("("), tokens[i].Op("["):
			depth++
		case tokens[i].Op(")"), tokens[i].Op("]"):
			depth--
		case tokens[i].Op(",") && depth <= 0:
			if i > start {
				items = append(items, tokens[start:i])
			}
			start = i + 1
		}
	}
	if start < len(tokens) {
		items = append(items, tokens[start:])
	}
	return items
}
