module Admin
  class OrdersController < ApplicationController
    PER_PAGE = 100

    def index
      scope = Order.includes(:customer).recent_first
      scope = scope.where(status: params[:status]) if params[:status].present?
      @orders = scope.limit(PER_PAGE).offset((page - 1) * PER_PAGE)
      @total = scope.count
    end

    def cancel_all
      ids = Order.where(status: "pending").where("placed_at < ?", 7.days.ago).map(&:id)
      Order.where(id: ids).in_batches(of: 1_000).update_all(status: "cancelled")
      redirect_to admin_orders_path
    end
  end
end
