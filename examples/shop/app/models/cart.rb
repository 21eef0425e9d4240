class Cart < ApplicationRecord
  belongs_to :customer, optional: true
  has_many :cart_items, dependent: :destroy

  scope :stale, -> { where("updated_at < ?", 30.days.ago) }
end
