package fn

import (
	"math"
	"strconv"
	"strings"
)

var (
	thaiDigits = [...]string{"ศูนย์", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า"}
	thaiPlaces = [...]string{"", "", "ร้อย", "พัน", "หมื่น", "แสน"} // 1, 10, 100, ... 100,000; ten has rules of its own
)

// bahtText is a number in Thai words, as baht and satang, rounded to whole satang.
func bahtText(x float64) string {
	s := strconv.FormatFloat(math.Abs(x), 'e', 14, 64)
	exact, _ := strconv.ParseFloat(s, 64)
	if exact < 1e13 { // beyond, its 15 digits have one of satang at most
		exact = math.Round(exact*100) / 100
	}
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(exact, 'f', 2, 64), ".")
	var out strings.Builder
	if x < 0 && (strings.Trim(whole, "0") != "" || fraction != "00") {
		out.WriteString("ลบ")
	}
	switch {
	case whole != "0":
		out.WriteString(thaiWords(whole))
		out.WriteString("บาท")
	case fraction == "00":
		out.WriteString(thaiDigits[0])
		out.WriteString("บาท")
	}
	if fraction == "00" {
		out.WriteString("ถ้วน")
	} else {
		out.WriteString(thaiWords(fraction))
		out.WriteString("สตางค์")
	}
	return out.String()
}

// thaiWords is a number without sign in words: in groups of six digits, each with a million after it but the last.
func thaiWords(digits string) string {
	if len(digits) > 6 {
		return thaiWords(digits[:len(digits)-6]) + "ล้าน" + thaiWords(digits[len(digits)-6:])
	}
	var out strings.Builder
	tens := false
	for i := range len(digits) {
		d, place := digits[i]-'0', len(digits)-1-i
		switch {
		case d == 0:
		case place == 1:
			tens = true
			switch d {
			case 1:
			case 2:
				out.WriteString("ยี่")
			default:
				out.WriteString(thaiDigits[d])
			}
			out.WriteString("สิบ")
		case place == 0 && d == 1 && tens:
			out.WriteString("เอ็ด")
		default:
			out.WriteString(thaiDigits[d])
			out.WriteString(thaiPlaces[place])
		}
	}
	return out.String()
}
