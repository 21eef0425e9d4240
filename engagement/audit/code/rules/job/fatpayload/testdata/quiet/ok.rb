class Ok
  def call
    IndexProductJob.perform_later(product, reason: "x")
    cache.write(product.as_json)
  end
end
