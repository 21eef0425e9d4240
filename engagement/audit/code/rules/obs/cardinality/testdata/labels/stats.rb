class Orders
  def create(user)
    StatsD.increment("orders", tags: ["user_id:#{user.id}"]) # want: obs.cardinality
    StatsD.increment("orders", tags: ["plan:#{user.plan}"])
  end
end
