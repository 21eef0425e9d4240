# Rendered products, read by the storefront.
class CatalogCache
  def write(product)
    REDIS.set("product:#{product.id}", product.to_json)
  end

  def read(id)
    REDIS.get("product:#{id}")
  end

  def clear
    REDIS.keys("product:*").each { |key| REDIS.del(key) }
  end
end
