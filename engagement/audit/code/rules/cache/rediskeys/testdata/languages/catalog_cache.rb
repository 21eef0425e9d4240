class CatalogCache
  def clear
    REDIS.keys("product:*").each { |key| REDIS.del(key) } # want: cache.redis-keys
  end

  def pending
    Sidekiq.redis { |conn| conn.lrange("queue:default", 0, -1) } # want: cache.redis-keys
  end
end
