package audit

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/rules"
	"github.com/napkin-infra/napkin/foundation/report"
)

const shopRoot = "../../examples/shop"

// promise is one row of the example's README: a fault, or code that only looks like one.
type promise struct {
	number string // S01, C01; empty for code that is right
	rule   string
	file   string
	what   string
}

var (
	faultRow = regexp.MustCompile(`^\| ([SC]\d\d) \| (\S+) \| (\S+) \| ([^|]+) \|`)
	rightRow = regexp.MustCompile(`^\| ([A-Za-z0-9_./-]+) \| ([^|]+) \| [^|]+ \|$`)
)

// promises reads the tables of the example's README: what is named, what no rule names, what is right.
func promises(t *testing.T) (faults, silent, right []promise) {
	t.Helper()
	text, err := os.ReadFile(shopRoot + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, after, found := strings.Cut(string(text), "## What looks wrong and is not")
	before, unnamed, also := strings.Cut(before, "## Faults that no rule names")
	if !found || !also {
		t.Fatal("the README of the example has no table of what looks wrong and is not, or of what no rule names")
	}
	for list, part := range map[*[]promise]string{&faults: before, &silent: unnamed} {
		for line := range strings.SplitSeq(part, "\n") {
			if m := faultRow.FindStringSubmatch(line); m != nil {
				*list = append(*list, promise{m[1], m[2], m[3], m[4]})
			}
		}
	}
	for line := range strings.SplitSeq(after, "\n") {
		if m := rightRow.FindStringSubmatch(line); m != nil && m[1] != "file" && m[1] != "---" {
			right = append(right, promise{file: m[1], what: m[2]})
		}
	}
	return faults, silent, right
}

// touches holds when the claim stands in the file, with its first place or another.
func (a *Atom) touches(file string) bool {
	return a.Primary.Path == file || slices.ContainsFunc(a.Secondary, func(p report.Place) bool { return p.Path == file })
}

// TestShopFaultsAreFound holds every row of the example's README against the audit: each is told, most
// of them in the main body and the rest among the minor findings. Rows whose rule is not implemented
// are listed in the output.
func TestShopFaultsAreFound(t *testing.T) {
	faults, silent, _ := promises(t)
	if len(faults) < 60 {
		t.Fatalf("%d rows of faults were read, want at least 60", len(faults))
	}
	known := map[string]bool{}
	for _, r := range Rules() {
		known[r.ID] = true
	}
	planned := map[string]bool{}
	for _, r := range rules.NotYet {
		planned[r.ID] = true
	}
	r := run(t, Options{Root: shopRoot})
	minor := map[string]bool{} // told in the appendix as true but small
	for _, x := range r.Report.Appendix {
		for _, row := range x.Rows {
			if x.Title == "Minor findings" {
				minor[row[0]+" "+row[1]] = true
			}
		}
	}
	var missing []string
	inBody := 0
	for _, p := range faults {
		if !known[p.rule] {
			missing = append(missing, p.number+" "+p.rule)
			if !planned[p.rule] {
				t.Errorf("%s: the rule %s stands neither in the catalogue nor in the list of what is not implemented yet", p.number, p.rule)
			}
			continue
		}
		body, small, hidden := false, false, false
		for i := range r.Atoms {
			if a := &r.Atoms[i]; a.Rule == p.rule && a.touches(p.file) {
				body = body || a.Finding != ""
				small = small || minor[a.Rule+" "+where(a.Primary)]
				hidden = true
			}
		}
		switch {
		case body:
			inBody++
		case small:
			t.Logf("minor: %s %s", p.number, p.rule)
		case hidden:
			t.Errorf("%s: %s in %s is told as a pattern without proof: %s", p.number, p.rule, p.file, p.what)
		default:
			t.Errorf("%s: %s does not name %s: %s", p.number, p.rule, p.file, p.what)
		}
	}
	t.Logf("%d of %d faults have a rule; %d are told in the main body", len(faults)-len(missing), len(faults), inBody)
	if inBody*3 < (len(faults)-len(missing))*2 {
		t.Errorf("%d of %d faults with a rule are told in the main body, want two thirds", inBody, len(faults)-len(missing))
	}
	for _, p := range silent {
		if !known[p.rule] && !planned[p.rule] {
			t.Errorf("%s: the rule %s stands neither in the catalogue nor in the list of what is not implemented yet", p.number, p.rule)
		}
		for i := range r.Atoms {
			if a := &r.Atoms[i]; a.Rule == p.rule && a.Primary.Path == p.file && a.Finding != "" {
				t.Errorf("%s: %s names %s now: move the row to the table of faults", p.number, p.rule, p.file)
			}
		}
	}
	for _, s := range missing {
		t.Logf("no rule yet: %s", s)
	}
}

// forbidden says for each row of code that only looks wrong which claims would be false alarms there.
// The key is the row's file and the beginning of what it looks like.
var forbidden = map[string]struct {
	rules  []string // patterns as in --only
	symbol string   // only claims inside this function or resource; empty for the whole file
}{
	"app/controllers/orders_controller.rb `show`":               {[]string{"db.n1-*", "db.aggregate-per-row"}, "show"},
	"app/controllers/admin/orders_controller.rb the admin list": {[]string{"db.n1-*"}, ""},
	"app/views/products/_product.html.erb `review_badge`":       {[]string{"db.aggregate-per-row"}, ""},
	"app/jobs/invoice_export_job.rb relations":                  {[]string{"db.n1-*", "db.unbatched-scan", "db.unbounded-load"}, ""},
	"app/jobs/purge_webhook_events_job.rb a mass DELETE":        {[]string{"db.unbatched-mutation", "db.row-write-loop"}, ""},
	"app/jobs/settle_payment_job.rb a webhook":                  {[]string{"job.no-idempotency", "db.race-*", "db.io-in-txn"}, ""},
	"app/models/stock_level.rb check, then act":                 {[]string{"db.race-*", "db.lock-outside-txn"}, ""},
	"app/services/checkout.rb `copy_items`":                     {[]string{"db.row-write-loop", "db.n1-query-in-loop"}, ""},
	"app/services/price_cache.rb SET":                           {[]string{"cache"}, ""},
	"app/services/warehouse_client.rb an HTTP client":           {[]string{"net.client-no-timeout", "net.client-per-call"}, ""},
	"app/services/recently_viewed.rb LRANGE":                    {[]string{"cache.redis-*"}, ""},
	"config/initializers/http_clients.rb the search client":     {[]string{"net.client-no-timeout"}, "search"},
	"db/migrate/20240502120000_index_orders_by_status.rb":       {[]string{"mig"}, ""},
	"services/pricing/store.go `CurrentMany`, `Rules`":          {[]string{"go", "db.unbounded-*", "db.n1-*"}, "CurrentMany|Rules"},
	"services/pricing/cache.go `rules`":                         {[]string{"cache.unbounded-map"}, "rules"},
	"services/pricing/handler.go a loop that never ends":        {[]string{"go.goroutine-leak", "job"}, ""},
	"services/fulfilment/store.go `ClaimLabels`":                {[]string{"db.skip-locked-missing", "db.io-in-txn", "db.race-*"}, ""},
	"services/fulfilment/main.go an HTTP server":                {[]string{"net.server-no-timeout", "db.pool-*", "ops.shutdown"}, ""},
	"services/fulfilment/carrier.go `Track` tries again":        {[]string{"net.retry-*", "go", "net.client-*"}, "Track"},
	"nginx/nginx.conf the pricing upstream":                     {[]string{"ops.nginx-*"}, "pricing"},
	"k8s/worker.yaml a Deployment":                              {[]string{"ops.k8s-*"}, ""},
	"k8s/cron.yaml `expire-carts`":                              {[]string{"job.cron-overlap", "job.no-timeout"}, "expire-carts"},
}

// TestShopRaisesNoFalseAlarm holds the README's last table: nothing visible says of these places what
// they only look like.
func TestShopRaisesNoFalseAlarm(t *testing.T) {
	_, _, right := promises(t)
	if len(right) != len(forbidden) {
		t.Errorf("the README lists %d places that are right, the test %d", len(right), len(forbidden))
	}
	r := run(t, Options{Root: shopRoot})
	titles := map[string]string{}
	for _, f := range r.Report.Findings {
		titles[f.Fingerprint] = f.Title
	}
	for _, p := range right {
		checked := false
		for key, no := range forbidden {
			if !strings.HasPrefix(p.file+" "+p.what, key) {
				continue
			}
			checked = true
			for i := range r.Atoms {
				a := &r.Atoms[i]
				if a.Finding == "" || a.Primary.Path != p.file || !selected(a.Rule, no.rules) {
					continue
				}
				if no.symbol == "" || slices.ContainsFunc(strings.Split(no.symbol, "|"), func(s string) bool { return strings.Contains(a.Primary.Symbol, s) }) {
					t.Errorf("%s:%d (%s): %s says %q, but: %s", p.file, a.Primary.StartLine, a.Primary.Symbol, a.Rule, titles[a.Finding], p.what)
				}
			}
		}
		if !checked {
			t.Errorf("the test does not say what would be a false alarm in %s: %s", p.file, p.what)
		}
	}
}
