json.products @products do |product|
  json.id product.id
  json.name product.name
  json.category_id product.category_id
  json.variants product.variants do |variant|
    json.sku variant.sku
    json.price_cents variant.price_cents
    json.in_stock variant.stock_level.quantity.positive?
  end
end
