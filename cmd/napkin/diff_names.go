package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// names is a repeatable flag of names of tables or columns. Commas separate several, but in double quotes.
type names []string

func (n *names) Type() string { return "list" }

func (n *names) String() string { return strings.Join(*n, ",") }

func (n *names) Set(s string) error {
	for more := true; more; {
		var word string
		word, s, more = dialect.CutName(s, ',')
		if word = strings.TrimSpace(word); word != "" {
			*n = append(*n, word)
		}
	}
	return nil
}

// named takes the tables of --table.
func (d *comparing) named() error {
	for _, word := range d.flags.tables {
		a, b, two := dialect.CutName(word, ':')
		if !two {
			b = a
		}
		if a == "" || b == "" {
			return fmt.Errorf("--table %s: write table, or a:b for the names in A and B", word)
		}
		d.pairs = append(d.pairs, tablePair{word: word, shown: [2]string{a, b}})
	}
	return nil
}

// candidates are what a word of --table may name, the likeliest first: a schema and a table where it has
// a dot outside quotes, unless the schema was given, and the whole word as the name of a table.
func candidates(word, schema string) []dialect.TableName {
	name := dialect.ParseTableName(word)
	if name.Schema == "" {
		name.Schema = schema
		return []dialect.TableName{name}
	}
	whole := dialect.TableName{Schema: schema, Name: word}
	if schema != "" {
		return []dialect.TableName{whole, name}
	}
	return []dialect.TableName{name, whole}
}

// catalog finds both tables of a pair and reads what their sides say of them. One of which the account
// sees a part only is refused, unless the columns to compare were named.
func (d *comparing) catalog(ctx context.Context, p *tablePair) error {
	if err := d.locate(ctx, p); err != nil {
		return err
	}
	if len(d.flags.columns) > 0 && !d.flags.schemaOnly {
		return nil
	}
	return errors.Join(p.sides[0].Whole(), p.sides[1].Whole())
}

// locate finds both tables of a pair. A word with a colon that names no pair may be the name of one table.
func (d *comparing) locate(ctx context.Context, p *tablePair) error {
	if p.word == "" {
		for i, s := range d.sides {
			t, err := s.db.Table(ctx, p.name[i])
			if err != nil {
				return fmt.Errorf("%s: read the catalog of %s: %w", sideName(i), p.name[i], err)
			}
			p.sides[i] = t
		}
		return nil
	}
	err := d.find(ctx, p, p.shown)
	if errors.Is(err, dialect.ErrNoTable) && strings.Contains(p.word, ":") {
		pair := *p
		quoted := dialect.QuoteName(p.word)
		if d.find(ctx, p, [2]string{quoted, quoted}) == nil {
			return nil
		}
		*p = pair
	}
	return err
}

// find looks for the tables that two words name.
func (d *comparing) find(ctx context.Context, p *tablePair, words [2]string) error {
	for i, s := range d.sides {
		possible := candidates(words[i], s.schema)
		p.name[i], p.shown[i], p.sides[i] = possible[0], words[i], nil
		for _, name := range possible {
			t, err := s.db.Table(ctx, name)
			if errors.Is(err, dialect.ErrNoTable) {
				continue
			}
			if err != nil {
				return fmt.Errorf("%s: read the catalog of %s: %w", sideName(i), name, err)
			}
			p.name[i], p.sides[i] = name, t
			if name != possible[0] && name.Name == words[i] { // the dot is part of the name
				p.shown[i] = dialect.QuoteName(name.Name)
			}
			break
		}
		if p.sides[i] == nil {
			return d.missing(ctx, i, p.word, possible[0])
		}
	}
	return nil
}

// missing says that a side has no table of a name, and what may have been meant.
func (d *comparing) missing(ctx context.Context, side int, word string, name dialect.TableName) error {
	db, text := d.sides[side].db, fmt.Sprintf("%s has no table %s", sideName(side), name)
	elsewhere, err := db.Find(ctx, name.Name)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", text, dialect.ErrNoTable)
	case len(elsewhere) > 0:
		list := make([]string, 0, len(elsewhere))
		for _, n := range elsewhere {
			list = append(list, n.String())
		}
		text += "; there is " + some(list)
	default:
		tables, err := db.Tables(ctx, name.Schema)
		if own := d.sides[side].schema; (err != nil || len(tables) == 0) && own != name.Schema {
			tables, err = db.Tables(ctx, own) // there is no such schema, or nothing in it
		}
		if err != nil {
			return fmt.Errorf("%s: %w", text, dialect.ErrNoTable)
		}
		list := make([]string, 0, len(tables))
		for _, n := range tables {
			list = append(list, dialect.QuoteName(n.Name))
		}
		if len(list) == 0 {
			text += ", and no other table in this schema"
		} else {
			text += "; there: " + some(list)
		}
	}
	switch {
	case strings.Contains(word, "=") && !strings.Contains(word, ":"):
		text += "; a table that has two names is written a:b"
	case strings.ContainsAny(word, ".:") && !strings.Contains(word, `"`):
		text += `; a name that has a dot or a colon in it is written in double quotes, as in --table '"x.y"'`
	}
	return &missingTable{text}
}

// missingTable is the sentence of a table that is not there.
type missingTable struct{ text string }

func (e *missingTable) Error() string { return e.text }

// Unwrap makes it [dialect.ErrNoTable].
func (*missingTable) Unwrap() error { return dialect.ErrNoTable }

// once drops pairs that were named before.
func (d *comparing) once() {
	same := func(p, q *tablePair) bool {
		return p.word == q.word || p.err == nil && q.err == nil && p.sides[0].Name == q.sides[0].Name && p.sides[1].Name == q.sides[1].Name
	}
	var pairs []tablePair
	for i := range d.pairs {
		p := &d.pairs[i]
		if p.word != "" && slices.ContainsFunc(pairs, func(q tablePair) bool { return same(p, &q) }) {
			d.note("%s is named more than once, and is compared once", p)
			continue
		}
		pairs = append(pairs, *p)
	}
	d.pairs = pairs
}
