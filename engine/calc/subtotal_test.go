package calc_test

import (
	"fmt"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc"
)

// TestNestedSubtotals holds which cells SUBTOTAL passes over, and that it adds as SUM does.
func TestNestedSubtotals(t *testing.T) {
	b := newBook(t, calc.Options{})
	for i := 1; i <= 40; i++ {
		b.set(fmt.Sprintf("A%d", i), float64(i)+0.1, fmt.Sprintf("B%d", i), fmt.Sprintf("=A%d/3", i), fmt.Sprintf("D%d", i), fmt.Sprintf("=SUBTOTAL(3,A$1:A%d)", i),
			fmt.Sprintf("E%d", i), fmt.Sprintf("=SUBTOTAL(9,B$1:B%d)-SUM(B$1:B%d)", i, i))
	}
	b.set("C1", "=LEN(\"SUBTOTAL(\")", "C2", "=100+SUBTOTAL(9,A1:A2)", "C3", "=ROUND(_xlfn.AGGREGATE(9,6,A1:A2),0)", "C4", "=subtotal(9,A1:A3)", "C5", 7, "C6", "x",
		"F1", "=SUBTOTAL(9,C1:C6)", "F2", "=SUBTOTAL(3,C1:C6)", "F3", "=SUBTOTAL(2,C1:C6)", "F4", "=SUBTOTAL(1,C1:C6)", "F5", "=SUBTOTAL(4,C1:C6)", "F6", "=SUBTOTAL(5,C1:C6)",
		"F7", "=AGGREGATE(9,1,C1:C6)=SUM(7,C1)", "F8", "=SUBTOTAL(9,A1:C6)=SUM(A1:B6,C1,C5)", "F9", "=SUBTOTAL(6,C1:C6)")
	b.want("D40", "40", "E17", "0", "E40", "0", "F1", "16", "F2", "3", "F3", "2", "F4", "8", "F5", "9", "F6", "7", "F7", "TRUE", "F8", "TRUE", "F9", "63")
	// A subtotal in the column is passed over, and is no more once it is something else.
	b.set("B20", "=SUBTOTAL(9,B1:B19)").want("E19", "0", "F9", "63")
	b.set("G1", "=SUBTOTAL(2,B1:B40)").want("G1", "39")
	b.set("B20", "=A20/3").want("G1", "40", "E40", "0")
}
