package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// A look-up must find every row whose value is read as the cell that is asked for, however the value is
// spelt: a row that is not found is taken for one that is gone. It may find more.

// keysPerQuery bounds the text of a look-up.
const keysPerQuery = 500

// Fetch implements [dialect.Session]. A value whose spellings the server cannot compare, as of a document
// in a text, is found by reading all rows.
func (s *session) Fetch(ctx context.Context, r *dialect.Relation, keys []dialect.Key, row dialect.RowFunc) error {
	if err := s.fetch(ctx, r, keys, row); err != nil {
		return fmt.Errorf("look up rows of %s: %w", r.Table.Name, err)
	}
	return nil
}

func (s *session) fetch(ctx context.Context, r *dialect.Relation, keys []dialect.Key, row dialect.RowFunc) error {
	p, err := s.d.projection(r)
	if err != nil {
		return err
	}
	table := quoteTable(r.Table.Name)
	sql := "SELECT " + p.selects(p.own) + " FROM " + table
	for len(keys) > 0 {
		n := min(len(keys), keysPerQuery)
		condition, any, err := s.d.anyKey(r, keys[:n])
		switch {
		case errors.Is(err, errEvery):
			return s.copyRows(ctx, table, p, sql+where(restriction(r)), dialect.Among(keys, row))
		case err != nil:
			return err
		case any:
			if err := s.copyRows(ctx, table, p, sql+condition, dialect.Among(keys[:n], row)); err != nil {
				return err
			}
		}
		keys = keys[n:]
	}
	return nil
}

// errEvery says that no condition finds the rows with a value, so that each row is to be looked at.
var errEvery = errors.New("no condition finds all rows with the value")

// anyKey is the WHERE of rows with one of the keys; any is false where none of them can have rows.
func (d *Database) anyKey(r *dialect.Relation, keys []dialect.Key) (condition string, any bool, err error) {
	var values, others []string
	single := ""
	for _, key := range keys {
		cells, err := splitKey(r, key)
		if err != nil {
			return "", false, err
		}
		// One column: one list, which the server looks up as a whole.
		if len(cells) == 1 && canon.Tag(cells[0][0]) != canon.Null {
			literals, compared, err := d.lookup(r.Key[0], cells[0])
			if errors.Is(err, dialect.ErrCannot) {
				continue // no column of the type holds it
			}
			if err != nil {
				return "", false, err
			}
			values, single = append(values, literals...), compared
			continue
		}
		equal, err := d.keyEquals(r, cells)
		if errors.Is(err, dialect.ErrCannot) {
			continue
		}
		if err != nil {
			return "", false, err
		}
		others = append(others, equal)
	}
	if len(values) > 0 {
		others = append(others, single+" IN ("+strings.Join(values, ", ")+")")
	}
	if len(others) == 0 {
		return "", false, nil
	}
	return where(append(restriction(r), "("+strings.Join(others, " OR ")+")")), true, nil
}

// keyEquals is a condition that holds for the rows with a key, and perhaps for a few more.
func (d *Database) keyEquals(r *dialect.Relation, cells [][]byte) (string, error) {
	parts := make([]string, len(cells))
	for i, cell := range cells {
		if canon.Tag(cell[0]) == canon.Null {
			parts[i] = quoteName(r.Key[i].Column.Name) + " IS NULL"
			continue
		}
		values, compared, err := d.lookup(r.Key[i], cell)
		if err != nil {
			return "", err
		}
		if len(values) == 1 {
			parts[i] = compared + " = " + values[0]
		} else {
			parts[i] = compared + " IN (" + strings.Join(values, ", ") + ")"
		}
	}
	return "(" + strings.Join(parts, " AND ") + ")", nil
}

