package lang

// variable parses a definition. The parser stands at its first token, or at the word input.
func (p *parser) variable(lines []line, input bool) (*Variable, *fault) {
	start := p.peek()
	if input {
		p.next()
	}
	v := &Variable{Input: input}
	if first := p.peek(); !input && first.kind == tokenName && p.after(1).kind == tokenName {
		f := faultf(first.Span, "%q begins no statement", first.text)
		if near := Nearest(first.text, statementWords); near != "" {
			return nil, f.with("did you mean " + near + "?")
		}
		return nil, f.with("a variable is defined as in `revenue = units * price`; a name is one word, with _ between its parts")
	}
	var err *fault
	if v.Name, err = p.name("the name of a variable"); err != nil {
		return nil, err
	}
	if p.accept("[") {
		v.HasOver = true
		if !p.accept("]") {
			if v.Over, err = p.list("a dimension or a grain"); err != nil {
				return nil, err
			}
			if err := p.expect("]"); err != nil {
				return nil, err.orHint("brackets behind a name that is defined list its dimensions and its grain: units[Product, month]")
			}
		}
	}
	v.Span = Span{Start: start.Start, End: v.Name.Span.End}
	head := append([]token{}, p.tokens[p.i:]...)
	settings, rest, err := p.settings(lines[1:], variableSettings)
	if err != nil {
		return nil, err
	}
	v.Settings = settings
	return v, p.body(v, head, rest)
}

// body parses what a variable is: a formula, a table or a source.
func (p *parser) body(v *Variable, head []token, lines []line) *fault {
	known := variableSettings
	switch {
	case head[0].word("from"):
		p.use(join(head, lines, true))
		p.next()
		var err *fault
		v.Data, err = p.source()
		if err != nil {
			return err
		}
		return p.finish("the end of the statement").orHint("settings are written below, as in `repeated: sum`")
	case head[0].sign("=") && head[1].word("table") && head[2].kind == tokenEnd:
		return p.grid(v, head[1], lines)
	case head[0].sign("=") && keyed(head[1:]):
		p.use(join(head, lines, true))
		p.next()
		return p.entries(v)
	case head[0].sign("="):
		p.use(join(head, lines, false))
		p.next()
		if p.peek().kind == tokenEnd {
			return p.unexpected("a formula, a table or a number")
		}
		if len(lines) > 0 && (lines[0].tokens[0].kind == tokenName && lines[0].tokens[1].sign(":")) {
			return p.noMore(lines, known)
		}
		var err *fault
		if v.Formula, err = p.expression(0); err != nil {
			return err
		}
		if p.peek().sign(":") {
			return p.unexpected("an operator").with("a table is written as in `price[Product] = Basic: 20, Pro: 50`, a setting in a line of its own")
		}
		err = p.finish("an operator or the end of the formula")
		if last := p.tokens[max(0, p.i-1)]; err != nil && p.peek().sign(",") && last.kind == tokenNumber {
			err.hint = "write 1000 or 1_000 for a thousand, and a point for decimals"
		}
		return err
	case head[0].kind == tokenEnd && len(lines) > 0:
		p.use(join(head, lines, true))
		return p.entries(v)
	}
	p.use(head)
	return p.unexpected(`"=" or "from"`).with("a variable is defined as in `revenue = units * price` or `input price[Product] = Basic: 20, Pro: 50`")
}

// keyed reports whether tokens are entries with keys, and not a formula: a colon stands outside of parentheses before
// the first comma.
func keyed(tokens []token) bool {
	open := 0
	for _, t := range tokens {
		if t.kind != tokenSign {
			continue
		}
		switch t.text {
		case "(", "[":
			open++
		case ")", "]":
			open--
		case ":":
			if open == 0 {
				return true
			}
		case ",":
			if open == 0 {
				return false
			}
		}
	}
	return len(tokens) == 1 && tokens[0].kind == tokenEnd
}

// entries parses `Basic: 20, Pro 2024-04..: 55, others: 0`.
func (p *parser) entries(v *Variable) *fault {
	first := p.peek()
	v.Table = &Table{}
	p.accept(",")
	for {
		start := p.peek()
		var e Entry
		for !p.peek().sign(":") {
			part, err := p.keyPart()
			if err != nil {
				return err
			}
			e.Key = append(e.Key, part)
		}
		if len(e.Key) == 0 {
			return p.unexpected("an item or a date")
		}
		p.next()
		var err *fault
		if e.Value, e.Text, _, err = p.signedNumber(); err != nil {
			return err.orHint("a table has numbers only; for a formula by item, write if(Product = Basic, ..., ...)")
		}
		e.Span = p.spanFrom(start)
		v.Table.Entries = append(v.Table.Entries, e)
		if !p.accept(",") {
			break
		}
	}
	v.Table.Span = p.spanFrom(first)
	return p.finish("a comma and another entry")
}

// keyPart reads an item or a date, a range of them, or `others`.
func (p *parser) keyPart() (KeyPart, *fault) {
	start := p.peek()
	if p.accept("others") {
		return KeyPart{Others: true, Span: start.Span}, nil
	}
	from, err := p.item()
	if err != nil {
		return KeyPart{}, err
	}
	k := KeyPart{From: from, Span: start.Span}
	if p.accept("..") {
		if t := p.peek(); t.spaced || t.kind == tokenSign || t.kind == tokenEnd {
			k.Open = true
		} else if k.To, err = p.item(); err != nil {
			return k, err
		}
		k.Span = p.spanFrom(start)
	}
	return k, nil
}

// grid parses a table with columns: a first line with the labels of the last dimension, then lines with the labels of
// the other dimensions and a number for each column, or - where there is none.
func (p *parser) grid(v *Variable, at token, lines []line) *fault {
	if len(v.Over) == 0 {
		return faultf(at.Span, "a table with columns needs the dimensions of %s in brackets", v.Name.Name).
			with("elsewhere write keys: " + v.Name.Name + " = Basic 2024-01: 20, Basic 2024-02: 22")
	}
	if len(lines) < 2 {
		return faultf(at.Span, "a table has a line of labels and lines of numbers below it")
	}
	v.Table = &Table{Span: at.Span}
	p.use(lines[0].tokens)
	var columns []KeyPart
	for p.peek().kind != tokenEnd {
		k, err := p.keyPart()
		if err != nil {
			return err
		}
		columns = append(columns, k)
	}
	for _, l := range lines[1:] {
		p.use(l.tokens)
		var labels []KeyPart
		for len(labels) < len(v.Over)-1 {
			k, err := p.keyPart()
			if err != nil {
				return err
			}
			labels = append(labels, k)
		}
		for i, column := range columns {
			start := p.peek()
			if start.sign("-") && (p.after(1).spaced || p.after(1).kind == tokenEnd) {
				p.next()
				continue
			}
			if start.kind == tokenEnd {
				return faultf(start.Span, "this line has %d numbers, and the table has %d columns", i, len(columns)).with("write - where there is no value")
			}
			number, text, span, err := p.signedNumber()
			if err != nil {
				return err
			}
			key := append(append([]KeyPart{}, labels...), column)
			v.Table.Entries = append(v.Table.Entries, Entry{Key: key, Value: number, Text: text, Span: span})
		}
		if err := p.finish("the end of the line"); err != nil {
			return err.with("the first line of the table has a label for each column")
		}
	}
	return nil
}
