class StatsController < ApplicationController
  def index
    @orders = Rails.cache.fetch("orders", expires_in: 5.minutes, race_condition_ttl: 10.seconds) { Order.group(:status).count }
    @mine = Rails.cache.fetch("orders/#{params[:id]}", expires_in: 5.minutes) { Order.where(status: params[:id]).count }
    @one = Rails.cache.fetch("first", expires_in: 5.minutes) { Order.find(1) }
    @latest = Rails.cache.fetch("latest", expires_in: 5.minutes) { Order.limit(5).to_a }
  end
end
