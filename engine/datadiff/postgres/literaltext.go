package postgres

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

const dayMicros = 86_400_000_000

func wholeDay(micros int64) bool {
	return micros == canon.NegativeInfinity || micros == canon.PositiveInfinity || micros%dayMicros == 0
}

// momentText writes a date, time or timestamp as ISO 8601, with BC behind years before the first.
func momentText(t columnType, tag canon.Tag, v int64) (string, error) {
	if tag == canon.Time {
		if v < 0 || v > dayMicros {
			return "", cannot("PostgreSQL's time ends at 24:00:00")
		}
		return clock(v), nil
	}
	switch v {
	case canon.NegativeInfinity:
		return "-infinity", nil
	case canon.PositiveInfinity:
		return "infinity", nil
	}
	day, within := v, int64(0)
	if tag != canon.Date {
		day, within = v/dayMicros, v%dayMicros
		if within < 0 {
			day, within = day-1, within+dayMicros
		}
	}
	year, month, dom := civil(day)
	era := ""
	if year < 1 {
		year, era = 1-year, " BC"
	}
	text := fmt.Sprintf("%04d-%02d-%02d", year, month, dom)
	if tag != canon.Date && (t.oid != oidDate || within != 0) {
		text += " " + clock(within)
		if t.oid == oidTimestamp2 {
			text += "+00"
		}
	}
	return text + era, nil
}

func clock(v int64) string {
	return fmt.Sprintf("%02d:%02d:%02d.%06d", v/3_600_000_000, v/60_000_000%60, v/1_000_000%60, v%1_000_000)
}

// civil converts days since 1970-01-01 to a date of the proleptic Gregorian calendar; the year before 1
// is 0. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
func civil(days int64) (year, month, day int64) {
	z := days + 719_468
	era := z / 146_097
	if z < 0 {
		era = (z - 146_096) / 146_097
	}
	doe := z - era*146_097
	yoe := (doe - doe/1460 + doe/36_524 - doe/146_096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = doy - (153*mp+2)/5 + 1
	month = mp + 3
	if month > 12 {
		month -= 12
	}
	year = yoe + era*400
	if month <= 2 {
		year++
	}
	return year, month, day
}

// intervalText writes the three parts of an interval one by one; the server keeps them apart.
func intervalText(cell []byte) string {
	micros := int64(binary.BigEndian.Uint64(cell[1:]) ^ 1<<63)
	days := int32(binary.BigEndian.Uint32(cell[9:]))
	months := int32(binary.BigEndian.Uint32(cell[13:]))
	sign, rest := "", uint64(micros)
	if micros < 0 {
		sign, rest = "-", -rest
	}
	return fmt.Sprintf("%d mons %d days %s%d:%02d:%02d.%06d", months, days, sign, rest/3_600_000_000, rest/60_000_000%60, rest/1_000_000%60, rest%1_000_000)
}

// jsonText writes a document from its cells: keys in the order of their bytes, numbers in plain notation.
func jsonText(cell []byte) (string, error) {
	var sb strings.Builder
	if _, err := writeJSON(&sb, cell); err != nil {
		return "", err
	}
	return sb.String(), nil
}

func writeJSON(sb *strings.Builder, cells []byte) ([]byte, error) {
	cell, rest, err := canon.Next(cells)
	if err != nil {
		return nil, err
	}
	switch tag := canon.Tag(cell[0]); tag {
	case canon.JSONNull:
		sb.WriteString("null")
	case canon.JSONFalse:
		sb.WriteString("false")
	case canon.JSONTrue:
		sb.WriteString("true")
	case canon.Decimal:
		number, err := decimalText(cell)
		if err != nil {
			return nil, err
		}
		sb.WriteString(number)
	case canon.Text:
		return rest, writeJSONString(sb, canon.Content(cell))
	case canon.JSONArray, canon.JSONObject:
		return rest, writeJSONMembers(sb, cell)
	default:
		return nil, cannot("a cell of the kind %#x is no JSON", byte(tag))
	}
	return rest, nil
}

func writeJSONMembers(sb *strings.Builder, cell []byte) error {
	n, k := binary.Uvarint(cell[1:])
	inside := cell[1+k:]
	object := canon.Tag(cell[0]) == canon.JSONObject
	brackets := "[]"
	if object {
		brackets = "{}"
	}
	sb.WriteByte(brackets[0])
	for i := range n {
		if i > 0 {
			sb.WriteByte(',')
		}
		var err error
		if object {
			if inside, err = writeJSON(sb, inside); err != nil {
				return err
			}
			sb.WriteByte(':')
		}
		if inside, err = writeJSON(sb, inside); err != nil {
			return err
		}
	}
	sb.WriteByte(brackets[1])
	return nil
}

func writeJSONString(sb *strings.Builder, content []byte) error {
	if strings.IndexByte(string(content), 0) >= 0 {
		return cannot("PostgreSQL stores no text with a zero byte")
	}
	enc := json.NewEncoder(&noNewline{sb})
	enc.SetEscapeHTML(false)
	return enc.Encode(string(content))
}

// noNewline drops the newline that json.Encoder puts behind a value.
type noNewline struct{ sb *strings.Builder }

func (w *noNewline) Write(p []byte) (int, error) {
	w.sb.WriteString(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}
