class Order < ApplicationRecord
  after_create { ReceiptJob.perform_later(id) }
end
