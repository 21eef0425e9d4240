module HTTP
  def self.get(url); end
end

HTTP.get("https://a.example")
