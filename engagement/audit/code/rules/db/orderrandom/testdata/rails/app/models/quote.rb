class Quote < ApplicationRecord
  def self.pick
    order(Arel.sql("RANDOM()")).first # want: db.order-random
  end

  def self.newest
    order(id: :desc).first
  end
end
