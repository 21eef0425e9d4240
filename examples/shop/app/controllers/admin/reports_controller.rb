module Admin
  class ReportsController < ApplicationController
    def sales
      @orders = Order.where(status: "paid").to_a
      @revenue_cents = @orders.sum(&:total_cents)
    end

    # One grouped statement for the whole year.
    def monthly
      @months = Order.between(1.year.ago, Time.current).group("date_trunc('month', placed_at)").sum(:total_cents)
    end

    def daily
      @orders = Order.on_day(Date.parse(params[:date])).limit(500)
    end
  end
end
