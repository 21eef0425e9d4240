class Gateway
  def call(uri)
    http = Net::HTTP.new(uri.host, uri.port) # want: net.client-no-timeout
    http.use_ssl = true
    http.request(Net::HTTP::Get.new(uri))
  end

  def bounded(uri)
    http = Net::HTTP.new(uri.host, uri.port)
    http.read_timeout = 5
    http.request(Net::HTTP::Get.new(uri))
  end

  def block(uri)
    Net::HTTP.start(uri.host, uri.port, use_ssl: true) { |h| h.get(uri) } # want: net.client-no-timeout
    Net::HTTP.start(uri.host, uri.port, read_timeout: 5) { |h| h.get(uri) }
  end

  def wrapped(uri)
    Timeout.timeout(5) { Net::HTTP.get(uri) }
  end

  def connection
    @connection ||= Faraday.new(url: "https://a.example") do |f|
      f.options.timeout = 5
    end
  end

  def slow
    @slow ||= Faraday.new(url: "https://a.example") # want: net.client-no-timeout
  end

  def chained(url)
    HTTP.timeout(5).get(url)
    HTTP.get(url) # want: net.client-no-timeout
  end

  def handed(url, **options)
    HTTParty.get(url, **options)
    HTTParty.get(url, headers: {}) # want: net.client-no-timeout
  end
end

options = {}
options[:url] = ENV["SEARCH_URL"]
SEARCH = OpenSearch::Client.new(**options.compact) # want: net.client-no-timeout

bounded = {}
bounded[:url] = ENV["SEARCH_URL"]
bounded[:request_timeout] = 2
BOUNDED = OpenSearch::Client.new(**bounded.compact)
