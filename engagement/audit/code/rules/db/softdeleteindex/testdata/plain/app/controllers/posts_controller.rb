class PostsController < ApplicationController
  def index
    @posts = Post.where(author_id: params[:author_id], deleted_at: nil)
  end
end
