class StatsController < ApplicationController
  def index
    @gems = Version.total_count
    @cached = Version.cached_count
    @all = Version.count # want: db.uncached-count
    @mine = Version.where(owner_id: params[:id]).count
  end

  def destroy
    @left = Version.count # not what each visitor waits for
  end
end
