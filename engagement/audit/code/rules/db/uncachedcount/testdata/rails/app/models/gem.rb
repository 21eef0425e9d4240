class Version < ApplicationRecord
  belongs_to :gem_record

  def self.total_count
    count_by_sql "SELECT COUNT(*) from (SELECT DISTINCT gem_id FROM versions WHERE indexed = true) AS v" # want: db.uncached-count
  end

  def self.cached_count
    Rails.cache.fetch("versions/count", expires_in: 6.hours) do
      count_by_sql "SELECT COUNT(*) from (SELECT DISTINCT gem_id FROM versions) AS v"
    end
  end
end
