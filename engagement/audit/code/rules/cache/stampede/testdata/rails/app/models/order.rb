class Order < ApplicationRecord; end
