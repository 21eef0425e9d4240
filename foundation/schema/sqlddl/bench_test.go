package sqlddl

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// dump is what pg_dump writes of a table and a change behind it.
const dump = `--
-- Name: orders; Type: TABLE; Schema: public; Owner: -
--
CREATE TABLE public.orders (
    id bigint DEFAULT nextval('public.orders_id_seq'::regclass) NOT NULL,
    customer_id bigint NOT NULL REFERENCES public.customers (id) ON DELETE CASCADE,
    state character varying(16) DEFAULT 'new'::character varying NOT NULL,
    total numeric(12,2) DEFAULT 0.0,
    created_at timestamp without time zone,
    CONSTRAINT orders_total_check CHECK ((total >= (0)::numeric))
);
/* an index for the list */
CREATE INDEX orders_customer_idx ON public.orders USING btree (customer_id, lower((state)::text), created_at DESC) WHERE (total > (0)::numeric);
ALTER TABLE ONLY public.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id), ALTER COLUMN state SET DEFAULT 'paid';
`

const mysqlDump = "/*!40101 SET NAMES utf8mb4 */;\nDROP TABLE IF EXISTS `orders`;\nCREATE TABLE `orders` (\n  `id` bigint unsigned NOT NULL AUTO_INCREMENT,\n" +
	"  `state` varchar(16) COLLATE utf8mb4_bin DEFAULT 'it\\'s',\n  PRIMARY KEY (`id`),\n  KEY `by_state` (`state`(8))\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4; # the end\n"

// BenchmarkParseDDL reads definitions, and rows that change no schema and are passed over.
func BenchmarkParseDDL(b *testing.B) {
	for _, c := range []struct {
		name    string
		dialect schema.Dialect
		src     string
	}{
		{"postgres", schema.Postgres, dump},
		{"mysql", schema.MySQL, mysqlDump},
		{"rows", schema.MySQL, "INSERT INTO `t` VALUES " + strings.Repeat("(1,'some text',3.5,NULL),\n", 100) + "(1,'x',3.5,NULL);\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			src := []byte(strings.Repeat(c.src, 1<<18/len(c.src)))
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				ParseDDL("x.sql", src, c.dialect)
			}
		})
	}
}
