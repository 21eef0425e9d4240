class Report
  def close
    Order.where(open: true).each do |order|
      order.update!(open: false) # want: db.row-write-loop
    end
  end

  def close_all
    Order.where(open: true).update_all(open: false)
  end

  def close_one(id)
    Order.find(id).update!(open: false)
  end
end
