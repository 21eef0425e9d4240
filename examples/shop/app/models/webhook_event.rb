class WebhookEvent < ApplicationRecord
  validates :event_id, presence: true

  scope :unprocessed, -> { where(processed_at: nil) }
end
