class Tag < ApplicationRecord
  def self.named(name)
    Tag.find_or_create_by(name: name) # want: db.race-check-then-act
  end

  def self.slugged(slug)
    Tag.find_or_create_by(slug: slug)
  end
end
