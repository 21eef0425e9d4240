package rails_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/rails"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
)

// What a scope returns is the base of a query at each of its calls, not at the first alone.
func TestScopeUsedTwice(t *testing.T) {
	p := load.FromFiles(map[string]string{"app/models/product.rb": `class Product < ApplicationRecord
  scope :published, -> { where(published: true) }

  def self.featured
    published.order(:rank).limit(4)
  end

  def self.search(term)
    published.where("name ILIKE ?", "%#{term}%")
  end
end
`})
	limited, searched := false, false
	for _, q := range flow.Analyze(t.Context(), p, []flow.Framework{rails.New()}).Queries {
		limited = limited || q.Limit == 4 && len(q.Orders) == 1
		searched = searched || len(q.Filters) == 2 && q.Filters[1].Column == "name"
	}
	if !limited || !searched {
		t.Errorf("the query of featured was found: %v, that of search: %v; want both", limited, searched)
	}
}
