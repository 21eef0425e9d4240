json.orders @orders do |order|
  json.number order.number
  json.status order.status
  json.total_cents order.total_cents
  json.items order.line_items.size
  json.tracking_number order.shipment&.tracking_number
end
