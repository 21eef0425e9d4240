class InvoiceExportJob < ApplicationJob
  queue_as :low

  # Accounting reads yesterday's paid orders. Batches of 1,000 with what the lines need.
  def perform(day)
    from = Date.parse(day)
    Order.between(from, from + 1).where(status: "paid").includes(:customer, line_items: :variant).find_each do |order|
      InvoiceFile.append(order.number, order.customer.email, order.line_items.map { |i| [i.variant.sku, i.total_cents] })
    end
  end
end
