# Card payments.
PAYMENTS = Faraday.new(
  url: ENV.fetch("PAYMENTS_URL", "https://payments.example.com"),
  headers: { "Content-Type" => "application/json", "Authorization" => "Bearer #{ENV['PAYMENTS_KEY']}" }
)

# Product search.
SEARCH = Faraday.new(
  url: ENV.fetch("SEARCH_URL", "http://search:9200"),
  headers: { "Content-Type" => "application/json" },
  request: { open_timeout: 1, timeout: 3 }
)
