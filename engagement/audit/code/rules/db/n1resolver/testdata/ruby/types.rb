class ApplicationRecord < ActiveRecord::Base
end

class User < ApplicationRecord
end

class Comment < ApplicationRecord
  belongs_to :post
end

module Types
  class PostType < Types::BaseObject
    field :comments, [CommentType]
    field :author, UserType
    field :editor, UserType

    def comments
      Comment.where(post_id: object.id).to_a # want: db.n1-resolver
    end

    def author
      dataloader.with(Sources::Record, User).load(object.author_id)
    end

    # No field: a helper.
    def spam
      Comment.where(spam: true).to_a
    end
  end

  class QueryType < Types::BaseObject
    field :users, [UserType]

    def users
      User.where(active: true).to_a
    end
  end
end
