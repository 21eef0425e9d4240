class Product < ApplicationRecord
  belongs_to :category
  has_many :variants, dependent: :destroy
  has_many :reviews, dependent: :destroy

  scope :published, -> { where(published: true) }

  validates :name, :slug, presence: true

  # Reviews keep products.reviews_count, so this never queries.
  def review_badge
    "#{reviews_count} reviews"
  end

  def self.search(term)
    published.where("name ILIKE ?", "%#{sanitize_sql_like(term)}%")
  end

  def self.featured
    published.order("RANDOM()").limit(4)
  end

  def cheapest_price_cents
    variants.map(&:price_cents).min
  end
end
