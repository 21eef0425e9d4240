class Order < ApplicationRecord
  after_create :send_receipt
  after_save { IndexJob.perform_later(id) } # want: db.enqueue-in-txn

  def cancel
    transaction do
      update!(state: "cancelled")
      RefundJob.perform_async(id) # want: db.enqueue-in-txn
    end
  end

  private

  def send_receipt
    ReceiptMailer.with(order: self).created.deliver_later # want: db.enqueue-in-txn
  end
end
