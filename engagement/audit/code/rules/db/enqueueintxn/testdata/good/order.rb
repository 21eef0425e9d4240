class Order < ApplicationRecord
  after_create_commit :send_receipt
  after_commit :index

  def cancel
    transaction { update!(state: "cancelled") }
    RefundJob.perform_async(id)
    transaction do
      RemindJob.set(wait: 1.hour).perform_later(id)
    end
  end

  def send_receipt
    ReceiptMailer.created(self).deliver_later
  end

  def index
    IndexJob.perform_later(id)
  end
end
