class ReviewsController < ApplicationController
  def create
    product = Product.find(params[:product_id])
    if product.reviews.where(customer_id: current_customer.id).first
      redirect_to product_path(product.slug), alert: "You have reviewed this already."
      return
    end

    product.reviews.create!(review_params.merge(customer: current_customer))
    redirect_to product_path(product.slug)
  end

  private

  def review_params
    params.require(:review).permit(:rating, :body)
  end
end
