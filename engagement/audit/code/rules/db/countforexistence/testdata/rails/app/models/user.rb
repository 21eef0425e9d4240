class User < ApplicationRecord
  has_many :stories

  def author?
    stories.where(hidden: false).count > 0 # want: db.count-for-existence
  end

  def idle?
    Story.where(user_id: id).count.zero? # want: db.count-for-existence
  end

  def busy?
    Story.where(user_id: id).count > 10
  end

  def total
    n = Story.where(user_id: id).count
    puts n
    n > 0
  end
end
