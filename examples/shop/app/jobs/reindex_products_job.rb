class ReindexProductsJob < ApplicationJob
  queue_as :low

  def perform
    Product.published.each do |product|
      IndexProductJob.perform_later(product.as_json)
    end
  end
end
