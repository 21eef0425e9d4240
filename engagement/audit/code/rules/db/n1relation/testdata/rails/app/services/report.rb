class Report
  def names
    orders = Order.where(open: true) # want: db.n1-relation
    orders.map { |order| order.customer.name }
  end

  def loaded
    Order.where(open: true).includes(:customer).map { |order| order.customer.name }
  end

  def keys
    Order.where(open: true).map { |order| order.customer_id }
  end

  def few
    Order.where(open: true).limit(3).map { |order| order.customer.name }
  end
end
