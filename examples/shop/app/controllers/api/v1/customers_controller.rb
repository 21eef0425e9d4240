module Api
  module V1
    class CustomersController < ApplicationController
      def index
        render json: Customer.all
      end

      # Keyset: the cost does not grow with the page.
      def changes
        customers = Customer.where("id > ?", params[:after].to_i).order(:id).limit(500)
        render json: customers.pluck(:id, :email, :updated_at)
      end
    end
  end
end
