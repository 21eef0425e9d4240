class Recent
  def add(id)
    REDIS.lpush("recent", id)
    REDIS.ltrim("recent", 0, 11)
  end

  def all
    REDIS.lrange("recent", 0, -1)
  end

  def one(id)
    REDIS.hgetall("product:#{id}")
  end

  def roles(id)
    REDIS.smembers("user:#{id}:roles")
  end

  def names
    params.keys
  end

  def page
    REDIS.lrange("events", 0, 99)
  end
end
