class ApplicationController < ActionController::Base
  helper_method :current_customer

  private

  def current_customer
    @current_customer ||= Customer.find_by(id: session[:customer_id])
  end

  def page
    [params[:page].to_i, 1].max
  end
end
