class PaymentGateway
  class Error < StandardError; end

  ATTEMPTS = 3

  def charge(reference, amount_cents)
    attempts = 0
    begin
      response = PAYMENTS.post("/v1/charges", { reference: reference, amount: amount_cents }.to_json)
      raise Error, response.body unless response.success?

      JSON.parse(response.body)
    rescue Faraday::Error, Error
      attempts += 1
      retry if attempts < ATTEMPTS
      raise
    end
  end

  def refund(gateway_ref, amount_cents)
    response = PAYMENTS.post("/v1/refunds", { charge: gateway_ref, amount: amount_cents }.to_json)
    raise Error, response.body unless response.success?
  end
end
