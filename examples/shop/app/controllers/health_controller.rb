class HealthController < ApplicationController
  # Readiness: a pod without its database must not get traffic.
  def ready
    ActiveRecord::Base.connection.select_value("SELECT 1")
    head :ok
  end

  # Liveness.
  def live
    ActiveRecord::Base.connection.select_value("SELECT 1")
    REDIS.ping
    head :ok
  end
end
