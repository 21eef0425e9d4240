class PriceCache
  def write(v)
    REDIS.set("price:#{v.id}", v.cents, ex: 3600)
    REDIS.set("last-import", Time.now.to_i)
  end
end
