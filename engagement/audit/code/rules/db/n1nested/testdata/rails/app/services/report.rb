class Report
  def names
    orders = Order.where(open: true).includes(:customer) # want: db.n1-nested
    orders.map { |order| order.customer.account.name }
  end

  def loaded
    Order.where(open: true).includes(customer: :account).map { |order| order.customer.account.name }
  end
end
