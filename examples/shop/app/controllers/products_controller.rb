class ProductsController < ApplicationController
  PER_PAGE = 24

  def index
    @products = Product.published.includes(:category).order(published_at: :desc).limit(PER_PAGE)
    @featured = Product.featured
  end

  def show
    @product = Product.published.includes(variants: :stock_level).find_by!(slug: params[:slug])
    RecentlyViewed.new(session.id).add(@product)
    @recent = RecentlyViewed.new(session.id).products
  end

  def search
    @products = Product.search(params[:q]).includes(:category).limit(PER_PAGE)
    render :index
  end
end
