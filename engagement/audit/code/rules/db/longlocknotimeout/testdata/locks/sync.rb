class Sync
  def call
    Account.with_advisory_lock("sync") { run } # want: db.long-lock-no-timeout
    Account.with_advisory_lock("sync", timeout_seconds: 0) { run }
  end
end
