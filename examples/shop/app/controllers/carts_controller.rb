class CartsController < ApplicationController
  def show
    @cart = Cart.includes(cart_items: { variant: :product }).find(session[:cart_id])
    @rates = ShippingRates.new.quote(@cart)
  end

  def update
    cart = Cart.find(session[:cart_id])
    item = cart.cart_items.find_or_initialize_by(variant_id: params[:variant_id])
    item.update!(quantity: params[:quantity])
    redirect_to cart_path
  end
end
