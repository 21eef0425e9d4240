class Dependency < ApplicationRecord
  belongs_to :version

  def self.resolve(name)
    Dependency.where(unresolved_name: name).each do |dependency| # want: db.unbatched-scan
      dependency.resolve!
    end
  end

  def self.of(version)
    Dependency.where(version_id: version.id).each { |d| d.resolve! }
    Dependency.where(kind: "dev").order(:created_at).each { |d| d.resolve! }
    Dependency.where(kind: "dev").limit(20).each { |d| d.resolve! }
    Dependency.where(kind: "dev").find_each { |d| d.resolve! }
    names = []
    Dependency.where(kind: "dev").each { |d| names << d.name }
    names
  end

  def resolve!
    update!(resolved: true)
  end
end
