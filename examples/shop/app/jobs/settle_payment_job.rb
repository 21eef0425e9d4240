class SettlePaymentJob < ApplicationJob
  queue_as :default

  # Runs at least once. The row lock and the state make a second run harmless.
  def perform(event_id)
    event = WebhookEvent.find_by!(event_id: event_id)
    event.with_lock do
      return if event.processed_at

      payment = Payment.find_by!(gateway_ref: event.payload["charge"])
      payment.update!(state: "settled")
      event.update!(processed_at: Time.current)
    end
  end
end
