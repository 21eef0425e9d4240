class PurgeJob
  def perform(account)
    Event.where("created_at < ?", 90.days.ago).delete_all # want: db.unbatched-mutation
    Visit.where(seen_at: ..1.year.ago).destroy_all # want: db.unbatched-mutation

    Event.where("created_at < ?", 90.days.ago).in_batches(of: 5_000).delete_all
    account.events.where("created_at < ?", 90.days.ago).delete_all
    Event.where(account_id: account.id).where("created_at < ?", 90.days.ago).delete_all
    Event.where("created_at < ?", 90.days.ago).limit(1_000).delete_all
  end
end
