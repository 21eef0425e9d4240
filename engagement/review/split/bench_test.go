package split

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// migration is a script of the usual mixture: definitions, comments, a procedural block and rows.
const migration = `-- Orders get a currency.
ALTER TABLE public.orders ADD COLUMN currency character(3) DEFAULT 'EUR'::bpchar NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_currency_idx ON public.orders USING btree (lower(currency), created_at DESC) WHERE (deleted_at IS NULL);
/* the old
   column stays for a release */
UPDATE "orders" SET currency = 'USD', note = 'it''s dear' WHERE country IN ('us', 'pr') AND total >= 10.50;
INSERT INTO rates (id, code, rate, at) VALUES (1, 'EUR', 1.0, '2024-01-01 00:00:00'), (2, 'USD', 1.0845e0, '2024-01-01 00:00:00'), (3, 'SEK', 11.21, NULL);
`

const block = "DO $$ BEGIN IF NOT EXISTS (SELECT 1) THEN ALTER TABLE t ADD c int; END IF; END $$;\n"

func BenchmarkSplit(b *testing.B) {
	mysql := strings.NewReplacer(`"`, "`", "::bpchar", "", "CONCURRENTLY ", "").Replace(migration)
	for _, c := range []struct {
		name    string
		dialect schema.Dialect
		src     string
	}{
		{"postgres", schema.Postgres, migration + block},
		{"mysql", schema.MySQL, mysql},
		{"rows", schema.Postgres, "INSERT INTO t VALUES " + strings.Repeat("(1, 'some text', 3.5, NULL),\n", 100) + "(1, 'x', 3.5, NULL);\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			src := []byte(strings.Repeat(c.src, 1<<18/len(c.src)))
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Split("x.sql", src, Options{Dialect: c.dialect}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
