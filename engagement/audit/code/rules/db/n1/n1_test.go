package n1_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/aggregateperrow"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1nested"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1queryinloop"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1relation"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/rowwriteloop"
)

const models = `
class ApplicationRecord < ActiveRecord::Base
end
class Customer < ApplicationRecord
  def self.refresh(email)
    found = find_by(email: email)
    found.name
  end
end
class Account < ApplicationRecord
end
class Line < ApplicationRecord
  belongs_to :order
  after_save :recount
end
class Order < ApplicationRecord
  belongs_to :customer
  belongs_to :account
  has_many :lines
end
`

// found runs the family over one Ruby method and returns what it reported, one line each.
func found(t *testing.T, path, body string) ([]*rule.Finding, []string) {
	t.Helper()
	src := "class Report\n  def build(id, emails)\n    " + strings.ReplaceAll(strings.TrimSpace(body), "\n", "\n    ") + "\n  end\nend\n"
	p := load.FromFiles(map[string]string{"app/models/models.rb": models, path: src})
	if f := p.File(path); f.Tree == nil || f.Tree.Errors > 0 {
		t.Fatalf("%s does not parse", path)
	}
	fl := prepare.Run(t.Context(), p)
	var out []*rule.Finding
	var lines []string
	for _, r := range []*rule.Rule{n1relation.Rule, n1nested.Rule, n1queryinloop.Rule, aggregateperrow.Rule, rowwriteloop.Rule} {
		for _, f := range rule.NewPass(p, fl, &cost.Model{}, r).Run() {
			minor := ""
			if f.Minor {
				minor = " (minor)"
			}
			out = append(out, f)
			lines = append(lines, fmt.Sprintf("%s %s%s", strings.TrimPrefix(f.Rule, "db."), f.Title, minor))
		}
	}
	return out, lines
}

