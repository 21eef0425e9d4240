class PollJob < ApplicationJob
  def perform
    Job.where(status: "ready").order(:run_at).limit(10).each(&:run) # want: db.missing-index-filter
  end
end
