class Order < ApplicationRecord
  STATUSES = %w[pending paid shipped cancelled].freeze

  belongs_to :customer
  belongs_to :coupon, optional: true
  has_many :line_items, dependent: :destroy
  has_one :shipment
  has_many :payments
  has_many :notes, as: :notable

  validates :status, inclusion: { in: STATUSES }

  scope :recent_first, -> { order(placed_at: :desc) }
  scope :open, -> { where(status: %w[pending paid]) }

  def self.on_day(date)
    where("DATE(placed_at) = ?", date)
  end

  def self.between(from, till)
    where(placed_at: from...till)
  end

  def to_param
    number
  end

  def item_count
    line_items.sum(:quantity)
  end
end
