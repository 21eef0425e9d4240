class UsersController < ApplicationController
  def show
    @user = User.find_by(confirmation_token: params[:token]) # want: db.missing-index-filter
  end

  def index
    @user = User.find_by(email: params[:email])
    @admins = User.where(admin: true).to_a
    @role = Role.find_by(name: params[:role])
  end
end
