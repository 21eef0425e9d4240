class User < ApplicationRecord
  has_many :stories
end
