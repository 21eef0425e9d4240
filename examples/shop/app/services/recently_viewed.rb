class RecentlyViewed
  LIMIT = 12

  def initialize(session_id)
    @key = "viewed:#{session_id}"
  end

  def add(product)
    REDIS.multi do |tx|
      tx.lpush(@key, product.id)
      tx.ltrim(@key, 0, LIMIT - 1)
      tx.expire(@key, 7.days.to_i)
    end
  end

  def products
    ids = REDIS.lrange(@key, 0, LIMIT - 1)
    ids.map { |id| REDIS.get("product:#{id}") }.compact.map { |json| JSON.parse(json) }
  end
end
