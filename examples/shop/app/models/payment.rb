class Payment < ApplicationRecord
  belongs_to :order

  scope :settled, -> { where(state: "settled") }
end
