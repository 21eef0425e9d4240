package sqlquery

import "testing"

// BenchmarkAnalyze reads queries of the sizes that stand in programs.
func BenchmarkAnalyze(b *testing.B) {
	for _, c := range []struct{ name, query string }{
		{"short", "SELECT * FROM users WHERE email = ? LIMIT 1"},
		{"long", `SELECT o.id, o.total, c.name AS "customer", COUNT(*) FROM orders o JOIN customers c ON c.id = o.customer_id LEFT JOIN items i ON i.order_id = o.id
WHERE o.state IN ('new', 'paid') AND lower(c.email) LIKE :pattern AND o.created_at >= %s AND o.total > 10.5 -- dear ones
GROUP BY o.id, c.name ORDER BY o.created_at DESC LIMIT #{size} OFFSET $2`},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.query)))
			b.ReportAllocs()
			for b.Loop() {
				Analyze(c.query)
			}
		})
	}
}
