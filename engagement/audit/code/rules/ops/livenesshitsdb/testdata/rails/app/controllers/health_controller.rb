class HealthController < ApplicationController
  def ready
    ActiveRecord::Base.connection.select_value("SELECT 1")
    head :ok
  end

  def live
    ActiveRecord::Base.connection.select_value("SELECT 1") # want: ops.liveness-hits-db
    head :ok
  end
end
