class Order < ApplicationRecord
  def pay
    transaction do
      update!(paid: true)
      ReceiptMailer.created(self).deliver_now # want: db.io-in-txn
    end
  end
end
