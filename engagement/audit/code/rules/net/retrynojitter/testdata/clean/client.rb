class Client
  def call
    request
  rescue Net::ReadTimeout
    tries += 1
    sleep(2**tries)
    retry if tries < 5
  end

  def unique
    create
  rescue ActiveRecord::RecordNotUnique
    retry
  end
end
