class CategoriesController < ApplicationController
  def index
    @categories = Category.visible
  end

  def show
    @category = Category.find(params[:id])
    @products = @category.products.published.order(:name).limit(100)
  end
end
