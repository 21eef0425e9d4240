# Turns a cart into a paid order.
class Checkout
  def initialize(cart, customer)
    @cart = cart
    @customer = customer
  end

  def place!
    Order.transaction do
      order = create_order
      copy_items(order)
      reserve_stock(order)
      charge = PaymentGateway.new.charge(order.number, order.total_cents)
      order.payments.create!(gateway_ref: charge.fetch("id"), state: "pending", amount_cents: order.total_cents)
      OrderConfirmationJob.perform_later(order.id)
      order
    end
  end

  private

  def create_order
    @customer.orders.create!(number: SecureRandom.alphanumeric(10), status: "pending", placed_at: Time.current,
                             total_cents: total_cents)
  end

  def items
    @items ||= @cart.cart_items.includes(:variant).to_a
  end

  def total_cents
    items.sum { |item| item.variant.price_cents * item.quantity }
  end

  # One INSERT for all lines.
  def copy_items(order)
    rows = items.map do |item|
      { order_id: order.id, variant_id: item.variant_id, quantity: item.quantity, unit_price_cents: item.variant.price_cents }
    end
    LineItem.insert_all!(rows)
  end

  # Locked in the order of the ids, so that two checkouts cannot deadlock.
  def reserve_stock(order)
    levels = StockLevel.where(variant_id: items.map(&:variant_id)).order(:id).lock.index_by(&:variant_id)
    items.each { |item| raise StockLevel::Insufficient, item.variant.sku if levels[item.variant_id].quantity < item.quantity }
    quantities = items.to_h { |item| [item.variant_id, item.quantity] }
    StockLevel.upsert_all(
      levels.values.map { |l| { id: l.id, variant_id: l.variant_id, quantity: l.quantity - quantities[l.variant_id] } }
    )
  end
end
