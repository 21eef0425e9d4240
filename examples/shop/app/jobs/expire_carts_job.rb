class ExpireCartsJob < ApplicationJob
  queue_as :low

  def perform
    Cart.stale.find_each do |cart|
      cart.update!(expired: true)
    end
  end
end
