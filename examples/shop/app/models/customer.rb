class Customer < ApplicationRecord
  has_many :orders
  has_many :addresses, dependent: :destroy
  has_many :reviews
  has_many :notes, as: :notable

  validates :email, presence: true, uniqueness: { case_sensitive: false }
  validates :name, presence: true

  def first_order?
    orders.where(status: "paid").none?
  end

  def loyal?
    orders.where(status: "paid").count > 0
  end

  def default_address
    addresses.find_by(primary: true)
  end
end
