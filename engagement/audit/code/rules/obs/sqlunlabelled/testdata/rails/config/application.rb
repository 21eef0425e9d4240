module Shop
  class Application < Rails::Application # want: obs.sql-unlabelled
    config.load_defaults 7.1
  end
end