func TestFindings(t *testing.T) {
	const app = "app/services/report.rb"
	for _, c := range []struct {
		name, path, body string
		want             []string
	}{
		{"all statements of a loop are one finding", app, `
Order.where(open: true).each do |order|
  Customer.find_by(email: order.email)
  order.lines.count
end`, []string{"n1-query-in-loop Report.build: 2 statements per order"}},
		{"a relation names the other statements of its loop", app, `
orders = Order.where(open: true)
orders.each do |order|
  order.customer.name
  Account.find_by(code: order.code)
end`, []string{"n1-relation Report.build: customer read once per order"}},
		{"of the arms of a branch one is sent", app, `
Order.where(open: true).each do |order|
  if order.big
    Customer.find_by(email: order.email)
  else
    Account.find_by(code: order.code)
  end
end`, []string{"n1-query-in-loop Report.build: a query per order"}},
		{"loops of one function that queries are one finding on it", app, `
Order.where(open: true).each { |order| Customer.refresh(order.email) }
Line.where(open: true).each { |line| Customer.refresh(line.email) }`,
			[]string{"n1-query-in-loop Customer.refresh: a query per call, in 2 loops"}},
		{"a statement beside mail is noise", app, `
Order.where(open: true).each do |order|
  Customer.find_by(email: order.email)
  send_email(order)
end`, []string{"n1-query-in-loop Report.build: a query per order (minor)"}},
		{"an attribute that is called like slow work", app, `
Order.where(open: true).each do |order|
  Customer.find_by(email: order.email)
  order.downloads + order.pdf
end`, []string{"n1-query-in-loop Report.build: a query per order"}},
		{"seeds and samples are minor", "sample/report.rb", `
Order.where(open: true).each do |order|
  Customer.find_by(email: order.email)
end`, []string{"n1-query-in-loop Report.build: a query per order (minor)"}},
		{"the body of a cache", app, `
Order.where(open: true).each do |order|
  Rails.cache.fetch(order.id) { Customer.find_by(email: order.email) }
end`, nil},
		{"a handler of errors", app, `
Order.where(open: true).each do |order|
  order.check
rescue StandardError
  Customer.find_by(email: order.email)
end`, nil},
		{"rows written", app, `
Order.where(open: true).each { |order| order.update!(open: false) }`,
			[]string{"row-write-loop Report.build: a write per order"}},
		{"rows with callbacks in a transaction are as good as it gets", app, `
Line.transaction do
  Line.where(open: true).each { |line| line.update!(open: false) }
end`, nil},
		{"a set is one statement", app, `
emails.each { |email| Order.where(email: email).update_all(open: false) }`, nil},
		{"the loop ends behind the write", app, `
Order.where(open: true).each do |order|
  order.update!(open: false)
  break
end`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, got := found(t, c.path, c.body); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestRows(t *testing.T) {
	for _, c := range []struct {
		name, body string
		rows       float64
		detail     string
	}{
		{"a limit", "Order.where(open: true).limit(20).each { |order| Customer.find_by(email: order.email) }", 20, "limit"},
		{"a page", "Order.where(open: true).each { |order| Customer.find_by(email: order.email) }", 50, "one page or loop"},
		{"parts of one row", "Order.find(id).lines.each { |line| Customer.find_by(email: line.email) }", 5, "of one order"},
		{"children by the filter on their parent", "Order.where(account_id: id).each { |order| Customer.find_by(email: order.email) }", 10, "orders of one account"},
		{"all rows of a table", "Order.find_each { |order| Customer.find_by(email: order.email) }", 1000, "all rows"},
		{"keys of one call", "emails.each { |email| Customer.find_by(email: email) }", 50, "keys"},
		{"a cap", "raise 'too many' if emails.length > 100\nemails.each { |email| Customer.find_by(email: email) }", 100, "stated at"},
		{"a slice", "emails.first(30).each { |email| Customer.find_by(email: email) }", 30, "stated at"},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, lines := found(t, "app/services/report.rb", c.body)
			if len(list) != 1 {
				t.Fatalf("%d findings: %s", len(list), lines)
			}
			for _, in := range list[0].Cost.Inputs {
				if in.Name == "R" && (in.Value != c.rows || !strings.Contains(in.Detail, c.detail)) {
					t.Errorf("R = %g (%s), want %g (... %s ...)", in.Value, in.Detail, c.rows, c.detail)
				}
			}
		})
	}
}

func TestFix(t *testing.T) {
	for _, c := range []struct{ name, body, fix string }{
		{"the same on each turn", "name = 'x'\nOrder.where(open: true).each { |order| Account.find_by(name: name) }", "Move it in front of the loop"},
		{"existence", "Order.where(open: true).each { |order| Customer.exists?(email: order.email) }", "Ask once which of the keys exist"},
		{"counts", "Order.where(open: true).each { |order| order.lines.count }", "Ask once for all orders with GROUP BY"},
		{"rows", "Order.where(open: true).each { |order| Customer.find_by(email: order.email) }", "Ask once for all orders (IN"},
		{"writes", "Order.where(open: true).each { |order| order.update!(open: false) }", "Write the rows in batches"},
		{"writes in a transaction", "Order.transaction do\n  Order.where(open: true).each { |order| order.update!(open: false) }\nend", "Write all rows with one statement (`upsert_all`); the transaction is there already."},
		{"rows with callbacks", "Line.where(open: true).each { |line| line.update!(open: false) }", "Put the loop into one transaction. Keep the loop: writing a `Line` runs code"},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, lines := found(t, "app/services/report.rb", c.body)
			if len(list) != 1 || !strings.HasPrefix(list[0].Fix.Summary, c.fix) {
				t.Fatalf("%s", lines)
			}
			if !strings.HasPrefix(list[0].Fix.Summary, c.fix) {
				t.Errorf("fix %q, want %q", list[0].Fix.Summary, c.fix)
			}
		})
	}
}

func TestPatch(t *testing.T) {
	for _, c := range []struct{ name, query, want string }{
		{"behind the chain", "Order.where(open: true)", "Order.where(open: true).includes(:customer)"},
		{"into the call that is there", "Order.includes(:lines).where(open: true)", "Order.includes(:customer, :lines).where(open: true)"},
		{"on a line of its own", "Order\n  .where(open: true)\n  .order(:id)", "Order\n      .where(open: true)\n      .order(:id)\n      .includes(:customer)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, lines := found(t, "app/services/report.rb", "orders = "+c.query+"\norders.each { |order| order.customer.name }")
			if len(list) != 1 || len(list[0].Edits) != 1 {
				t.Fatalf("findings: %s", lines)
			}
			e := list[0].Edits[0]
			src := string(list[0].Primary.File.Source())
			if got := src[:e.Start] + e.New + src[e.End:]; !strings.Contains(got, c.want) {
				t.Errorf("patched:\n%s\nwant in it:\n%s", got, c.want)
			}
		})
	}
}
