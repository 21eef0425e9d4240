package schema

import (
	"strconv"
	"strings"
)

// typeNames maps the spellings of the products to one name each.
var typeNames = map[string]string{
	"int": "integer", "int4": "integer", "integer": "integer", "mediumint": "integer", "int32": "integer",
	"serial": "integer", "serial4": "integer",
	"int8": "bigint", "bigint": "bigint", "bigserial": "bigint", "serial8": "bigint", "long": "bigint",
	"int2": "smallint", "smallint": "smallint", "smallserial": "smallint", "serial2": "smallint", "tinyint": "smallint",
	"varchar": "varchar", "character varying": "varchar", "nvarchar": "varchar", "varchar2": "varchar",
	"nvarchar2": "varchar", "char varying": "varchar", "string": "varchar",
	"char": "char", "character": "char", "nchar": "char", "bpchar": "char",
	"text": "text", "tinytext": "text", "mediumtext": "text", "longtext": "text", "ntext": "text", "clob": "text",
	"longvarchar": "text", "character large object": "text", "nclob": "text",
	"bool": "boolean", "boolean": "boolean",
	"float4": "real", "real": "real",
	"float8": "double", "double": "double", "double precision": "double", "float": "double",
	"decimal": "numeric", "numeric": "numeric", "dec": "numeric", "number": "numeric", "money": "money",
	"timestamp": "timestamp", "timestamp without time zone": "timestamp", "datetime": "timestamp",
	"datetime2": "timestamp", "smalldatetime": "timestamp",
	"timestamptz": "timestamptz", "timestamp with time zone": "timestamptz", "datetimeoffset": "timestamptz",
	"timestamp with local time zone": "timestamptz",
	"time":                           "time", "time without time zone": "time", "timetz": "timetz", "time with time zone": "timetz",
	"date": "date", "interval": "interval", "year": "smallint",
	"uuid": "uuid", "uniqueidentifier": "uuid",
	"json": "json", "jsonb": "jsonb", "xml": "xml",
	"bytea": "binary", "blob": "binary", "tinyblob": "binary", "mediumblob": "binary", "longblob": "binary",
	"binary": "binary", "varbinary": "binary", "image": "binary", "raw": "binary", "binary large object": "binary",
	"longvarbinary": "binary", "binary varying": "binary",
	"bit": "bit", "bit varying": "bit", "varbit": "bit",
}

// ParseType normalises a column type as written in DDL. It never fails: a type that it does not know
// keeps its own name, lower case and without its schema.
func ParseType(raw string) Type {
	raw = strings.Join(strings.Fields(raw), " ")
	t := Type{Raw: raw}
	text := strings.ToLower(raw)
	if strings.HasSuffix(text, " array") {
		t.Array, text = true, strings.TrimSuffix(text, " array")
	}
	if i := strings.IndexByte(text, '['); i > 0 {
		t.Array, text = true, text[:i]
	}
	// The parenthesis may stand in the middle: "timestamp(6) without time zone", "int(11) unsigned".
	args := ""
	if open := strings.IndexByte(text, '('); open >= 0 {
		rest := ""
		if end := strings.LastIndexByte(text, ')'); end > open {
			args, rest = text[open+1:end], text[end+1:]
		}
		text = text[:open] + " " + rest
	}
	words := strings.Fields(text)
	kept := words[:0]
	for _, w := range words {
		switch w {
		case "unsigned":
			t.Unsigned = true
		case "signed", "zerofill", "national":
		default:
			kept = append(kept, w)
		}
	}
	name := strings.Join(kept, " ")
	parts := splitName(name)
	name = Unquote(parts[len(parts)-1])
	if n, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(args, ",", 2)[0])); err == nil && n > 0 {
		t.Size = n
	}
	if name == "tinyint" && t.Size == 1 {
		t.Name, t.Size = "boolean", 0
		return t
	}
	if known, ok := typeNames[name]; ok {
		name = known
	}
	t.Name = name
	switch name {
	case "integer", "bigint", "smallint", "text", "double", "real": // a display width or a precision, not a size
		t.Size = 0
	}
	return t
}
