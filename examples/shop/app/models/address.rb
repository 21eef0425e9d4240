class Address < ApplicationRecord
  belongs_to :customer

  validates :line1, :city, :postcode, :country, presence: true

  def one_line
    [line1, city, postcode, country].compact.join(", ")
  end
end
