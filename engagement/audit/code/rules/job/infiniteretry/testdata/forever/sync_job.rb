class SyncJob < ApplicationJob
  retry_on Net::ReadTimeout, wait: 5, attempts: :unlimited # want: job.infinite-retry
  retry_on ActiveRecord::Deadlocked, attempts: 5
end
