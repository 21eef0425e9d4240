package dialecttest_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/napkin-infra/napkin/engine/datadiff/dialecttest"
)

var (
	uuids = []string{
		"'123e4567-e89b-12d3-a456-426614174000'", "'123E4567-E89B-12D3-A456-426614174001'", "'00000000-0000-0000-0000-000000000000'",
		"'abcdefab-cdef-abcd-efab-cdefabcdefab'", "'ABCDEFAB-CDEF-ABCD-EFAB-CDEFABCDEFAC'",
	}
	oddUUIDs  = []string{"'aBcDeFaB-cdef-abcd-efab-cdefabcdefad'", "'123e4567e89b12d3a456426614174002'", "'123E4567E89B12D3A456426614174003'"}
	texts     = []string{"'plain'", "'Plain'", "''", "'cd '", "'cd'", "'  both  '", "'Ünïcödé'", "'o''brien'", `'back\slash'`, "'per%cent_'", "'12'", "'-1.50'", "'2026-11-27'", "'10:11:12'"}
	documents = []string{`'{"a": 1, "b": [true, null, "x"]}'`, `'{"b":[true,null,"x"],  "a":2.0}'`, `'[1e2, 1.50]'`, `'"text"'`, `'1'`, `'2.0'`, `'null'`, `'{"ü": "\u00fc"}'`}
	ints      = []string{"0", "-1", "42", "7"}
	dates     = []string{"'2026-11-27'", "'1969-12-31'", "'1000-01-01'", "'9999-12-31'", "'2024-02-29'"}
	moments   = []string{"'2026-11-27 10:11:12.123456'", "'2026-11-27 10:11:12.5'", "'2026-11-27 00:00:00'", "'1969-12-31 23:59:59'", "'2026-11-27 10:11:00'"}
	times     = []string{"'10:11:12.123456'", "'00:00:00'", "'23:59:59'", "'10:11:00'"}
	all       = slices.Concat(texts, uuids, documents)
)

// doubles are numbers of all sizes, as literals of doubles.
func doubles() []string {
	out := []string{"0e0", "1.5e0", "1e-300", "1.7976931348623157e308", "5e-320", "1e15", "123456789.12345678e0", "9.007199254740993e15"}
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // values for a test
	for range 30 {
		out = append(out, strconv.FormatFloat(random.NormFloat64(), 'e', -1, 64), fmt.Sprintf("%.17ge%d", 1+random.Float64(), random.IntN(600)-300))
	}
	return out
}

