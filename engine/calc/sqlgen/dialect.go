package sqlgen

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Dialect is the database that the SQL is for.
type Dialect string

// Dialects.
const (
	DuckDB     Dialect = "duckdb"
	ClickHouse Dialect = "clickhouse"
)

// Dialects lists the names for a person.
var Dialects = []string{string(DuckDB), string(ClickHouse)}

// product is the name of the database as its makers write it.
func (d Dialect) product() string { return d.pick("DuckDB", "ClickHouse") }

func (d Dialect) prologue() []string {
	if d == ClickHouse {
		return []string{"SET join_use_nulls = 1"}
	}
	return []string{"SET ieee_floating_point_ops = true"}
}

// create begins the statement that makes a table of a query.
func (d Dialect) create(table string) string {
	if d == ClickHouse {
		return "CREATE TABLE " + table + " ENGINE = MergeTree ORDER BY tuple() AS"
	}
	return "CREATE TABLE " + table + " AS"
}

// empty makes a table without rows.
func (d Dialect) empty(table string, columns []string, types []string) string {
	var list []string
	for i, c := range columns {
		list = append(list, c+" "+types[i])
	}
	s := "CREATE TABLE " + table + " (" + strings.Join(list, ", ") + ")"
	if d == ClickHouse {
		s += " ENGINE = MergeTree ORDER BY tuple()"
	}
	return s
}

// Types of columns.
func (d Dialect) float() string { return d.pick("DOUBLE", "Float64") }
func (d Dialect) int() string   { return d.pick("INTEGER", "Int32") }
func (d Dialect) word() string  { return d.pick("UBIGINT", "UInt64") }
func (d Dialect) text() string  { return d.pick("VARCHAR", "String") }

func (d Dialect) pick(duck, click string) string {
	if d == ClickHouse {
		return click
	}
	return duck
}

// numbers is a relation of the numbers from 0 to below n, in the column i.
func (d Dialect) numbers(n int) string {
	if d == ClickHouse {
		return fmt.Sprintf("(SELECT toInt32(number) AS i FROM numbers(%d))", n)
	}
	return fmt.Sprintf("(SELECT CAST(range AS INTEGER) AS i FROM range(%d))", n)
}

// number writes a value of the model.
func (d Dialect) number(v float64) string {
	switch {
	case math.IsNaN(v):
		return d.pick("CAST('nan' AS DOUBLE)", "nan")
	case math.IsInf(v, 1):
		return d.pick("CAST('inf' AS DOUBLE)", "inf")
	case math.IsInf(v, -1):
		return d.pick("CAST('-inf' AS DOUBLE)", "-inf")
	}
	// With an exponent a literal is a DOUBLE and no decimal.
	s := strconv.FormatFloat(v, 'e', -1, 64)
	if d == ClickHouse {
		s = "toFloat64(" + s + ")"
	}
	if v < 0 {
		return "(" + s + ")"
	}
	return s
}

func (d Dialect) asFloat(x string) string {
	if d == ClickHouse {
		return "toFloat64(" + x + ")"
	}
	return "CAST(" + x + " AS DOUBLE)"
}

// file is a relation of the rows of a file, and what stands at the end of the statement that reads it. All columns of a CSV file
// are texts.
func (d Dialect) file(kind, path string) (relation, settings string) {
	switch {
	case d == ClickHouse && kind == "parquet":
		return "file(" + d.quoted(path) + ", 'Parquet')", ""
	case d == ClickHouse:
		return "file(" + d.quoted(path) + ", 'CSVWithNames')", " SETTINGS input_format_csv_use_best_effort_in_schema_inference = 0"
	case kind == "parquet":
		return "read_parquet(" + d.quoted(path) + ")", ""
	}
	return "read_csv(" + d.quoted(path) + ", header = true, all_varchar = true)", ""
}

// trimmed is a value as a text without space around it.
func (d Dialect) trimmed(x string) string {
	if d == ClickHouse {
		return "trimBoth(toString(" + x + "))"
	}
	return "trim(CAST(" + x + " AS VARCHAR))"
}

func (d Dialect) isNaN(x string) string { return d.pick("isnan(", "isNaN(") + x + ")" }

// anyNaN is an aggregate: whether one of the values is NaN.
func (d Dialect) anyNaN(x string) string {
	if d == ClickHouse {
		return "max(isNaN(" + x + "))"
	}
	return "bool_or(isnan(" + x + "))"
}

func (d Dialect) xor(a, b string) string { return d.pick("xor(", "bitXor(") + a + ", " + b + ")" }

func (d Dialect) shift(a string, n int) string {
	if d == ClickHouse {
		return fmt.Sprintf("bitShiftRight(%s, %d)", a, n)
	}
	return fmt.Sprintf("(%s >> %d)", a, n)
}

// literal writes 64 bits.
func (d Dialect) literal(v uint64) string {
	if d == ClickHouse {
		return fmt.Sprintf("toUInt64(%d)", v)
	}
	return fmt.Sprintf("CAST(%d AS UBIGINT)", v)
}

// multiply multiplies modulo 2^64, which DuckDB does in 128 bits.
func (d Dialect) multiply(a string, by uint64) string {
	if d == ClickHouse {
		return fmt.Sprintf("(toUInt64(%s) * toUInt64(%d))", a, by) // a signed factor would make the product signed
	}
	return fmt.Sprintf("CAST((CAST(%s AS UHUGEINT) * CAST(%d AS UHUGEINT)) %% CAST(18446744073709551616 AS UHUGEINT) AS UBIGINT)", a, by)
}

// add adds modulo 2^64.
func (d Dialect) add(a string, b uint64) string {
	if d == ClickHouse {
		return fmt.Sprintf("(toUInt64(%s) + toUInt64(%d))", a, b)
	}
	return fmt.Sprintf("CAST((CAST(%s AS UHUGEINT) + CAST(%d AS UHUGEINT)) %% CAST(18446744073709551616 AS UHUGEINT) AS UBIGINT)", a, b)
}

// name quotes an identifier.
func name(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// quoted writes a text.
func (d Dialect) quoted(s string) string {
	if d == ClickHouse {
		s = strings.ReplaceAll(s, `\`, `\\`)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// atomic says whether an expression may be written twice.
func atomic(x string) bool {
	if len(x) > 40 {
		return false
	}
	for _, r := range x {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '.' && r != '+' && r != '-' {
			return false
		}
	}
	return true
}
