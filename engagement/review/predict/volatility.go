package predict

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// volatileFunctions are functions of PostgreSQL and its common extensions that give each row another
// value (pg_proc.provolatile = 'v').
var volatileFunctions = words("random random_normal gen_random_uuid uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 gen_random_bytes gen_salt clock_timestamp timeofday nextval setval " +
	"currval lastval pg_sleep set_config ulid_generate gen_ulid cuid nanoid")

// steadyFunctions are functions that give all rows of one statement the same value, given the same
// arguments: those that defaults use. What is in neither list is asked of the schema, and taken to be
// volatile when it does not know: that is PostgreSQL's own default for a function.
var steadyFunctions = words("now transaction_timestamp statement_timestamp current_setting txid_current pg_current_xact_id lower upper initcap md5 sha256 encode decode to_char to_timestamp to_date to_number date_trunc date_part make_date " +
	"make_interval make_timestamp make_timestamptz age extract timezone coalesce nullif greatest least concat concat_ws format left right lpad rpad length char_length octet_length substr substring replace trim btrim ltrim rtrim " +
	"regexp_replace split_part array_fill array_append array_cat string_to_array jsonb_build_object jsonb_build_array json_build_object json_build_array jsonb_object json_object to_json to_jsonb row_to_json abs ceil ceiling floor round trunc power sqrt sign mod " +
	"int4range int8range numrange tsrange tstzrange daterange point box inet host text varchar numeric decimal float4 float8 int4 int8 int2 bool date time timestamp timestamptz interval uuid json jsonb cast array row bit " +
	"current_date current_time current_timestamp localtime localtimestamp current_user session_user user current_schema current_database uuid_nil uuid_ns_dns hashtext to_tsvector")

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// volatile says whether an expression is computed for each row, by the function that makes it so. Unsure
// is set when nothing tells what the function is.
func (p *predictor) volatile(toks []sqltoken.Token) (name string, unsure bool) {
	for i := range toks {
		if toks[i].Kind != sqltoken.Word && toks[i].Kind != sqltoken.Quoted || i+1 >= len(toks) || !toks[i+1].Op("(") {
			continue
		}
		fn := strings.ToLower(toks[i].Value())
		if toks[i].Is("IN") || toks[i].Is("AND") || toks[i].Is("OR") || toks[i].Is("NOT") || i > 0 && toks[i-1].Op("::") {
			continue
		}
		switch {
		case volatileFunctions[fn]:
			return fn, false
		case steadyFunctions[fn]:
			continue
		}
		switch v := p.functionVolatility(fn); v {
		case "stable", "immutable":
		case "volatile":
			return fn, false
		default:
			return fn, true
		}
	}
	return "", false
}

func (p *predictor) functionVolatility(name string) string {
	if p.Volatility == nil {
		return ""
	}
	return p.Volatility(name)
}
