class Post < ApplicationRecord
  def self.slugs
    Post.where(draft: true).order(:id).map(&:slug) # want: db.load-for-ids
  end

  def self.fine
    Post.where(draft: true).map(&:title)
    Post.where(draft: true).includes(:user).map(&:slug)
    posts = Post.where(draft: true)
    posts.map(&:slug)
    Post.where(draft: true).pluck(:slug)
  end
end
