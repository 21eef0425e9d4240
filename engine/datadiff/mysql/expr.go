package mysql

import (
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// quote quotes a name. Backquotes work whatever sql_mode says.
func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func quoteTable(n dialect.TableName) string {
	if n.Schema == "" {
		return quote(n.Name)
	}
	return quote(n.Schema) + "." + quote(n.Name)
}

// textExpr is the text of a column in UTF-8. Bytes that its character set has no character for are
// kept as they are, where CONVERT alone would put a question mark.
func textExpr(c dialect.Column, ref string) string {
	if storesUTF8(c.Collation) {
		return ref
	}
	set := charset(c.Collation)
	converted := "CONVERT(" + ref + " USING utf8mb4)"
	if set == "latin1" {
		return converted // all of its 256 bytes are characters
	}
	back := "CAST(CONVERT(" + converted + " USING " + set + ") AS BINARY)"
	stored := "CAST(" + ref + " AS BINARY)"
	return "IF(" + back + " <=> " + stored + ", CAST(" + converted + " AS BINARY), " + stored + ")"
}

// readExpr is what is selected to read a column in a form.
func readExpr(f dialect.Field, ref string) string {
	t := typeOf(f.Column)
	switch {
	case f.Form == dialect.Inexact:
		return inexactExpr(f.Column, ref)
	case t.isText():
		return textExpr(f.Column, ref)
	case t.kind == kindBit && f.Form == dialect.Int:
		return ref + "+0"
	}
	return ref
}

func inexactExpr(c dialect.Column, ref string) string {
	switch t := typeOf(c); {
	case t.isText():
		return textExpr(c, ref)
	case t.isBinary():
		return "HEX(" + ref + ")"
	case t.kind == kindGeometry:
		// As PostGIS writes it (EWKT): a point in another reference system is another point.
		return "CONCAT(IF(ST_SRID(" + ref + ")=0,'',CONCAT('SRID=',ST_SRID(" + ref + "),';')),ST_AsText(" + ref + "))"
	case t.kind == kindBit:
		return "CAST(" + ref + "+0 AS CHAR)"
	default:
		return "CAST(" + ref + " AS CHAR)"
	}
}

// list joins the expressions of fields.
func list(fields []dialect.Field, expr func(f dialect.Field) string) string {
	var sb strings.Builder
	for i, f := range fields {
		if i > 0 {
			sb.WriteString(", ")
		}
		sb.WriteString(expr(f))
	}
	return sb.String()
}

// columns are the expressions that read the fields of a relation.
func columns(fields []dialect.Field) string {
	return list(fields, func(f dialect.Field) string { return readExpr(f, quote(f.Column.Name)) })
}

// keyIndex is the name of an index that begins with the key of a relation, in the order of the key;
// empty when there is none, or no key.
func keyIndex(r *dialect.Relation) string {
	if len(r.Key) == 0 || r.Table.View {
		return ""
	}
	begins := func(columns []string) bool {
		if len(columns) < len(r.Key) {
			return false
		}
		for i, f := range r.Key {
			if !strings.EqualFold(f.Column.Name, columns[i]) {
				return false
			}
		}
		return true
	}
	if begins(r.Table.PrimaryKey) {
		return "PRIMARY"
	}
	for _, index := range r.Table.Indexes {
		if begins(index.Columns) {
			return index.Name
		}
	}
	return ""
}

// from is the table of a relation, with the index of its key where a range of it is read: left alone,
// the optimizer reads the whole table for a range that it takes for large.
func from(r *dialect.Relation, ranged bool) string {
	table := quoteTable(r.Table.Name)
	if index := keyIndex(r); ranged && index != "" {
		table += " FORCE INDEX (" + quote(index) + ")"
	}
	return table
}
