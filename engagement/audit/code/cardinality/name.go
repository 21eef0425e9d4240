package cardinality

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// Bookkeeping reports the tables of migration tools and frameworks.
func Bookkeeping(table string) bool { return bookkeeping[schema.Key(table)] }

var bookkeeping = set(`schema_migrations ar_internal_metadata migrations _prisma_migrations flyway_schema_history goose_db_version
	alembic_version knex_migrations knex_migrations_lock sequelizemeta django_migrations django_content_type databasechangelog
	databasechangeloglock schema_version django_site typeorm_metadata`)

// hand are last words, in the singular, of names of tables that people fill by hand.
var hand = set(`setting config configuration type kind status role permission category plan country currency language locale timezone
	feature flag theme migration option unit level template tier flipper gate region state lock server environment site provider
	page menu banner faq warehouse zone reason mode preset transport contenttype location datacenter node host machine mount rack`)

// person are last words of names of tables of people and their accounts.
var person = set(`user account customer member person people contact profile subscriber patient student player employee author passkey identity`)

// owner are last words of names of tables whose rows own the rows of others.
var owner = set(`organisation organization company tenant team workspace project group shop store merchant vendor supplier client
	application app domain repository network cluster brand department community publisher instance`)

// event are last words of names of tables to which use appends.
var event = set(`event log audit activity history notification message delivery view visit click impression hit metric
	measurement sample reading datapoint telemetry trace span execution tick pageview changelog journal timeseries kv`)

// credential are pairs of last words of names of tables in which an owner keeps a few secrets.
var credential = set(`api-key api-token access-key ssh-key signing-key oauth2-client oauth-client email-transport email-domain`)

// purpose are words that, before a last word code or token, say that it is used once and gone.
var purpose = set(`authorization authorisation verification confirmation activation reset recovery otp pairing magic signin
	unlock challenge`)

// passing reports whether the rows of a table go when they were used, or an owner keeps a handful: codes
// and tokens for one use, pins, drafts. Words that also stand for what lasts (access, refresh, coupon,
// postal) are left out.
func passing(words []string) bool {
	n := len(words)
	if n == 0 {
		return false
	}
	switch Singular(words[n-1]) {
	case "pin", "draft", "otp":
		return true
	case "code", "token":
		return n > 1 && (purpose[words[n-2]] || words[n-2] == "time" && n > 2 && words[n-3] == "one")
	}
	return false
}

// byName judges a table by its name alone.
func byName(table string) Guess {
	if Bookkeeping(table) {
		return Guess{toolRows, "a table of a tool"}
	}
	words := Words(table)
	if len(words) == 0 {
		return Guess{otherRows, "a table like any other"}
	}
	last := Singular(words[len(words)-1])
	if n := len(words); n > 1 && credential[words[n-2]+"-"+last] {
		return Guess{ownerRows, "secrets and settings that owners make by hand, by its name"}
	}
	if n := len(words); n > 1 && last == "type" && (words[n-2] == "content" || words[n-2] == "object") {
		return Guess{handRows, "the kinds of rows that the code knows, by its name"}
	}
	switch {
	case passing(words):
		return Guess{ownerRows, "rows that go when they are used, or a few for each owner, by its name"}
	case hand[last]:
		return Guess{handRows, "a list that people keep by hand, by its name"}
	case event[last]:
		return Guess{eventRows, "events that use appends, by its name"}
	case person[last]:
		return Guess{personRows, "people or their accounts, by its name"}
	case owner[last]:
		return Guess{ownerRows, "owners of other rows, by its name"}
	}
	return Guess{otherRows, "a table like any other"}
}

// Singular is the singular of an English word, by its ending.
func Singular(w string) string {
	switch {
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses") || strings.HasSuffix(w, "uses") || strings.HasSuffix(w, "xes"):
		return w[:len(w)-2]
	case strings.HasSuffix(w, "ss") || strings.HasSuffix(w, "us"):
		return w
	}
	return strings.TrimSuffix(w, "s")
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// Words splits an identifier at underscores, dots and changes of case, in lower case.
func Words(name string) []string {
	var out []string
	var sb strings.Builder
	flush := func() {
		if sb.Len() > 0 {
			out = append(out, strings.ToLower(sb.String()))
			sb.Reset()
		}
	}
	prevLower := false
	runes := []rune(schema.Unquote(name))
	for i, r := range runes {
		switch {
		case r == '_' || r == '.' || r == ' ' || r == '-' || r == '"':
			flush()
			prevLower = false
			continue
		case r >= 'A' && r <= 'Z':
			if prevLower || i > 0 && i+1 < len(runes) && runes[i+1] >= 'a' && runes[i+1] <= 'z' {
				flush()
			}
			prevLower = false
		default:
			prevLower = true
		}
		sb.WriteRune(r)
	}
	flush()
	return out
}

// People reports a table of people or their accounts, by its name.
func People(table string) bool { return byName(table).Rows == personRows }
