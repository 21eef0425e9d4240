class SettleJob < ApplicationJob
  def perform(payment_id)
    payment = Payment.find(payment_id)
    return if payment.settled?

    PaymentGateway.new.capture(payment.gateway_ref)
  end
end

class KeyJob < ApplicationJob
  def perform(id)
    PaymentGateway.new.charge(id, idempotency_key: "charge-#{id}")
  end
end

class Charger
  def call(id)
    PaymentGateway.new.charge(id)
  end
end
