class HealthController < ApplicationController
  def ready
    ActiveRecord::Base.connection.select_value("SELECT 1")
    head :ok
  end

  def live
    head :ok
  end
end
