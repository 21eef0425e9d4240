package postgres

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// OIDs of built-in types that have no decoder of their own but a form.
const (
	oidCIDR, oidInet, oidMacaddr, oidMacaddr8 = 650, 869, 829, 774
)

// typeInfo is a row of pg_type.
type typeInfo struct {
	name string
	kind byte // typtype: b base, c composite, d domain, e enum, r range, m multirange
	// base is the type under a domain, and declared how it is spelled there with its modifiers.
	base     uint32
	declared string
	elem     uint32 // of a true array, else 0
	// cast spells the type so that no modifier is implied: bpchar and not character, which is one letter.
	cast string
}

// columnType is the type of a column behind all its domains.
type columnType struct {
	oid       uint32
	cast      string
	enum      bool
	citext    bool
	elem      *columnType // nil for what is no array
	modifiers []int       // numeric(12,2): 12 and 2
}

// typeOf resolves the type of a column from what Table has read. A column of another origin has the
// forms of its built-in type.
func (d *Database) typeOf(c dialect.Column) columnType {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.resolve(c.Code, c.Type, 0)
}

// deepestType bounds domains over arrays of domains, which the server does not let form a circle.
const deepestType = 16

func (d *Database) resolve(oid uint32, declared string, depth int) columnType {
	info, known := d.types[oid]
	if !known || depth == deepestType {
		return columnType{oid: oid, cast: declared, modifiers: modifiersOf(declared)}
	}
	if info.kind == 'd' {
		return d.resolve(info.base, info.declared, depth+1)
	}
	t := columnType{oid: oid, cast: info.cast, enum: info.kind == 'e', citext: info.name == "citext", modifiers: modifiersOf(declared)}
	if info.elem != 0 {
		elem := d.resolve(info.elem, "", depth+1)
		t.elem = &elem
	}
	return t
}

// modifiersOf reads the numbers in the parentheses of a type's spelling.
func modifiersOf(declared string) []int {
	_, rest, ok := strings.Cut(declared, "(")
	if !ok {
		return nil
	}
	inside, _, _ := strings.Cut(rest, ")")
	var out []int
	for part := range strings.SplitSeq(inside, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return nil
		}
		out = append(out, n)
	}
	return out
}

// isText says whether values are compared as text under a collation.
func (t columnType) isText() bool {
	switch t.oid {
	case oidText, oidVarchar, oidBPChar, oidName:
		return true
	}
	return t.citext
}

// sortsByValue says whether the order of a type that is no text is that of its canonical values.
// Intervals are not in it: a month equals thirty days.
func (t columnType) sortsByValue() bool {
	switch t.oid {
	case oidBool, oidInt2, oidInt4, oidInt8, oidOID, oidNumeric, oidFloat4, oidFloat8, oidMoney,
		oidDate, oidTime, oidTimestamp, oidTimestamp2, oidUUID, oidBytea:
		return true
	}
	return false
}

// widthOf is the size of a value of a type without statistics; 0 when it varies.
func (t columnType) widthOf() int {
	switch t.oid {
	case oidBool, oidChar:
		return 1
	case oidInt2:
		return 2
	case oidInt4, oidOID, oidFloat4, oidDate:
		return 4
	case oidInt8, oidFloat8, oidMoney, oidTime, oidTimestamp, oidTimestamp2:
		return 8
	case oidUUID, oidInterval:
		return 16
	case oidBPChar:
		if len(t.modifiers) == 1 {
			return t.modifiers[0]
		}
	}
	return 0
}
