class Client
  def call
    tries = 0
    begin
      request
    rescue Net::ReadTimeout, Errno::ECONNRESET
      tries += 1
      retry if tries < 5 # want: net.retry-no-backoff
      raise
    end
  end
end