func postgresTypes() []dialecttest.Type {
	return []dialecttest.Type{
		{Name: "smallint", Values: ints}, {Name: "integer", Values: ints}, {Name: "bigint", Values: append(ints, "9223372036854775807")}, {Name: "oid", Values: []string{"0", "4294967295"}},
		{Name: "numeric", Values: append(ints, "1.50", "1e30", "'NaN'", "0.00000001")}, {Name: "numeric(12,2)", Values: append(ints, "1.5")}, {Name: "numeric(18)", Values: ints}, {Name: "money", Values: []string{"12.34::numeric", "-0.01::numeric"}},
		{Name: "real", Values: []string{"0.1", "12499.875", "'NaN'", "'-Infinity'", "'-0'"}}, {Name: "double precision", Values: append(doubles(), "'NaN'", "'Infinity'", "'-0'")},
		{Name: "boolean", Values: []string{"true", "false"}}, {Name: "bit(12)", Values: []string{"B'000000000101'", "B'111111111111'"}}, {Name: "varbit", Values: []string{"B''", "B'0101'", "B'01010'"}}, {Name: "bit(70)", Values: []string{"B'" + fmt.Sprintf("%070b", 5) + "'"}},
		{Name: "text", Values: slices.Concat(all, []string{"'123e4567-e89b-12d3-a456-426614174009   '"})}, {Name: `text collate "en-x-icu"`, Values: all}, {Name: "varchar(60)", Values: all}, {Name: "char(40)", Values: all}, {Name: "name", Values: texts}, {Name: `"char"`, Values: []string{"'a'", "' '", "''"}},
		{Name: "bytea", Values: []string{`'\x'`, `'\x00ff'`, `'\x123e4567e89b12d3a456426614174000'`}}, {Name: "uuid", Values: uuids},
		{Name: "date", Values: append(dates, "'infinity'", "'0044-03-15 BC'")}, {Name: "time", Values: append(times, "'24:00:00'")}, {Name: "timetz", Values: times}, {Name: "timestamp", Values: append(moments, "'infinity'", "'-infinity'", "'0044-03-15 12:00:00 BC'")},
		{Name: "timestamptz", Values: append(moments, "'infinity'")}, {Name: "interval", Values: []string{"'1 mon'", "'30 days'", "'720 hours'", "'-1 day 2 hours'"}},
		{Name: "json", Values: append(documents, `'{"z": "\u0000"}'`, `'1e200000'`)}, {Name: "jsonb", Values: documents}, {Name: "xml", Values: []string{"'<a>1</a>'"}},
		{Name: "inet", Values: []string{"'10.0.0.1'", "'10.0.0.0/8'", "'2001:db8::1'"}}, {Name: "cidr", Values: []string{"'10.0.0.0/8'"}}, {Name: "macaddr", Values: []string{"'08:00:2b:01:02:03'"}}, {Name: "macaddr8", Values: []string{"'08:00:2b:01:02:03:04:05'"}},
		{Name: "int[]", Values: []string{"'{}'", "'{1,NULL,3}'", "'[2:3]={1,2}'", "'{{1,2},{3,4}}'"}}, {Name: "text[]", Values: []string{`'{"a b",NULL,"q\"x"}'`, "'{A}'"}}, {Name: "json[]", Values: []string{`'{"{\"a\": 1}"}'`}},
		{Name: "float8[]", Values: []string{"'{0.1,NaN,-0}'"}}, {Name: "suite_mood", Values: []string{"'glad'", "'sad '"}}, {Name: "suite_short", Values: texts}, {Name: "point", Values: []string{"'(1,2)'"}}, {Name: "int4range", Values: []string{"'[1,5)'"}}, {Name: "tsvector", Values: []string{"'a b'"}},
	}
}

