class ApplicationRecord < ActiveRecord::Base
end

class Customer < ApplicationRecord
  belongs_to :account
end

class Account < ApplicationRecord
end

class Line < ApplicationRecord
  belongs_to :order
end

class Order < ApplicationRecord
  belongs_to :customer
  has_many :lines
end

