class Coupon < ApplicationRecord
  has_many :orders

  validates :code, presence: true, uniqueness: true

  def usable?
    expires_at.nil? || expires_at.future?
  end
end
