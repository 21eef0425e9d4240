class OrderConfirmationJob < ApplicationJob
  queue_as :mail

  def perform(order_id)
    order = Order.find(order_id)
    OrderMailer.confirmation(order).deliver_now
  end
end
