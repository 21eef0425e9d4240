class Client
  def call
    request
  rescue Net::ReadTimeout
    sleep(5) # want: net.retry-no-jitter
    retry if (tries += 1) < 5
  end
end
