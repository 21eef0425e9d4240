class PurgeWebhookEventsJob < ApplicationJob
  queue_as :low

  def perform
    WebhookEvent.where("processed_at < ?", 90.days.ago).in_batches(of: 5_000, &:delete_all)
  end
end
