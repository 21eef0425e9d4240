class Report
  def names
    Order.where(open: true).map do |order|
      Customer.find_by(email: order.email) # want: db.n1-query-in-loop
    end
  end

  def once(emails)
    found = Customer.where(email: emails).index_by(&:email)
    emails.map { |email| found[email] }
  end
end
