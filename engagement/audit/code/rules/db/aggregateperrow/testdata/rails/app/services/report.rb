class Report
  def counts
    Order.where(open: true).map { |order| order.lines.count } # want: db.aggregate-per-row
  end

  def sizes
    Order.where(open: true).includes(:lines).map { |order| order.lines.size }
  end

  def total
    Order.where(open: true).count
  end
end
