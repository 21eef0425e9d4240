Rails.application.routes.draw do
  get "/ready", to: "health#ready"
  get "/live", to: "health#live"
  post "/webhooks/payments", to: "webhooks#create"

  resources :orders, only: %i[index show create]
  resources :categories, only: %i[index show]
  resource :cart, only: %i[show update]
  resources :products, only: %i[index show], param: :slug do
    get :search, on: :collection
    resources :reviews, only: :create
  end

  namespace :admin do
    resources :orders, only: :index do
      post :cancel_all, on: :collection
    end
    get "reports/sales"
    get "reports/monthly"
    get "reports/daily"
  end

  namespace :api do
    namespace :v1 do
      resources :orders, only: :index
      resources :products, only: :index
      resources :customers, only: :index do
        get :changes, on: :collection
      end
    end
  end
end
