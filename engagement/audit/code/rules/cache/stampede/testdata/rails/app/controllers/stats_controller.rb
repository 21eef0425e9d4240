class StatsController < ApplicationController
  def index
    @orders = Rails.cache.fetch("orders-by-status", expires_in: 5.minutes) { Order.group(:status).count } # want: cache.stampede
  end
end
