module Api
  module V1
    class OrdersController < ApplicationController
      def index
        @orders = Order.includes(:line_items).recent_first.limit(100)
      end
    end
  end
end
