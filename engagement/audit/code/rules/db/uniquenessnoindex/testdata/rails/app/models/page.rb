class Page < ApplicationRecord
  belongs_to :account
  has_many :visits
  validates :slug, presence: true, uniqueness: { scope: :account } # want: db.uniqueness-no-index
  validates :code, uniqueness: { case_sensitive: false }
  validates :title, uniqueness: true, if: :published?
  validates_uniqueness_of :token # want: db.uniqueness-no-index
end
