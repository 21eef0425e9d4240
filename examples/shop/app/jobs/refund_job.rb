class RefundJob < ApplicationJob
  queue_as :default
  retry_on PaymentGateway::Error, attempts: 10

  def perform(payment_id, amount_cents)
    payment = Payment.find(payment_id)
    PaymentGateway.new.refund(payment.gateway_ref, amount_cents)
    payment.increment!(:refunded_cents, amount_cents)
  end
end
