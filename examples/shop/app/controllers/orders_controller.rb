class OrdersController < ApplicationController
  PER_PAGE = 50

  def index
    @orders = Order.open.recent_first.limit(PER_PAGE)
  end

  def show
    @order = Order.includes(:customer, :shipment, line_items: { variant: :product }).find_by!(number: params[:id])
  end

  def create
    cart = Cart.find(session[:cart_id])
    order = Checkout.new(cart, current_customer).place!
    redirect_to order_path(order)
  rescue StockLevel::Insufficient => e
    redirect_to cart_path, alert: e.message
  end
end
