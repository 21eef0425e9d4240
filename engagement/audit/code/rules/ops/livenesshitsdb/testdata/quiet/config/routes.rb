Rails.application.routes.draw do
  get "/ready", to: "health#ready"
  get "/live", to: "health#live"
end
