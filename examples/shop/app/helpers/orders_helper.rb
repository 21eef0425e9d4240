module OrdersHelper
  def order_summary(order)
    order.line_items.map { |item| "#{item.quantity} x #{item.variant.sku}" }.join(", ")
  end

  def status_label(order)
    t("orders.status.#{order.status}")
  end
end
