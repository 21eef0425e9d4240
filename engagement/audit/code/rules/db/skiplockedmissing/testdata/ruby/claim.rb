class Claim
  def next_batch(connection)
    connection.select_values("SELECT id FROM deliveries WHERE sent_at IS NULL ORDER BY id LIMIT 20 FOR UPDATE") # want: db.skip-locked-missing
  end

  def next_free(connection)
    connection.select_values("SELECT id FROM deliveries WHERE sent_at IS NULL ORDER BY id LIMIT 20 FOR UPDATE NOWAIT")
  end
end
