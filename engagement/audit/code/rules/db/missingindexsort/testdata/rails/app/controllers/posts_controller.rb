class PostsController < ApplicationController
  def index
    @top = Post.order(views: :desc).limit(10).to_a # want: db.missing-index-sort
    @latest = Post.order(created_at: :desc).limit(20).to_a
    @all = Post.order(:title).to_a
  end

  def show
    @user = User.find(params[:id])
    @posts = @user.posts.order(published_at: :desc).limit(20).to_a # want: db.missing-index-sort
    @mine = Post.where(user_id: params[:id], title: params[:title]).first
  end
end
