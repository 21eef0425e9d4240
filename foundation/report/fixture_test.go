package report

import (
	"fmt"
	"strings"
)

// fixture is a report as the audit of a small shop (a Rails application and a Go worker) would give:
// twelve numbered findings, one pattern, one suppressed, a baseline, hostile text in the excerpt of
// one finding.
func fixture() *Report {
	rtt := Input{Name: "RTT", Value: 0.5, Unit: "ms", Origin: Assumed, Detail: "round trip to the database; replace with --rtt"}
	page := Input{Name: "R", Value: 50, Unit: "rows", Origin: Read, Detail: "page size in config/initializers/pagy.rb:3"}
	stmt := Input{Name: "S", Value: 0.12, Unit: "ms", Origin: Published, Detail: "PostgreSQL point select, client and server CPU, napkin rates 2026-09"}
	rows := Input{Name: "N", Value: 2_400_000, Unit: "rows", Origin: Flag, Detail: "--rows orders=2.4e6"}
	scan := Input{Name: "B", Value: 1.1, Unit: "GB/s", Origin: Measured, Detail: "sequential read on this machine"}

	n1 := Finding{
		Fingerprint: "a3f10c77be21", Rule: "db.n1-view", Title: "The order list loads customer and items once for each order",
		Severity: Critical, Evidence: 2, Confidence: 0.95, Effort: OneLine, Status: StatusStill, Priority: 41.2,
		Claim:   "`OrdersController#index` loads 50 orders; the view reads `order.customer` and `order.items` for each. That is 101 statements where 3 do.",
		Primary: Place{Path: "app/controllers/orders_controller.rb", StartLine: 14, EndLine: 14, Symbol: "OrdersController#index", Note: "the query that loads the orders"},
		Secondary: []Place{
			{Path: "app/views/orders/_order.html.erb", StartLine: 4, EndLine: 4, Note: "reads `order.customer.name` for each row"},
			{Path: "app/views/orders/_order.html.erb", StartLine: 9, EndLine: 11, Note: "loops over `order.items`"},
			{Path: "config/routes.rb", StartLine: 12, EndLine: 12, Symbol: "GET /orders", Note: "entry point"},
		},
		Excerpt: &Excerpt{Path: "app/controllers/orders_controller.rb", StartLine: 11, MarkFrom: 14, MarkTo: 14, Lines: []string{
			"class OrdersController < ApplicationController", "  # List of all orders, newest first.", "  def index",
			"    @pagy, @orders = pagy(Order.where(shop: current_shop).order(created_at: :desc))", "  end",
		}},
		Cost:       &Cost{Now: 62.6, Fixed: 1.86, Unit: "ms", Event: "request", Formula: "(1 + 2 R) × (RTT + S)", Inputs: []Input{page, rtt, stmt}, PerDay: 5_250_000, Dollars: 140},
		Fix:        Fix{Summary: "Load both associations with the orders: `.includes(:customer, :items)`.", Patch: "--- a/app/controllers/orders_controller.rb\n+++ b/app/controllers/orders_controller.rb\n@@ -11,5 +11,5 @@\n class OrdersController < ApplicationController\n   # List of all orders, newest first.\n   def index\n-    @pagy, @orders = pagy(Order.where(shop: current_shop).order(created_at: :desc))\n+    @pagy, @orders = pagy(Order.where(shop: current_shop).includes(:customer, :items).order(created_at: :desc))\n   end\n", Behaviour: "None that a user sees. Items of an order are loaded even where the partial hides them.", Rollout: "Deploy as usual.", Rollback: "Revert the commit."},
		Proof:      "`pg_stat_statements` for the `customers` and `order_items` point selects falls to the page count; or count statements of one request in the log: 101 before, 3 after.",
		WrongIf:    "Another layer already loads the associations, for example a default scope that was not read (see Coverage).",
		References: []Reference{{Title: "Active Record: eager loading", URL: "https://guides.rubyonrails.org/active_record_querying.html#eager-loading-associations"}},
	}

	index := Finding{
		Fingerprint: "0b9d44e2c6f8", Rule: "db.missing-index-fk", Title: "order_items.order_id has no index: every delete of an order scans 2.4 million rows",
		Severity: Critical, Evidence: 3, Confidence: 0.98, Effort: Migration, Status: StatusNew, Priority: 33,
		Claim:   "The foreign key `order_items.order_id` was added without an index. Reading the items of one order, and each delete of an order, reads the whole table.",
		Primary: Place{Path: "db/migrate/20240311_create_order_items.rb", StartLine: 5, EndLine: 5, Symbol: "order_items", Note: "the column"},
		Excerpt: &Excerpt{Path: "db/migrate/20240311_create_order_items.rb", StartLine: 3, MarkFrom: 5, MarkTo: 5, Lines: []string{
			"    create_table :order_items do |t|", "      t.integer :quantity, null: false", "      t.bigint :order_id, null: false", "      t.timestamps", "    end",
		}},
		Cost:    &Cost{Now: 218, Fixed: 0.08, Unit: "ms", Event: "delete of an order", Formula: "N × 100 B / B", Inputs: []Input{rows, scan}},
		Cliff:   "The scan holds a row lock on the order meanwhile: a nightly clean-up of 10,000 orders runs 36 minutes and blocks checkout on those rows.",
		Fix:     Fix{Summary: "Add the index concurrently, outside a transaction.", SQL: "CREATE INDEX CONCURRENTLY index_order_items_on_order_id\n  ON order_items (order_id);", Behaviour: "Writes to `order_items` maintain one more index (about 2 µs a row).", Rollout: "In its own migration with `disable_ddl_transaction!`. Takes about 4 s for 2.4 million rows and blocks no writes.", Rollback: "DROP INDEX CONCURRENTLY index_order_items_on_order_id."},
		Proof:   "`EXPLAIN DELETE FROM orders WHERE id = 1` shows an index scan on `order_items` in place of a sequential scan; `idx_scan` in `pg_stat_user_indexes` grows.",
		WrongIf: "The index exists in production but in no migration or dump of this repository.",
	}

	timeout := Finding{
		Fingerprint: "7711aa90de05", Rule: "http.client-no-timeout", Title: "The payment client waits for ever",
		Severity: High, Evidence: 2, Confidence: 0.9, Effort: OneFile, Status: StatusStill, Priority: 28,
		Claim:     "`http.DefaultClient` has no timeout. When the payment provider stops answering, each checkout holds a goroutine and a database connection until the process ends.",
		Primary:   Place{Path: "worker/payment/client.go", StartLine: 31, EndLine: 33, Symbol: "(*Client).Charge"},
		Secondary: []Place{{Path: "worker/payment/refund.go", StartLine: 22, EndLine: 22, Symbol: "(*Client).Refund"}},
		Excerpt: &Excerpt{Path: "worker/payment/client.go", StartLine: 29, MarkFrom: 31, MarkTo: 31, Lines: []string{
			"func (c *Client) Charge(ctx context.Context, o Order) (*Receipt, error) {", "\tbody, _ := json.Marshal(o)", "\tresp, err := http.Post(c.url+\"/charges\", \"application/json\", bytes.NewReader(body))", "\tif err != nil {", "\t\treturn nil, fmt.Errorf(\"charge: %w\", err)", "\t}",
		}},
		Cliff:   "With a pool of 20 connections and 15 checkouts a second, the shop stops 1.3 seconds after the provider does.",
		Fix:     Fix{Summary: "Give the client its own `http.Client` with a timeout of 5 s and pass the context.", Patch: "--- a/worker/payment/client.go\n+++ b/worker/payment/client.go\n@@ -30,2 +30,7 @@\n \tbody, _ := json.Marshal(o)\n-\tresp, err := http.Post(c.url+\"/charges\", \"application/json\", bytes.NewReader(body))\n+\treq, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+\"/charges\", bytes.NewReader(body))\n+\tif err != nil {\n+\t\treturn nil, fmt.Errorf(\"charge: %w\", err)\n+\t}\n+\treq.Header.Set(\"Content-Type\", \"application/json\")\n+\tresp, err := c.http.Do(req)\n", Behaviour: "A charge that takes longer than 5 s fails; the caller must treat it as unknown, not as declined.", Rollout: "Watch the provider's p99.9 for a day first; it must lie below the timeout.", Rollback: "Raise the timeout."},
		Proof:   "Block the provider in staging (`iptables -j DROP`): checkouts fail after 5 s and the pool stays below its size.",
		WrongIf: "A proxy in front of the provider enforces a shorter timeout.",
	}

	hostile := Finding{
		Fingerprint: "d00dfeed0001", Rule: "db.unbounded-read", Title: "The export reads the whole <orders> table into memory",
		Severity: High, Evidence: 1, Confidence: 0.85, Effort: OneLine, Status: StatusStill, Priority: 20,
		Claim:   "`Order.all.to_a` in the export job holds every order at once. Memory grows with the table | and the comment beside it is hostile.",
		Primary: Place{Path: "app/jobs/export job [v2].rb", StartLine: 8, EndLine: 8, Symbol: "ExportJob#perform"},
		Excerpt: &Excerpt{Path: "app/jobs/export job [v2].rb", StartLine: 6, MarkFrom: 8, MarkTo: 8, Lines: []string{
			"    # </code></pre><script>alert('owned')</script> \x1b[31mred\x1b[0m \x1b]0;title\x07 \u202egnp.exe\u202c",
			"    # ![x](http://example.invalid/x.png) **bold** ```", "    rows = Order.all.to_a", "    rows.each { |o| csv << o.attributes.values }",
		}},
		Cost:  &Cost{Now: 3360, Fixed: 1.4, Unit: "MB", Event: "export", Formula: "N × W", Inputs: []Input{rows, {Name: "W", Value: 1.4, Unit: "kB", Origin: Assumed, Detail: "one Order object with its attributes; replace with --rows"}}},
		Cliff: "The job's container is limited to 2 GB (deploy/compose.yaml:41): the export is killed at about 1.4 million orders, and the queue retries it 25 times.",
		Fix:   Fix{Summary: "Read in batches with `find_each`.", Behaviour: "Rows come in order of the primary key.", Rollout: "Deploy as usual.", Rollback: "Revert the commit."},
		Proof: "Peak memory of the worker during an export stays flat.",
	}

	rest := []Finding{
		small("e51a", "queue.write-in-loop", "Each import row is its own transaction", High, 2, OneFile, "app/services/import.rb", 40, &Cost{Now: 5000, Fixed: 61, Unit: "ms", Event: "import of 1,000 rows", Formula: "rows × F", Inputs: []Input{{Name: "F", Value: 5, Unit: "ms", Origin: Assumed, Detail: "fsync of a cloud volume; replace with `napkin rates measure`"}}}),
		small("f7c3", "redis.keys-command", "KEYS over the whole cache in the health check", High, 2, OneLine, "worker/health/health.go", 27, &Cost{Now: 900, Fixed: 0.6, Unit: "ms", Event: "health check", Formula: "K / rate", Inputs: []Input{{Name: "K", Value: 1.8e6, Unit: "keys", Origin: Assumed, Detail: "replace with --rows redis=…"}}}),
		small("9ab2", "http.body-not-closed", "A response body is not closed on the error path", High, 1, OneLine, "worker/stock/fetch.go", 58, nil),
		small("12de", "db.count-in-loop", "The dashboard counts items of each shop in a loop", Medium, 2, OneLine, "app/views/admin/shops/index.html.erb", 17, &Cost{Now: 19.2, Fixed: 1.24, Unit: "ms", Event: "request", Formula: "(1 + R) × (RTT + S)", Inputs: []Input{page, rtt, stmt}}),
		small("55aa", "migration.lock-not-null", "Adding NOT NULL without a checked constraint locks `orders`", Medium, 1, Migration, "db/migrate/20250102_currency_not_null.rb", 4, &Cost{Now: 2180, Fixed: 3, Unit: "ms", Event: "deploy", Formula: "N × 1 kB / B", Inputs: []Input{rows, scan}}),
		small("8810", "config.pool-too-small", "Puma runs 16 threads with 5 database connections", Medium, 1, OneLine, "config/database.yml", 9, nil),
		small("77bc", "docker.latest-tag", "The image is built from `ruby:latest`", Low, 1, OneLine, "Dockerfile", 1, nil),
		small("31fe", "db.select-star", "The feed reads 31 columns to show 3", Low, 1, OneLine, "app/models/feed.rb", 12, &Cost{Now: 1.2, Fixed: 0.9, Unit: "ms", Event: "request", Formula: "R × W / network", Inputs: []Input{page}}),
	}
	rest[2].Cliff = "Each failed fetch leaks one connection; at 1 % failures the worker is out of file descriptors after 28 hours."
	rest[5].Cliff = "The sixth request in one process waits 5 s for a connection, then fails."
	rest[1].Title = "日本語のキー `shop:*` を KEYS で読む health check, with a title that goes on for longer than any sensible title should in a terminal of eighty columns"

	pattern := small("e0e0", "db.n1-loop", "A loop body that looks like a query", Low, 0, OneLine, "lib/tasks/reindex.rake", 30, nil)
	suppressed := small("5c5c", "db.unbounded-read", "The back-fill reads all shops", Medium, 1, OneLine, "lib/tasks/backfill.rake", 12, nil)
	suppressed.Status, suppressed.Suppressed = StatusSuppressed, "There are 40 shops; until 2027-03-01"
	fixed := small("f1f1", "db.n1-view", "The invoice list loads the customer for each row", High, 2, OneLine, "app/views/invoices/index.html.erb", 8, nil)
	fixed.Status = StatusFixed

	findings := append([]Finding{n1, index, timeout, hostile}, rest...)
	findings = append(findings, pattern, suppressed)
	return &Report{
		SchemaVersion: SchemaVersion, Tool: Tool{Name: "napkin", Version: "0.1.0"}, Kind: "audit", Title: "Audit of shop", Subject: "shop",
		Verdict: Verdict{
			Headline: "The order list breaks first: at about 90 requests a second its 101 statements fill the database's connections.",
			Paragraphs: []string{
				"Two changes of one line and one index take away most of the load: eager loading in the order list (finding 1), the index on `order_items.order_id` (finding 2), and a timeout for the payment client (finding 3), which today can stop the whole shop.",
				"The schema is otherwise in order: keys are indexed, migrations are reversible, jobs are idempotent.",
			},
			Partial: "2 files could not be parsed: db/legacy.rb (invalid UTF-8), worker/gen.go (200 MB).",
		},
		System: []Fact{
			{Group: "Topology", Name: "web", Value: "Rails 7.1, Puma, 16 threads × 2 processes", Place: &Place{Path: "config/puma.rb", StartLine: 3, EndLine: 3}},
			{Group: "Topology", Name: "worker", Value: "Go 1.24, 8 queue consumers", Place: &Place{Path: "deploy/compose.yaml", StartLine: 38, EndLine: 52}},
			{Group: "Topology", Name: "database", Value: "PostgreSQL 16, one primary", Place: &Place{Path: "deploy/compose.yaml", StartLine: 8, EndLine: 20}},
			{Group: "Entities", Name: "tables", Value: "14 tables; largest assumed: `order_items`, `orders`"},
			{Group: "Entry points", Name: "routes", Value: "23 routes, 9 of them read lists"},
		},
		Budget: []Budget{
			{Entry: "GET /orders", Place: &Place{Path: "config/routes.rb", StartLine: 12, EndLine: 12}, Statements: 101, Floor: 3, NowMS: 62.6, FloorMS: 1.86},
			{Entry: "GET /admin/shops", Place: &Place{Path: "config/routes.rb", StartLine: 31, EndLine: 31}, Statements: 51, Floor: 2, NowMS: 31.6, FloorMS: 1.24},
			{Entry: "POST /checkout", Place: &Place{Path: "config/routes.rb", StartLine: 18, EndLine: 18}, Statements: 12, Floor: 9, NowMS: 7.4, FloorMS: 5.6},
			{Entry: "ExportJob", Statements: 1, Floor: 1, NowMS: 2900, FloorMS: 2900},
		},
		Findings: findings,
		Causes: []Cause{
			{Title: "No outgoing client has a timeout", Detail: "Set one in a shared client factory and use it in all 3 places.", Findings: []string{"7711aa90de05", "9ab2"}},
			{Title: "Lists are built without eager loading", Detail: "`strict_loading` by default turns each of them into a test failure.", Findings: []string{"a3f10c77be21", "12de", "e0e0"}},
		},
		Roadmap: Roadmap{
			Now:   []Step{{Title: "Eager-load the order list", Finding: "a3f10c77be21", Effort: OneLine, Gain: "34 times fewer statements"}, {Title: "Time out payments after 5 s", Finding: "7711aa90de05", Effort: OneFile, Gain: "ends the outage mode"}},
			Next:  []Step{{Title: "Index order_items.order_id", Finding: "0b9d44e2c6f8", Effort: Migration, Gain: "218 ms to 80 µs a delete"}},
			Later: []Step{{Title: "Turn on strict loading", Effort: CrossTeam, Gain: "keeps lists from growing new N+1s"}},
		},
		Good: []string{"Every job checks whether its work is done before it starts.", "Migrations are small and reversible."},
		Coverage: Coverage{
			Rows: []CoverageRow{
				{Kind: "Ruby", Files: 212, Read: 211, Skipped: 1, Lines: 14_302, Note: "`db/legacy.rb` is not UTF-8"},
				{Kind: "ERB", Files: 64, Read: 64, Lines: 2_910},
				{Kind: "Go", Files: 48, Read: 47, Skipped: 1, Lines: 9_120, Note: "generated file of 200 MB skipped"},
				{Kind: "YAML", Files: 9, Read: 9, Lines: 402},
			},
			Notes: []string{"7 uses of `send` and `method_missing` hide what they call.", "No access log was given: request rates are assumed to be equal for all routes."},
		},
		Appendix: []Appendix{{Title: "Findings by rule", Text: "Counts include patterns.\n\nSuppressed findings are left out.", Head: []string{"Rule", "Findings"}, Rows: [][]string{{"db.n1-view", "1"}, {"db.missing-index-fk", "1"}, {"a | b", "<b>"}}}},
		Sources: []Source{
			{Figure: "RTT", Value: "0.5 ms", Origin: Assumed, Detail: "replace with --rtt"},
			{Figure: "sequential read", Value: "1.1 GB/s", Origin: Measured, Detail: "this machine"},
		},
		Limit:    &Limit{Seconds: 0.041, Bound: "parse: 1.2 MB at 29 MB/s over 2 cores (measured, this machine)", Took: 0.063},
		Baseline: &Baseline{Against: "the audit of 2026-11-02", New: 1, Still: 11, Fixed: []Finding{fixed}},
		Rules: []RuleInfo{
			{ID: "db.n1-view", Title: "A view runs a query for each row", Summary: "A template reads an association of each row of a list that was loaded without it.", Help: "Load the association with the list.\n\n```ruby\nOrder.includes(:customer)\n```", URL: "https://guides.rubyonrails.org/active_record_querying.html"},
			{ID: "db.missing-index-fk", Title: "A foreign key has no index", Summary: "Deleting a parent row or reading the children of one scans the child table.", Help: "Add the index concurrently."},
			{ID: "http.client-no-timeout", Title: "An HTTP client has no timeout", Summary: "A server that stops answering stops its callers.", Help: "Set a timeout."},
		},
	}
}

