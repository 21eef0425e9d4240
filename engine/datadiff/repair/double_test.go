package repair_test

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// double writes literals of numbers and texts, which is all that these tests hold.
type double struct {
	dialect.Database
	kind dialect.Kind
}

func (d double) Kind() dialect.Kind { return d.kind }
func (d double) Product() string    { return string(d.kind) }
func (d double) Quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
func (d double) QuoteTable(n dialect.TableName) string { return d.Quote(n.Name) }

func (d double) Literal(c dialect.Column, cell []byte) (string, error) {
	switch canon.Tag(cell[0]) {
	case canon.Null:
		return "NULL", nil
	case canon.NegativeInt, canon.PositiveInt, canon.Decimal:
		return canon.Format(cell), nil
	case canon.Text:
		return "'" + strings.ReplaceAll(string(canon.Content(cell)), "'", "''") + "'", nil
	}
	return "", fmt.Errorf("%s: %w", c.Name, dialect.ErrCannot)
}
