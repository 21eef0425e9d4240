class Category < ApplicationRecord
  has_many :products

  scope :visible, -> { where(hidden: false).order(:position) }

  validates :name, presence: true
end
