class Review < ApplicationRecord
  belongs_to :product, counter_cache: true
  belongs_to :customer

  validates :rating, inclusion: { in: 1..5 }
end
