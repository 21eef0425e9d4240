class Post < ApplicationRecord
  has_many :comments
end

class Comment < ApplicationRecord
  belongs_to :post

  def self.drafts
    where(post_id: Post.where(draft: true).pluck(:id)) # want: db.in-unbounded
  end

  def self.owned
    where.not(post_id: Post.where(draft: true).ids) # want: db.in-unbounded
  end

  def self.fine
    where(post_id: Post.where(draft: true).select(:id))
      .where(post_id: Post.limit(10).pluck(:id))
  end
end
