class CatalogCache
  def write(product)
    REDIS.set("product:#{product.id}", product.to_json) # want: cache.no-ttl
  end

  def clear
    REDIS.keys("product:*").each { |key| REDIS.del(key) }
  end
end
