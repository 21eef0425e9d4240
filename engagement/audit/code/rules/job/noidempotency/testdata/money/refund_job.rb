class RefundJob < ApplicationJob
  retry_on PaymentGateway::Error, attempts: 10

  def perform(payment_id, amount)
    payment = Payment.find(payment_id)
    PaymentGateway.new.refund(payment.gateway_ref, amount)
    payment.increment!(:refunded_cents, amount)
  end
end
