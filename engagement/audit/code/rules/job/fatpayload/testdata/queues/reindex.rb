class Reindex
  def call
    Product.find_each { |product| IndexProductJob.perform_later(product.as_json) } # want: job.fat-payload
    IndexProductJob.perform_later(product.id)
  end
end
