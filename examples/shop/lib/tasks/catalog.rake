namespace :catalog do
  desc "Write every published product into the cache"
  task warm: :environment do
    cache = CatalogCache.new
    Product.published.find_each { |product| cache.write(product) }
  end

  desc "Recompute the search slugs"
  task slugs: :environment do
    Product.all.each do |product|
      product.update!(slug: product.name.parameterize)
    end
  end
end
