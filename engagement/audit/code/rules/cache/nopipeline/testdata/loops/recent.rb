class Recent
  def products(ids)
    ids.map { |id| REDIS.get("product:#{id}") }.compact # want: cache.no-pipeline
  end

  def clear(keys)
    REDIS.pipelined do |pipe|
      keys.each { |k| pipe.del(k) }
    end
  end

  def all(ids)
    REDIS.mget(ids.map { |id| "product:#{id}" })
  end
end
