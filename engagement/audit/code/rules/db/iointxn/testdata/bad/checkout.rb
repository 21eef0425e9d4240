LABELS = Faraday.new(url: "https://labels.example.com")
CACHE = Concurrent::Map.new

class Gateway
  def charge(order)
    Net::HTTP.post(URI("https://pay.example.com"), order.to_json)
  end
end

class Checkout
  def place(order)
    Order.transaction do
      order.save!
      Gateway.new.charge(order) # want: db.io-in-txn
      LABELS.post("/labels", order.to_json) # want: db.io-in-txn
      CACHE.get(order.id)
    end
  end
end
