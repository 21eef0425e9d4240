class WebhooksController < ApplicationController
  skip_before_action :verify_authenticity_token

  # The gateway sends an event again until it gets a 2xx; the unique index on event_id makes a second
  # delivery a no-op.
  def create
    WebhookEvent.insert({ event_id: params.require(:id), payload: request.raw_post }, unique_by: :event_id)
    SettlePaymentJob.perform_later(params.require(:id))
    head :ok
  end
end
