package lang

import (
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

// model parses `model SaaS revenue` or `model "SaaS revenue"`: the name is the rest of the line.
func (p *parser) model(lines []line) *fault {
	start := p.next()
	if p.file.Name.Name != "" {
		return faultf(start.Span, "the model has a name already")
	}
	if err := p.noMore(lines[1:], nil); err != nil {
		return err
	}
	first := p.peek()
	if first.kind == tokenText && p.after(1).kind == tokenEnd {
		p.file.Name = Ident{first.text, first.Span}
		if strings.TrimSpace(first.text) == "" {
			return p.unexpected("the name of the model")
		}
		return nil
	}
	if first.kind == tokenEnd {
		return p.unexpected("the name of the model")
	}
	for p.peek().kind != tokenEnd {
		if t := p.next(); t.kind == tokenText {
			return faultf(t.Span, "the name of a model is written in quotes wholly or not at all")
		}
	}
	at := p.spanFrom(first)
	name := strings.Join(strings.Fields(p.src.Text[at.Start:at.End]), " ")
	if strings.ContainsAny(name, "\"#") {
		return faultf(at, "a name that has a quote or # is written in quotes")
	}
	p.file.Name = Ident{name, at}
	return nil
}

// time parses `time month 2024-01 to 2026-12`.
func (p *parser) time(lines []line) *fault {
	start := p.next()
	if p.file.Time != nil {
		return faultf(start.Span, "the model has a time axis already").with("variables of other grains take them from the same axis: x[Store, day]")
	}
	t := p.peek()
	grain, ok := calendar.ParseGrain(t.text)
	if t.kind != tokenName || !ok {
		return p.unexpected("day, week, month, quarter or year").with("a time axis is written as in `time month 2024-01 to 2026-12`")
	}
	p.i++
	axis := &Time{Grain: grain}
	var err *fault
	if axis.From, err = p.date("the first " + grain.String()); err != nil {
		return err
	}
	if !p.accept("to") && !p.accept("..") {
		return p.unexpected(`"to"`)
	}
	if axis.To, err = p.date("the last " + grain.String()); err != nil {
		return err
	}
	if err := p.finish("the end of the line"); err != nil {
		return err
	}
	axis.Span = p.spanFrom(start)
	settings, rest, err := p.settings(lines[1:], timeSettings)
	if err != nil {
		return err
	}
	axis.Settings = settings
	p.file.Time = axis
	return p.noMore(rest, timeSettings)
}

// date reads a date; a number of four digits is a year.
func (p *parser) date(what string) (calendar.Date, *fault) {
	t := p.peek()
	if t.kind == tokenDate || t.kind == tokenNumber {
		if d, ok := calendar.ParseDate(t.text); ok {
			p.i++
			return d, nil
		}
	}
	return calendar.Date{}, p.unexpected(what).with("dates are written 2024-03-31, 2024-W09, 2024-03, 2024-Q1, FY2025-Q1, 2024, FY2025")
}

// dimension parses `dimension Region = North, South`, `dimension Store = S1..S1000` and `dimension Store from ...`.
func (p *parser) dimension(lines []line) *fault {
	p.use(join(lines[0].tokens, lines[1:], true))
	start := p.next()
	name, err := p.name("the name of the dimension")
	if err != nil {
		return err
	}
	d := &Dimension{Name: name}
	switch {
	case p.accept("from"):
		if d.Data, err = p.source(); err != nil {
			return err
		}
	case p.accept("="):
		if p.peek().word("none") && p.after(1).kind == tokenEnd {
			p.i++
			break
		}
		for {
			r, err := p.itemRange()
			if err != nil {
				return err
			}
			d.Items = append(d.Items, r)
			if !p.accept(",") {
				break
			}
		}
	default:
		return p.unexpected(`"=" and the items, or "from"`).with("a dimension is written as in `dimension Region = North, South`")
	}
	if err := p.finish("a comma and another item"); err != nil {
		if p.peek().kind == tokenName {
			return err.with("write an item of several words in quotes")
		}
		return err
	}
	d.Span = p.spanFrom(start)
	p.file.Dimensions = append(p.file.Dimensions, d)
	return nil
}

func (p *parser) itemRange() (ItemRange, *fault) {
	from, err := p.item()
	if err != nil || !p.accept("..") {
		return ItemRange{From: from}, err
	}
	to, err := p.item()
	return ItemRange{from, to}, err
}

// mapping parses `map Store -> Region = S1..S40: North, others: South`.
func (p *parser) mapping(lines []line) *fault {
	p.use(join(lines[0].tokens, lines[1:], true))
	start := p.next()
	m := &Map{}
	var err *fault
	if m.From, err = p.name("the name of a dimension"); err != nil {
		return err
	}
	if !p.accept("->") && !p.accept("to") {
		return p.unexpected(`"->"`).with("a mapping is written as in `map Store -> Region = S1: North, S2: South`")
	}
	if m.To, err = p.name("the name of a dimension"); err != nil {
		return err
	}
	if p.accept("from") {
		if m.Data, err = p.source(); err != nil {
			return err
		}
	} else {
		if !p.accept("=") && !p.accept(",") {
			return p.unexpected(`"=" and the mapping, or "from"`)
		}
		if p.peek().word("none") && p.after(1).kind == tokenEnd {
			p.i++
		} else if err := p.mapEntries(m); err != nil {
			return err
		}
	}
	if err := p.finish("a comma and another entry"); err != nil {
		return err
	}
	m.Span = p.spanFrom(start)
	p.file.Maps = append(p.file.Maps, m)
	return nil
}

func (p *parser) mapEntries(m *Map) *fault {
	for {
		key, err := p.keyPart()
		if err != nil {
			return err
		}
		if err := p.expect(":"); err != nil {
			return err
		}
		target, err := p.item()
		if err != nil {
			return err
		}
		m.Entries = append(m.Entries, MapEntry{key, target})
		if !p.accept(",") {
			return nil
		}
	}
}

// source parses what stands behind `from`.
func (p *parser) source() (*DataSource, *fault) {
	start := p.peek()
	s := &DataSource{}
	switch {
	case p.accept("csv"):
		s.Kind = "csv"
	case p.accept("parquet"):
		s.Kind = "parquet"
	case p.accept("database"):
		s.Kind = "database"
	default:
		return nil, p.unexpected("csv, parquet or database")
	}
	var err *fault
	if s.Location, err = p.text("the " + map[string]string{"csv": "path of the file", "parquet": "path of the file", "database": "URL"}[s.Kind]); err != nil {
		return nil, err
	}
	p.comma("query")
	if p.accept("query") {
		if s.Kind != "database" {
			return nil, faultf(p.tokens[p.i-1].Span, "only a database has a query")
		}
		if s.Query, err = p.text("the query"); err != nil {
			return nil, err
		}
	} else if s.Kind == "database" {
		return nil, p.unexpected(`"query"`).with("as in `from database \"sqlite:shop.db\" query \"select name from store\"`")
	}
	p.comma("columns")
	if p.accept("columns") {
		for {
			t := p.peek()
			if t.kind != tokenName {
				return nil, p.unexpected("a dimension, date or value")
			}
			p.i++
			if err := p.expect("="); err != nil {
				return nil, err.with("as in `columns Store = \"store id\", date = day, value = amount`")
			}
			column := p.peek()
			if column.kind != tokenName && column.kind != tokenText {
				return nil, p.unexpected("the name of a column")
			}
			p.i++
			s.Columns = append(s.Columns, ColumnName{Ident{t.text, t.Span}, Ident{column.text, column.Span}})
			if !p.accept(",") {
				break
			}
		}
	}
	s.Span = p.spanFrom(start)
	return s, nil
}

// comma skips a comma which the end of a line has put before a word.
func (p *parser) comma(word string) {
	if p.peek().sign(",") && p.after(1).word(word) {
		p.i++
	}
}

// input parses `input price[Product] = ...`.
func (p *parser) input(lines []line) *fault {
	v, err := p.variable(lines, true)
	if err == nil {
		p.file.Variables = append(p.file.Variables, v)
	}
	return err
}

// scenario parses a named block of overrides.
func (p *parser) scenario(lines []line) *fault {
	start := p.next()
	t := p.peek()
	if t.kind != tokenName && t.kind != tokenText || t.text == "" {
		return p.unexpected("the name of the scenario")
	}
	p.i++
	s := &Scenario{Name: Ident{t.text, t.Span}, Span: p.spanFrom(start)}
	p.accept(":")
	if err := p.finish("the end of the line").orHint("write a name of several words in quotes"); err != nil {
		return err
	}
	lines = lines[1:]
	for len(lines) > 0 {
		n := 1
		for n < len(lines) && lines[n].indent > lines[0].indent {
			n++
		}
		p.use(lines[0].tokens)
		v, err := p.variable(lines[:n], false)
		switch {
		case err != nil:
			p.fail(err)
		case len(v.Settings) > 0:
			p.fail(faultf(v.Settings[0].Name.Span, "a scenario replaces values and formulas, and not settings"))
		case v.HasOver:
			p.fail(faultf(v.Name.Span, "a scenario does not change the dimensions of %s; leave the brackets out", v.Name.Name).
				with("to change one item: " + v.Name.Name + " = if(Product = Basic, 12, base)"))
		}
		s.Overrides = append(s.Overrides, v)
		lines = lines[n:]
	}
	p.file.Scenarios = append(p.file.Scenarios, s)
	return nil
}

func (f *fault) orHint(hint string) *fault {
	if f != nil && f.hint == "" {
		f.hint = hint
	}
	return f
}

// show parses `show revenue, margin by Region, year`.
func (p *parser) show(lines []line) *fault {
	p.use(join(lines[0].tokens, lines[1:], false))
	start := p.next()
	s := &Show{}
	for {
		n, err := p.primary()
		if err != nil {
			return err
		}
		if n.Kind != Reference {
			return faultf(n.Span, "show takes variables, not expressions").with("give the expression a name in a line of its own, and show that")
		}
		s.Items = append(s.Items, n)
		if !p.accept(",") {
			break
		}
	}
	if p.accept("by") {
		s.HasBy = true
		var err *fault
		if s.By, err = p.list("a dimension or a grain"); err != nil {
			return err
		}
	}
	if err := p.finish(`a comma, "by" or the end of the line`); err != nil {
		return err
	}
	s.Span = p.spanFrom(start)
	p.file.Shows = append(p.file.Shows, s)
	return nil
}

// simulate parses `simulate 1000`.
func (p *parser) simulate(lines []line) *fault {
	start := p.next()
	if p.file.Simulate != nil {
		return faultf(start.Span, "the model has a simulate statement already")
	}
	t := p.peek()
	if t.kind != tokenNumber || t.value < 1 || t.value > 1e9 || t.value != float64(int(t.value)) {
		return p.unexpected("the number of samples")
	}
	p.i++
	p.accept("samples")
	s := &Simulate{Samples: int(t.value), Span: p.spanFrom(start)}
	if err := p.finish("the end of the line"); err != nil {
		return err
	}
	settings, rest, err := p.settings(lines[1:], simulateSettings)
	if err != nil {
		return err
	}
	s.Settings = settings
	p.file.Simulate = s
	return p.noMore(rest, simulateSettings)
}
