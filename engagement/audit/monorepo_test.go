package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// billing and store are two applications with the same tables, models, controllers and views. One has
// the index that the other lacks, and each loads another relation once per row.
func railsApplication(index, relation string) map[string]string {
	files := maps.Clone(shop)
	files["Gemfile"] = "gem \"rails\"\ngem \"pg\"\n"
	files["app/models/order.rb"] = "class Order < ApplicationRecord\n  belongs_to :customer\n  belongs_to :shop\nend\n"
	files["app/models/shop.rb"] = "class Shop < ApplicationRecord\n  has_many :orders\nend\n"
	files["app/controllers/orders_controller.rb"] = `class OrdersController < ApplicationController
  def index
    @orders = Order.where(open: true).limit(50)
  end

  def show
    @order = Order.find_by(number: params[:number])
  end
end
`
	files["app/views/orders/index.html.erb"] = "<% @orders.each do |order| %>\n  <%= order." + relation + ".name %>\n  <%= money(order) %>\n<% end %>\n"
	files["app/helpers/orders_helper.rb"] = "module OrdersHelper\n  def money(order)\n    order.total\n  end\nend\n"
	files["db/schema.rb"] = `ActiveRecord::Schema[7.1].define(version: 2024_01_01_000000) do
  create_table "customers", force: :cascade do |t|
    t.string "name"
  end

  create_table "shops", force: :cascade do |t|
    t.string "name"
  end

  create_table "orders", force: :cascade do |t|
    t.bigint "customer_id", null: false
    t.bigint "shop_id", null: false
    t.string "number"
    t.boolean "open"
    t.index ["customer_id"], name: "index_orders_on_customer_id"
    t.index ["shop_id"], name: "index_orders_on_shop_id"
` + index + `  end
end
`
	return files
}

// below puts the files of an application into a folder.
func below(dir string, files map[string]string) map[string]string {
	out := map[string]string{}
	for name, text := range files {
		out[dir+"/"+name] = text
	}
	return out
}

// found lists the findings as rule, title and place, each path behind a prefix.
func found(r *Result, prefix string) []string {
	var out []string
	for _, f := range r.Report.Findings {
		out = append(out, fmt.Sprintf("%s: %s (%s%s:%d)", f.Rule, f.Title, prefix, f.Primary.Path, f.Primary.StartLine))
	}
	slices.Sort(out)
	return out
}

func TestTwoApplicationsOfOneFramework(t *testing.T) {
	billing := railsApplication("    t.index [\"number\"], name: \"index_orders_on_number\"\n", "customer")
	store := railsApplication("", "shop")
	one, two := run(t, Options{Root: tree(t, billing)}), run(t, Options{Root: tree(t, store)})
	want := append(found(one, "billing/"), found(two, "a_store/")...)
	slices.Sort(want)
	for _, part := range []string{"customer read once per order (billing/", "shop read once per order (a_store/", "orders (number) is searched without an index (a_store/"} {
		if !strings.Contains(strings.Join(want, "\n"), part) {
			t.Fatalf("the applications alone do not show %q:\n%s", part, strings.Join(want, "\n"))
		}
	}
	both := below("billing", billing)
	maps.Copy(both, below("a_store", store))
	if got := found(run(t, Options{Root: tree(t, both)}), ""); !slices.Equal(got, want) {
		t.Errorf("together:\n%s\nalone:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What lies in no application is everybody's: each application finds its own models behind it.
func TestSharedLibraryOfTwoApplications(t *testing.T) {
	library := map[string]string{
		"lib/presenter/presenter.gemspec":                "Gem::Specification.new\n",
		"lib/presenter/Gemfile":                          "gemspec\n",
		"lib/presenter/app/presenters/list_presenter.rb": "class ListPresenter\n  def self.rows(orders)\n    orders.map { |o| o.customer.name }\n  end\nend\n",
	}
	files := maps.Clone(library)
	for _, dir := range []string{"billing", "store"} {
		app := railsApplication("    t.index [\"number\"], name: \"index_orders_on_number\"\n", "number")
		app["app/controllers/lists_controller.rb"] = "class ListsController < ApplicationController\n  def index\n    @rows = ListPresenter.rows(Order.where(open: true).limit(20))\n  end\nend\n"
		app["app/views/orders/index.html.erb"] = "none\n"
		maps.Copy(files, below(dir, app))
	}
	r := run(t, Options{Root: tree(t, files), Only: []string{"db.n1-relation"}})
	places := map[string]bool{}
	for _, f := range r.Report.Findings {
		places[f.Primary.Path] = true
	}
	for _, dir := range []string{"billing", "store"} {
		if p := dir + "/app/controllers/lists_controller.rb"; !places[p] {
			t.Errorf("no finding at %s, but at %v", p, slices.Sorted(maps.Keys(places)))
		}
	}
}
