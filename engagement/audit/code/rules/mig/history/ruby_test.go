package history

import "testing"

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"orders": "orders", "public.orders": "public.orders", `"Order"`: `"Order"`, "OrderLine": `"OrderLine"`, `public."OrderLine"`: `public."OrderLine"`, "2fa": `"2fa"`,
	} {
		if got := Quote(in); got != want {
			t.Errorf("Quote(%s) = %s, want %s", in, got, want)
		}
	}
}
