class Variant < ApplicationRecord
  belongs_to :product
  has_one :stock_level, dependent: :destroy
  has_many :line_items

  validates :sku, presence: true, uniqueness: true
  validates :price_cents, numericality: { greater_than: 0 }
end
