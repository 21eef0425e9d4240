require "net/http"

class WarehouseClient
  def levels
    http = Net::HTTP.new("warehouse.example.com", 443)
    http.use_ssl = true
    http.open_timeout = 2
    http.read_timeout = 10
    JSON.parse(http.get("/levels").body)
  end
end
