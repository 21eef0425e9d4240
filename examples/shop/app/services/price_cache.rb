class PriceCache
  # Prices change at most hourly.
  def write(variant)
    REDIS.set("price:#{variant.id}", variant.price_cents, ex: 3600)
  end

  def read_all(ids)
    ids.zip(REDIS.mget(ids.map { |id| "price:#{id}" })).to_h
  end
end
