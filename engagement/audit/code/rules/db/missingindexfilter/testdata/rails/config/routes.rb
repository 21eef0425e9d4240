Rails.application.routes.draw do
  resources :posts
  resources :users
end
