module Api
  module V1
    class ProductsController < ApplicationController
      def index
        @products = Product.published.includes(:variants).order(:id).limit(200)
      end
    end
  end
end