// small is a finding with short texts.
func small(fp, rule, title string, s Severity, evidence int, e Effort, path string, at int, cost *Cost) Finding {
	return Finding{
		Fingerprint: fp, Rule: rule, Title: title, Severity: s, Evidence: evidence, Confidence: 0.8, Effort: e, Status: StatusStill, Priority: 3,
		Claim:   "What happens here grows with the data: " + strings.ToLower(title) + ".",
		Primary: Place{Path: path, StartLine: at, EndLine: at}, Cost: cost,
		Fix:   Fix{Summary: "Do the work once, outside of the loop.", Behaviour: "None.", Rollout: "Deploy as usual.", Rollback: "Revert the commit."},
		Proof: "Count statements of one request before and after.", WrongIf: "The loop never has more than a handful of rows.",
	}
}

// large is a report of n findings, each as rich as the richest of the fixture.
func large(n int) *Report {
	r := fixture()
	rich := r.Findings[0]
	r.Findings = nil
	for i := range n {
		f := rich
		f.Fingerprint = fmt.Sprintf("%012x", i*7919)
		f.Title = fmt.Sprintf("The list number %d loads customer and items once for each row", i)
		f.Primary.Path = fmt.Sprintf("app/controllers/module_%d/orders_controller.rb", i)
		r.Findings = append(r.Findings, f)
	}
	return r
}