func mariadbTypes() []dialecttest.Type {
	return []dialecttest.Type{
		{Name: "tinyint", Values: ints}, {Name: "int zerofill", Values: []string{"0", "42"}}, {Name: "bigint", Values: append(ints, "9223372036854775807")}, {Name: "bigint unsigned", Values: []string{"0", "18446744073709551615"}},
		{Name: "year", Values: []string{"0", "1999", "2005", "2155"}}, {Name: "decimal(18)", Values: ints}, {Name: "decimal(20,3)", Values: append(ints, "1.500", "-0.001")},
		{Name: "float", Values: []string{"0.1", "12499.875", "-0e0", "3.4e38"}}, {Name: "double", Values: append(doubles(), "-0e0")}, {Name: "bit(12)", Values: []string{"5", "4095", "0"}}, {Name: "bit(64)", Values: []string{"0", "18446744073709551615"}}, {Name: "bit(1)", Values: []string{"0", "1"}},
		{Name: "date", Values: append(dates, "'0000-00-00'", "'2024-00-00'")}, {Name: "datetime(6)", Values: append(moments, "'0000-00-00 00:00:00'")}, {Name: "datetime", Values: append(dates, "'2026-11-27 10:11:12'")},
		{Name: "timestamp(6) null", Values: append(moments[:3], "'0000-00-00 00:00:00'")}, {Name: "time(6)", Values: append(times, "'-10:00:00'", "'838:59:59'")}, {Name: "time", Values: times[1:]},
		{Name: "varchar(80) collate utf8mb4_general_ci", Values: append(all, oddUUIDs...)}, {Name: "varchar(80) collate utf8mb4_bin", Values: append(all, oddUUIDs...)}, {Name: "varchar(80) collate utf8mb4_nopad_bin", Values: append(all, oddUUIDs...)},
		{Name: "varchar(80) collate utf8mb4_unicode_nopad_ci", Values: append(all, oddUUIDs...)}, {Name: "varchar(80) collate utf8mb4_danish_ci", Values: append(all, oddUUIDs...)}, {Name: "varchar(80) character set latin1", Values: append(all, oddUUIDs...)},
		{Name: "varchar(80) character set utf16", Values: append(all, oddUUIDs...)}, {Name: "varchar(80) character set cp1250 collate cp1250_bin", Values: append(all[:6], oddUUIDs...)}, {Name: "varchar(80) character set utf8mb3 collate utf8mb3_bin", Values: append(all, oddUUIDs...)},
		{Name: "char(40) collate utf8mb4_bin", Values: append(all, oddUUIDs...)}, {Name: "char(40) collate utf8mb4_nopad_bin", Values: append(all, oddUUIDs...)}, {Name: "char(32) character set ascii collate ascii_bin", Values: append(oddUUIDs[1:], "'abc'")}, {Name: "longtext", Values: append(all, oddUUIDs...)}, {Name: "text collate utf8mb4_nopad_bin", Values: append(all, oddUUIDs...)},
		{Name: "enum('small','large','')", Values: []string{"'small'", "'large'", "''"}}, {Name: "set('a','b','c')", Values: []string{"'a,b'", "''"}}, {Name: "json", Values: documents},
		{Name: "binary(4)", Values: []string{"x'00ff'", "x'20202020'"}}, {Name: "binary(16)", Values: []string{"x'123e4567e89b12d3a456426614174000'"}}, {Name: "varbinary(16)", Values: []string{"x''", "x'20'", "x'00'", "x'123e4567e89b12d3a456426614174000'"}}, {Name: "blob", Values: []string{"x''", "x'00ff'"}},
		{Name: "uuid", Values: uuids}, {Name: "inet4", Values: []string{"'10.0.0.1'"}}, {Name: "inet6", Values: []string{"'2001:db8::1'", "'::ffff:10.0.0.1'"}}, {Name: "point", Values: []string{"point(1, 2)"}},
	}
}

func sqliteTypes() []dialecttest.Type {
	blobs := []string{"x''", "x'00ff'", "x'123e4567e89b12d3a456426614174000'"}
	spelt := []string{"'2026-11-27T10:11:12.500'", "'2026-11-27 10:11:12.500000000'", "'2026-11-27'", "'2026-11-27T00:00'", "'2026-11-27 12:11:12+02:00'", "'2026-11-27 10:11:12Z'", "'02026-11-28'", "'2026-11-27 010:12:12'", "'-0000-01-01'", "'infinity'", "'-infinity'", "'12026-11-27'"}
	numbers := slices.Concat(ints, doubles(), []string{"1.5", "9e999", "-9e999", "9223372036854775807"})
	words := []string{"'NaN'", "'Infinity'", "'-Infinity'", "'1e400'", "'1.50'", "'1.5'", "'1.500'", "'123456789012345678901234567890'", "'0101'", "'0'"}
	every := slices.Concat(all, numbers, words, blobs, spelt, moments, times, []string{"'10:11'", "'010:11:00'", "'100:11:00'", "char(0)||'x'", "cast(x'ff' as text)"})
	var out []dialecttest.Type
	for _, name := range []string{"integer", "bigint", "boolean", "decimal(12,3)", "numeric", "real", "double", "text", "text collate nocase", "varchar(40)", "char(10)", "char(36) collate rtrim", "blob", "uuid", "date", "time", "datetime", "timestamptz", "bit(12)", "bit", "json", "any", "foo", ""} {
		out = append(out, dialecttest.Type{Name: name, Values: every})
	}
	return out
}
