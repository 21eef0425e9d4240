class Visit < ApplicationRecord
  belongs_to :page

  def self.count_up(page, day)
    find_or_create_by(page_id: page, day: day)
  end

  def self.source(name, day)
    find_or_create_by(source: name, day: day) # want: db.uniqueness-no-index
  end
end