// lookup says what of a key column to compare with which literals. That is the column itself, which an
// index serves, unless other values of it have the same cell. [dialect.ErrCannot] is returned for a value
// that no column of the type holds, and errEvery where there is no condition.
func (d *Database) lookup(f dialect.Field, cell []byte) (values []string, compared string, err error) {
	t, column := d.typeOf(f.Column), quoteName(f.Column.Name)
	switch f.Form {
	case dialect.Inexact:
		text, err := safeText(canon.Content(cell))
		return []string{quoteText(text)}, asText(column), err
	case dialect.JSON:
		// The type jsonb refuses documents that a json or a text can hold.
		if t.oid != oidJSONB {
			return nil, "", errEvery
		}
	case dialect.Array:
		if t.holds(oidJSON) {
			return nil, "", errEvery // json has no equality
		}
		if !t.arrayFits(cell) {
			return nil, "", cannot("no %s has such elements", t.cast)
		}
	case dialect.UUID:
		if t.isText() { // in lower or upper case: see textAsUUID
			text := string(appendUUIDText(nil, cell[1:]))
			values = []string{quoteText(text) + "::" + t.cast, quoteText(strings.ToUpper(text)) + "::" + t.cast}
			return values, column, nil
		}
	case dialect.TextTrimmed:
		if t.oid != oidBPChar {
			text, err := safeText(canon.Content(cell))
			return []string{quoteText(text)}, "rtrim(" + asText(column) + ", ' ')", err
		}
	case dialect.Text:
		if !t.isText() {
			return d.lookupPrinted(f, t, column, cell)
		}
	case dialect.Int, dialect.Decimal, dialect.Timestamp:
		if t.oid == oidMoney {
			text, err := decimalText(cell)
			return []string{quoteText(text) + "::numeric"}, column + "::numeric", err
		}
		text, err := inputText(t, cell)
		if err != nil {
			return nil, "", err
		}
		if castFor(t, cell, text) != t.cast {
			return nil, "", cannot("no %s is %s", t.cast, text) // one is too large, or has a fraction
		}
	}
	value, err := d.Literal(f.Column, cell)
	return []string{value}, column, err
}

// lookupPrinted finds a value of a type that is no text by the text that it is read as. A text that the
// type's input function refuses is no error so.
func (d *Database) lookupPrinted(f dialect.Field, t columnType, column string, cell []byte) (values []string, compared string, err error) {
	text, err := safeText(canon.Content(cell))
	if err != nil {
		return nil, "", err
	}
	if t.oid == oidUUID {
		// It is read in lower case, and so found by its index.
		id, err := textAsUUID(nil, []byte(text))
		if err != nil || text != string(appendUUIDText(nil, id[1:])) {
			return nil, "", cannot("no UUID is printed so")
		}
		return []string{quoteText(text) + "::uuid"}, column, nil
	}
	reading, err := d.reading(f)
	if err != nil {
		return nil, "", err
	}
	printed := reading.expression(column)
	if printed == column {
		printed = asText(column)
	}
	return []string{quoteText(text)}, "(" + printed + ")", nil
}

// arrayFits says whether the elements of an array are of the kind that the type has.
func (t columnType) arrayFits(cell []byte) bool {
	if t.elem == nil {
		return false
	}
	readings := exactReadings(*t.elem)
	if len(readings) == 0 {
		return false
	}
	dims, k := binary.Uvarint(cell[1:])
	for rest := cell[1+k+8*int(dims):]; len(rest) > 0; {
		element, next, err := canon.Next(rest)
		if err != nil {
			return false
		}
		rest = next
		tag := canon.Tag(element[0])
		if tag == canon.Null {
			continue
		}
		text, err := inputText(*t.elem, element)
		if err != nil || !slices.Contains(tagsOf[readings[0].form], tag) || castFor(*t.elem, element, text) != t.elem.cast {
			return false
		}
	}
	return true
}

// tagsOf are the kinds of cells of the forms that elements of arrays have.
var tagsOf = map[dialect.Form][]canon.Tag{
	dialect.Int: {canon.NegativeInt, canon.PositiveInt}, dialect.Decimal: {canon.Decimal}, dialect.Float64: {canon.Float64}, dialect.Float32: {canon.Float32},
	dialect.Text: {canon.Text}, dialect.TextTrimmed: {canon.Text}, dialect.Bytes: {canon.Bytes}, dialect.UUID: {canon.UUID}, dialect.Bits: {canon.Bits}, dialect.Interval: {canon.Interval},
	dialect.Date: {canon.Date}, dialect.Time: {canon.Time}, dialect.Timestamp: {canon.Timestamp}, dialect.TimestampZone: {canon.TimestampZone}, dialect.Array: {canon.Array},
	dialect.JSON: {canon.JSONNull, canon.JSONFalse, canon.JSONTrue, canon.Decimal, canon.Text, canon.JSONArray, canon.JSONObject},
}

// holds says whether arrays of the type hold elements of another.
func (t columnType) holds(oid uint32) bool {
	return t.elem != nil && (t.elem.oid == oid || t.elem.holds(oid))
}
